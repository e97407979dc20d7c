import { setImmediate } from 'node:timers/promises'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { installCache } from '../../support/cache.ts'
import { collect } from '../../support/client.ts'
import { controlsOf, setUp } from './setup.ts'

const model = 'gpt-5.1'
const messages = [{ role: 'user' as const, content: 'Say something.' }]

function clientOf(origin: string): OpenAI {
  return new OpenAI({ apiKey: 'sk-one', baseURL: `${origin}/v1`, maxRetries: 0 })
}

test('every directive of a scope reaches calls of an SDK that know nothing of it', async () => {
  const { provider, cache } = await setUp({ policy: 'opt-in' })
  const client = clientOf(provider.origin)
  const ask = (): Promise<{ id: string }> => client.chat.completions.create({ model, messages })
  const directives = { mode: 'on', ttl: 60, namespace: 'nightly', tags: ['a', 'b'], variant: 1 } as const
  const first = await cache.with(directives, ask)
  expect(await cache.with(directives, ask)).toEqual(first)
  const [entry] = cache.entries()
  expect(entry).toMatchObject({ namespace: 'nightly', tags: ['a', 'b'] })
  expect(((entry?.expiresAt ?? 0) - (entry?.storedAt ?? 0)) / 1000).toBe(60)
  await ask()
  expect(cache.stats()).toMatchObject({ misses: 1, hits: 1, bypasses: { policy: 1 } })
  expect(provider.calls.flatMap(controlsOf)).toEqual([])
})

test.for([
  ['bypass', { bypasses: { scope: 1 }, hits: 0 }],
  ['refresh', { refreshes: 1, stores: 2 }],
  ['read-only', { hits: 1 }],
  ['only', { hits: 1 }],
] as const)('mode %s holds for a call that is known already', async ([mode, stats]) => {
  const { provider, cache } = await setUp()
  const client = new Anthropic({ apiKey: 'sk-one', baseURL: provider.origin, maxRetries: 0 })
  const ask = (): Promise<unknown> => client.messages.create({ model: 'claude-opus-5', max_tokens: 9, messages })
  await ask()
  await cache.with({ mode }, ask)
  expect(cache.stats()).toMatchObject(stats)
})

test('a miss under mode only reaches the SDK as one 504, which it does not retry', async () => {
  const { provider, cache } = await setUp()
  const clients = { apiKey: 'sk-one', maxRetries: 2 }
  const openai = new OpenAI({ ...clients, baseURL: `${provider.origin}/v1` })
  const anthropic = new Anthropic({ ...clients, baseURL: provider.origin })
  const failed = await cache.with({ mode: 'only' }, () =>
    Promise.allSettled([
      openai.chat.completions.create({ model, messages, stream: true }),
      anthropic.messages.create({ model: 'claude-opus-5', max_tokens: 9, messages }),
    ]),
  )
  for (const one of failed) expect(one).toMatchObject({ status: 'rejected', reason: { status: 504 } })
  expect(cache.stats().misses).toBe(2)
  expect(provider.calls).toHaveLength(0)
})

test('a stream that is read after the scope was left was steered by it', async () => {
  const { provider, cache } = await setUp()
  const client = clientOf(provider.origin)
  const ask = (): Promise<AsyncIterable<object>> => client.chat.completions.create({ model, messages, stream: true })
  const first = await collect(await cache.with({ namespace: 'n' }, ask))
  const second = await cache.with({ namespace: 'n' }, ask)
  await setImmediate()
  expect(await collect(second)).toEqual(first)
  expect([...cache.entries()].map(({ namespace }) => namespace)).toEqual(['n'])
  expect(provider.calls).toHaveLength(1)
})

test('parallel scopes do not see each other, nor do calls outside', async () => {
  const { provider, cache } = await setUp()
  const client = clientOf(provider.origin)
  const ask = async (): Promise<string> => {
    await setImmediate()
    return (await client.chat.completions.create({ model, messages })).id
  }
  const names = ['a', 'b', 'c', 'd']
  const inside = names.map((namespace) => cache.with({ namespace }, ask))
  const ids = await Promise.all([...inside, ask()])
  expect(new Set(ids).size).toBe(5)
  expect([...cache.entries()].map(({ namespace }) => namespace).toSorted()).toEqual(['', ...names])
  const again = await Promise.all(names.map((namespace) => cache.with({ namespace }, ask)))
  expect(again).toEqual(ids.slice(0, 4))
})

test('scopes nest: the inner one wins member by member, and ends with its function', async () => {
  const { ask, cache } = await setUp()
  await cache.with({ namespace: 'outer', tags: ['outer'], ttl: 60 }, async () => {
    await cache.with({ namespace: 'inner', ttl: undefined }, () => ask())
    await ask()
  })
  await ask()
  const seen = [...cache.entries()].map(({ namespace, tags, storedAt, expiresAt }) => {
    return { namespace, tags, ttl: (expiresAt - storedAt) / 1000 }
  })
  expect(seen.toSorted((a, b) => a.ttl - b.ttl || a.namespace.localeCompare(b.namespace))).toEqual([
    { namespace: 'inner', tags: ['outer'], ttl: 60 },
    { namespace: 'outer', tags: ['outer'], ttl: 60 },
    { namespace: '', tags: [], ttl: 3600 },
  ])
})

test('a time to live of 0 is a bypass, unless a header names another', async () => {
  const { ask, cache } = await setUp()
  const scoped = await cache.with({ ttl: 0 }, () => ask())
  expect(scoped.told).toBe('undici-llm-cache; fwd=bypass; detail=ttl-0')
  expect((await cache.with({ ttl: 0 }, () => ask({ headers: { 'x-llm-cache-ttl': '60' } }))).cache).toBe('MISS')
})

test('a header of the call is nearer than its scope', async () => {
  const { ask, cache } = await setUp()
  await ask()
  const asked = { headers: { 'x-llm-cache': 'on' } }
  expect((await cache.with({ mode: 'bypass' }, () => ask(asked))).cache).toBe('HIT')
})

test('a scope of one cache says nothing to another', async () => {
  const { ask, cache } = await setUp()
  const other = installCache()
  expect((await other.with({ mode: 'bypass' }, () => ask())).cache).toBe('MISS')
  expect(cache.stats().entries).toBe(1)
})

test('what the function gives or throws comes out as it is', async () => {
  const { cache } = await setUp()
  expect(cache.with({}, () => 7)).toBe(7)
  const error = new Error('mine')
  expect(() =>
    cache.with({}, () => {
      throw error
    }),
  ).toThrow(error)
})

test('a scope without a function is a TypeError that says so', async () => {
  const { cache } = await setUp()
  const wrong = (): unknown => Reflect.apply(cache.with, cache, [{ ttl: 5 }])
  expect(wrong).toThrow(new TypeError('fn must be a function, not undefined'))
})

test.for([
  [{ mode: 'off' }, /directives\.mode must be 'on' or/],
  [{ ttl: -1 }, /directives\.ttl must be an integer/],
  [{ ttl: 1.5 }, /directives\.ttl/],
  [{ namespace: '' }, /directives\.namespace must be a string/],
  [{ tags: 'a' }, /directives\.tags must be an array/],
  [{ variant: -1 }, /directives\.variant/],
  [{ samples: 0 }, /directives\.samples/],
  [{ namspace: 'n' }, /directives\.namspace does not exist; the nearest name is namespace/],
] as const)('a wrong directive %j is a TypeError before the function runs', async ([directives, message]) => {
  const { cache } = await setUp()
  let ran = false
  // What plain JavaScript could pass.
  const wrong = directives as object
  expect(() => cache.with(wrong, () => void (ran = true))).toThrow(message)
  expect(() => cache.with(wrong, () => void (ran = true))).toThrow(TypeError)
  expect(ran).toBe(false)
})
