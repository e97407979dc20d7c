import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { setUp } from './setup.ts'

const messages = [{ role: 'user' as const, content: 'Say something.' }]
const RETRY = { 'x-stainless-retry-count': '1' }
/** Failures that SDKs retry, at once. */
const failing = (status: number): object => ({ status, headers: { 'retry-after-ms': '1' } })

interface Sdk {
  readonly name: string
  ask(origin: string, options?: { timeout?: number; maxRetries?: number }): Promise<{ id: string }>
}

const SDKS: readonly Sdk[] = [
  {
    name: 'the openai SDK',
    ask: (origin, options) =>
      new OpenAI({ apiKey: 'sk-one', baseURL: `${origin}/v1`, ...options }).chat.completions.create({
        model: 'gpt-5.1',
        messages,
      }),
  },
  {
    name: 'the Anthropic SDK',
    ask: (origin, options) =>
      new Anthropic({ apiKey: 'sk-one', baseURL: origin, ...options }).messages.create({
        model: 'claude-opus-5',
        max_tokens: 9,
        messages,
      }),
  },
]

describe.for(SDKS)('$name', ({ ask }) => {
  test.for([429, 500, 529])('gets past a %i by its retry, whose answer is stored', async (status) => {
    const { provider, cache } = await setUp()
    provider.script(failing(status))
    const first = await ask(provider.origin, { maxRetries: 1 })
    expect(provider.calls.map(({ headers }) => headers['x-stainless-retry-count'])).toEqual(['0', '1'])
    expect(await ask(provider.origin)).toEqual(first)
    expect(cache.stats()).toMatchObject({ misses: 2, refreshes: 0, hits: 1, stores: 1, refusals: { status: 1 } })
  })

  test('shares what was stored meanwhile when it retries a failure', async () => {
    const { provider, cache } = await setUp()
    const gate = Promise.withResolvers<void>()
    provider.script({ first: gate.promise, ...failing(429) })
    const retried = ask(provider.origin, { maxRetries: 1 })
    await expect.poll(() => provider.calls.length).toBe(1)
    const stored = await cache.with({ mode: 'refresh' }, () => ask(provider.origin))
    gate.resolve()
    expect(await retried).toEqual(stored)
    expect(provider.calls).toHaveLength(2)
  })

  test('after its own timeout asks again: it is not sent back into the call that was too slow', async () => {
    const { provider, cache } = await setUp()
    const gate = Promise.withResolvers<void>()
    provider.script({ first: gate.promise })
    const patient = ask(provider.origin)
    await expect.poll(() => provider.calls.length).toBe(1)
    const impatient = await ask(provider.origin, { timeout: 300, maxRetries: 1 })
    expect(provider.calls).toHaveLength(2)
    gate.resolve()
    expect((await patient).id).not.toBe(impatient.id)
    expect(cache.stats()).toMatchObject({ coalesced: 1, misses: 2, refreshes: 0 })
  })
})

describe('a retry that no failure explains', () => {
  test('never gets the answer that made it retry, and stores the new one', async () => {
    const { ask, cache } = await setUp()
    const bad = await ask()
    expect((await ask()).cache).toBe('HIT')
    const fresh = await ask({ headers: RETRY })
    expect([fresh.cache, fresh.key, fresh.text === bad.text]).toEqual(['REFRESH', bad.key, false])
    expect(fresh.told).toBe(`undici-llm-cache; fwd=request; detail=retry; key="${bad.key}"`)
    expect((await ask()).text).toBe(fresh.text)
    expect(cache.stats()).toMatchObject({ misses: 1, hits: 2, refreshes: 1, stores: 2 })
  })

  test('of a second retry gets a third answer', async () => {
    const { ask } = await setUp()
    const texts = [
      await ask(),
      await ask({ headers: RETRY }),
      await ask({ headers: { 'x-stainless-retry-count': '2' } }),
    ]
    expect(new Set(texts.map(({ text }) => text)).size).toBe(3)
  })

  test('says of itself nothing in the key', async () => {
    const { ask } = await setUp()
    expect((await ask({ headers: RETRY })).key).toBe((await ask()).key)
  })

  test.for(['0', '', 'x', '-1'])('is none with a count of %j', async (count) => {
    const { ask } = await setUp()
    await ask()
    expect((await ask({ headers: { 'x-stainless-retry-count': count } })).cache).toBe('HIT')
  })

  test('is let be by the option retryAware: false, or by a scope', async () => {
    const off = await setUp({ retryAware: false })
    await off.ask()
    expect((await off.ask({ headers: RETRY })).cache).toBe('HIT')
    const on = await setUp()
    await on.ask()
    expect((await on.cache.with({ retryAware: false }, () => on.ask({ headers: RETRY }))).cache).toBe('HIT')
  })

  test('under mode only is answered from the cache', async () => {
    const { ask } = await setUp()
    await ask()
    expect((await ask({ headers: { ...RETRY, 'x-llm-cache': 'only' } })).cache).toBe('HIT')
  })
})
