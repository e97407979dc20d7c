import { Agent, request } from 'undici'
import { describe, expect, test } from 'vitest'
import type { Behaviour } from '../../support/behaviour.ts'
import { installCache, openCache } from '../../support/cache.ts'
import { chat, post, statusOf } from '../../support/calls.ts'
import { vector } from '../../support/shapes/openai-other.ts'
import { startProvider } from '../../support/start-provider.ts'
import { asked, detailOf, embed, vectorsOf } from './embed.ts'

const usage = { prompt_tokens: 1, total_tokens: 1 }
const item = { object: 'embedding', index: 0, embedding: vector('c') }
const good = { object: 'list', data: [item], model: 'm', usage }

/** Answers of 200 to a call for one text that must not be put together with others. */
const DOUBTS: Readonly<Record<string, unknown>> = {
  'an unknown member': { ...good, truncated: true },
  'an unknown member of a vector': { ...good, data: [{ ...item, tokens: 3 }] },
  'a vector too many': { ...good, data: [item, { ...item, index: 1 }] },
  'a vector too few': { ...good, data: [] },
  'an index that does not fit': { ...good, data: [{ ...item, index: 1 }] },
  'no index': { ...good, data: [{ object: 'embedding', embedding: vector('c') }] },
  'an empty vector': { ...good, data: [{ ...item, embedding: [] }] },
  'a vector of another length': { ...good, data: [{ ...item, embedding: [0.5] }] },
  'a vector of another encoding': { ...good, data: [{ ...item, embedding: 'AAAA' }] },
  'a vector that has no numbers': { ...good, data: [{ ...item, embedding: [null, 'x'] }] },
  'several vectors for a text': { ...good, data: [{ object: 'embedding', index: 0, embeddings: [[1], [2]] }] },
  'another model': { ...good, model: 'm-2' },
  'another provider behind a gateway': { ...good, provider: 'Elsewhere' },
  'no usage, where there was one': { object: 'list', data: [item], model: 'm' },
  'usage of another kind': { ...good, usage: { total_tokens: 1 } },
  'usage with parts': { ...good, usage: { ...usage, prompt_tokens_details: { cached_tokens: 1 } } },
  'an error': { error: { message: 'The server had an error' } },
  'an error beside vectors': { ...good, error: { message: 'The server had an error' } },
  'no object': [good],
}

describe("the caller's own call is made after all where the answer has", () => {
  test.for(Object.keys(DOUBTS))('%s', async (name) => {
    const provider = await startProvider()
    installCache({ hosts: [provider.origin] })
    await embed(provider, ['a', 'b'])
    provider.script({ events: [JSON.stringify(DOUBTS[name])] })
    const response = await embed(provider, ['b', 'c'])
    expect([statusOf(response), detailOf(response)]).toEqual(['MISS', undefined])
    expect(await vectorsOf(response)).toEqual([vector('b'), vector('c')])
    expect(asked(provider)).toEqual([['a', 'b'], ['c'], ['b', 'c']])
    expect(statusOf(await embed(provider, ['c', 'a']))).toBe('HIT')
  })

  test('no JSON', async () => {
    const provider = await startProvider()
    installCache({ hosts: [provider.origin] })
    await embed(provider, ['a', 'b'])
    provider.script({ events: ['<html>'] })
    expect(await vectorsOf(await embed(provider, ['b', 'c']))).toEqual([vector('b'), vector('c')])
    expect(provider.calls).toHaveLength(3)
  })
})

test('the answer that doubts come from is put together where there are none', async () => {
  const provider = await startProvider()
  installCache({ hosts: [provider.origin] })
  await embed(provider, ['a', 'b'])
  provider.script({ events: [JSON.stringify(good)] })
  expect(await vectorsOf(await embed(provider, ['b', 'c']))).toEqual([vector('b'), vector('c')])
  expect(provider.calls).toHaveLength(2)
})

describe('a batch is asked for whole where', () => {
  const BODIES: Readonly<Record<string, readonly [input: unknown, fields?: object, headers?: object]>> = {
    'its texts may depend on each other (late_chunking)': [['a', 'b'], { late_chunking: true }],
    'a member is not known': [['a', 'b'], { whatever: 1 }],
    'there are several models': [['a', 'b'], { model: ['m', 'n'] }],
    'texts stand beside tokens': [['a', [1]]],
    'texts stand beside images': [['a', { image: 'https://example.com/a.png' }]],
    'a token array is empty': [[[1], []]],
    'a header is bound to the body': [['a', 'b'], {}, { 'idempotency-key': 'one' }],
  }

  test.for(Object.keys(BODIES))('%s', async (name) => {
    const provider = await startProvider()
    installCache({ hosts: [provider.origin] })
    const [input, fields = {}, headers = {}] = BODIES[name] ?? []
    const list = Array.isArray(input) ? input : []
    const call = (one: unknown): Promise<Response> => embed(provider, one, headers, fields)
    await call(list.slice(0, 1))
    const response = await call(list)
    expect([statusOf(response), detailOf(response)]).toEqual(['MISS', undefined])
    expect(asked(provider)).toEqual([list.slice(0, 1), list])
  })
})

describe('a whole answer is kept whole where it has', () => {
  const answer = (...data: object[]): string => JSON.stringify({ ...good, data })
  const ANSWERS = {
    'an index twice': answer(item, item),
    'vectors of several lengths': answer(item, { ...item, index: 1, embedding: [1] }),
    'an unknown member': JSON.stringify({ ...good, data: [item, { ...item, index: 1 }], truncated: 1 }),
  }

  test.for(Object.entries(ANSWERS))('%s', async ([, events]) => {
    const provider = await startProvider()
    provider.script({ events: [events] })
    const cache = installCache({ hosts: [provider.origin] })
    await embed(provider, ['a', 'b'])
    expect(statusOf(await embed(provider, ['a', 'b']))).toBe('HIT')
    expect(cache.stats().entries).toBe(1)
    expect(statusOf(await embed(provider, ['a']))).toBe('MISS')
  })
})

test('more texts than a provider takes are for the provider to refuse', async () => {
  const provider = await startProvider()
  installCache({ hosts: [provider.origin] })
  await embed(provider, 'a')
  const texts = Array.from({ length: 2049 }, () => 'a')
  expect(statusOf(await embed(provider, texts))).toBe('MISS')
  expect(asked(provider)[1]).toEqual(texts)
})

test('a body that keys on its raw bytes is asked for whole: one over `canonicalLimit`, or no UTF-8', async () => {
  const provider = await startProvider()
  installCache({ hosts: [provider.origin], canonicalLimit: 64 })
  await embed(provider, ['a'])
  await embed(provider, ['a', 'a longer text than these that fit into it'])
  const call = (input: string): Promise<Response> => {
    const body = Buffer.from(`{"model":"m","input":${input}}`, 'latin1')
    return post(`${provider.origin}/v1/embeddings`, body)
  }
  await call('["\xff"]')
  await call('["\xff","b"]')
  expect(provider.calls[1]?.body.toString()).toContain('"a"')
  expect(provider.calls[3]?.body.toString('latin1')).toContain('["\xff","b"]')
})

test("models that share answers (FastRouter's filter_on_model) never meet in one batch", async () => {
  const provider = await startProvider()
  installCache({ hosts: [provider.origin] })
  const headers = { cache_key: 'shared' }
  const cache = { filter_on_model: false }
  await embed(provider, ['a', 'b'], headers, { cache })
  await embed(provider, ['a', 'c'], headers, { cache, model: 'n' })
  expect(asked(provider)).toEqual([
    ['a', 'b'],
    ['a', 'c'],
  ])
})

test('a number that a parse would change keeps a batch whole', async () => {
  const provider = await startProvider()
  installCache({ hosts: [provider.origin] })
  const call = (input: string): Promise<Response> => {
    const body = `{"model":"m","metadata":{"id":12345678901234567890},"input":${input}}`
    const headers = { 'content-type': 'application/json' }
    return fetch(`${provider.origin}/v1/embeddings`, { method: 'POST', headers, body })
  }
  await call('["a"]')
  expect(detailOf(await call('["a","b"]'))).toBeUndefined()
  expect(provider.calls[1]?.body.toString()).toContain('12345678901234567890')
})

describe('a failure', () => {
  const FAILURES: readonly (readonly [name: string, behaviour: Behaviour])[] = [
    ['429', { status: 429, headers: { 'retry-after': '7' } }],
    ['401', { status: 401 }],
    ['500', { status: 500 }],
    ['529', { status: 529 }],
    ['reset', { cut: { after: 0, how: 'reset' } }],
    ['truncated', { contentLength: 100_000 }],
  ]

  test.for(FAILURES)(
    '%s reaches the caller as its own would, and the next call is a new one',
    async ([, behaviour]) => {
      const provider = await startProvider()
      provider.script(behaviour)
      const plain = await outcome(embed(provider, ['b', 'c']))
      const cache = installCache({ hosts: [provider.origin] })
      await embed(provider, ['a', 'b'])
      provider.script(behaviour)
      expect(await outcome(embed(provider, ['b', 'c']))).toEqual(plain)
      expect(asked(provider).slice(1)).toEqual(behaviour.cut ? [['a', 'b']].concat([['c']]) : [['a', 'b'], ['c']])
      expect(cache.stats()).toMatchObject({ stores: 1, entries: 3 })
      expect(await vectorsOf(await embed(provider, ['b', 'c']))).toEqual([vector('b'), vector('c')])
    },
  )

  test.for([400, 403, 404, 413, 422])('%s is asked for again, for it may be about the texts', async (status) => {
    const provider = await startProvider()
    installCache({ hosts: [provider.origin] })
    await embed(provider, ['a', 'b'])
    provider.always({ status })
    const response = await embed(provider, ['b', 'c'])
    expect([response.status, detailOf(response)]).toEqual([status, undefined])
    expect(asked(provider)).toEqual([['a', 'b'], ['c'], ['b', 'c']])
  })

  test('that its own retry follows is made good with what is known', async () => {
    const provider = await startProvider()
    installCache({ hosts: [provider.origin] })
    await embed(provider, ['a', 'b'])
    provider.script({ status: 503 })
    expect((await embed(provider, ['b', 'c'])).status).toBe(503)
    const retry = await embed(provider, ['b', 'c'], { 'x-stainless-retry-count': '1' })
    expect([retry.status, detailOf(retry)]).toEqual([200, 'items=1/2'])
    expect(asked(provider)).toEqual([['a', 'b'], ['c'], ['c']])
  })
})

test('a caller that leaves while the rest is on its way ends the call, and nothing is stored', async () => {
  const provider = await startProvider()
  const cache = installCache({ hosts: [provider.origin] })
  await embed(provider, ['a', 'b'])
  const before = cache.stats()
  provider.script({ first: new Promise(() => {}) })
  const controller = new AbortController()
  const running = embed(provider, ['b', 'c'], {}, {}, { signal: controller.signal })
  await expect.poll(() => provider.calls.length).toBe(2)
  controller.abort()
  await expect(running).rejects.toThrow('aborted')
  expect(await provider.calls[1]?.over).toBe(false)
  expect(cache.stats()).toMatchObject({ entries: before.entries, stores: before.stores })
  expect(provider.calls).toHaveLength(2)
})

test('an answer over `maxEntrySize` is not tried in part, and none is kept', async () => {
  const provider = await startProvider()
  const cache = installCache({ hosts: [provider.origin], maxEntrySize: 1000 })
  await embed(provider, ['a', 'b'])
  const texts = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  expect(await vectorsOf(await embed(provider, texts))).toEqual(texts.map(vector))
  expect(asked(provider)[1]).toEqual(texts)
  expect(cache.stats().entries).toBe(3)
})

test('undici.request with a content-length of its own gets the whole answer', async () => {
  const provider = await startProvider()
  const dispatcher = new Agent().compose(openCache({ hosts: [provider.origin] }).interceptor)
  const call = async (input: string[]): Promise<{ data: { embedding: unknown }[] }> => {
    const body = JSON.stringify({ model: 'm', input })
    const headers = { 'content-type': 'application/json', 'content-length': String(body.length) }
    const answer = await request(`${provider.origin}/v1/embeddings`, { method: 'POST', body, headers, dispatcher })
    return (await answer.body.json()) as { data: { embedding: unknown }[] } // the provider's own shape
  }
  await call(['a', 'b'])
  expect((await call(['c', 'b'])).data.map(({ embedding }) => embedding)).toEqual([vector('c'), vector('b')])
  expect(asked(provider)).toEqual([['a', 'b'], ['c']])
  await dispatcher.close()
})

test('calls that are no embeddings are what they were', async () => {
  const provider = await startProvider()
  const cache = installCache({ hosts: [provider.origin] })
  await chat(provider.origin)
  expect(statusOf(await chat(provider.origin))).toBe('HIT')
  expect(cache.stats().entries).toBe(1)
})

/** All that a caller can see of a failure. */
async function outcome(call: Promise<Response>): Promise<object> {
  try {
    const response = await call
    const text = await response.text()
    return { status: response.status, retryAfter: response.headers.get('retry-after'), text }
  } catch (error) {
    return { error: String(error) }
  }
}
