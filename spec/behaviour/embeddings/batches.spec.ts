import OpenAI from 'openai'
import { describe, expect, test, vi } from 'vitest'
import type { Entry } from '../../../lib/stores/entry.ts'
import type { EntryInfo } from '../../../lib/stores/entry.ts'
import type { CacheStore } from '../../../lib/stores/store.ts'
import type { Filter } from '../../../lib/stores/filter.ts'
import { installCache, openCache } from '../../support/cache.ts'
import { statusOf } from '../../support/calls.ts'
import { vector } from '../../support/shapes/openai-other.ts'
import { startProvider } from '../../support/start-provider.ts'
import { asked, detailOf, embed, usageOf, vectorsOf } from './embed.ts'

describe('a batch', () => {
  test('that is equal to one before is its answer byte for byte', async () => {
    const provider = await startProvider()
    installCache({ hosts: [provider.origin] })
    const first = await (await embed(provider, ['a', 'b', 'a'])).text()
    const second = await embed(provider, ['a', 'b', 'a'])
    expect([statusOf(second), await second.text()]).toEqual(['HIT', first])
  })

  test('with some known texts asks for the others, each once, and says how many were known', async () => {
    const provider = await startProvider()
    const cache = installCache({ hosts: [provider.origin] })
    await embed(provider, ['a', 'b', 'b'])
    const response = await embed(provider, ['c', 'b', 'a', 'c', 'a'])
    expect([statusOf(response), detailOf(response)]).toEqual(['MISS', 'items=3/5'])
    const text = await response.text()
    expect(response.headers.get('content-length')).toBe(String(Buffer.byteLength(text)))
    expect(await vectorsOf(new Response(text))).toEqual(['c', 'b', 'a', 'c', 'a'].map(vector))
    expect(asked(provider)).toEqual([['a', 'b', 'b'], ['c']])
    const again = await embed(provider, ['c', 'b', 'a', 'c', 'a'])
    expect([statusOf(again), await again.text()]).toEqual(['HIT', text])
    expect(cache.stats()).toMatchObject({ misses: 2, hits: 1, stores: 2, refusals: {} })
  })

  test('with known texts only is a HIT of its own key, in the order that is asked for', async () => {
    const provider = await startProvider()
    installCache({ hosts: [provider.origin] })
    const before = await embed(provider, ['a', 'b', 'c'])
    const response = await embed(provider, ['c', 'a'])
    expect(statusOf(response)).toBe('HIT')
    expect(response.headers.get('cache-status')).toMatch(/^undici-llm-cache; hit; ttl=3600; key="[0-9a-f]{64}"$/)
    expect(response.headers.get('x-llm-cache-key')).not.toBe(before.headers.get('x-llm-cache-key'))
    expect(await vectorsOf(response)).toEqual([vector('c'), vector('a')])
    expect(provider.calls).toHaveLength(1)
  })

  test('shares its texts with calls for one of them, alone or in a list', async () => {
    const provider = await startProvider()
    installCache({ hosts: [provider.origin] })
    await embed(provider, ['a', 'b'])
    for (const input of ['a', ['b']]) expect(statusOf(await embed(provider, input))).toBe('HIT')
    await embed(provider, 'c')
    await embed(provider, ['d'])
    expect(await vectorsOf(await embed(provider, ['d', 'c', 'b']))).toEqual(['d', 'c', 'b'].map(vector))
    expect(asked(provider)).toEqual([['a', 'b'], 'c', ['d']])
  })

  test('of token arrays is one of texts; an array of numbers is one text', async () => {
    const provider = await startProvider()
    installCache({ hosts: [provider.origin] })
    await embed(provider, [1, 2])
    const response = await embed(provider, [[1], [1, 2]])
    expect(detailOf(response)).toBe('items=1/2')
    expect(await vectorsOf(response)).toEqual([vector([1]), vector([1, 2])])
    expect(asked(provider)).toEqual([[1, 2], [[1]]])
  })

  test('counts for its texts what the provider billed, in sum', async () => {
    const provider = await startProvider()
    installCache({ hosts: [provider.origin] })
    const usage = async (input: unknown): ReturnType<typeof usageOf> => usageOf(await embed(provider, input))
    const billed = await usage(['a', 'a longer text', 'b'])
    const parts = [await usage('a'), await usage('a longer text'), await usage('b')]
    expect(parts.reduce((sum, { prompt_tokens: tokens }) => sum + tokens, 0)).toBe(billed.prompt_tokens)
    const alone = await usage('c')
    expect(await usage(['c', 'c'])).toEqual({
      prompt_tokens: 2 * alone.prompt_tokens,
      total_tokens: 2 * alone.total_tokens,
    })
  })

  test('is asked for whole with `embeddings: whole`', async () => {
    const provider = await startProvider()
    const cache = installCache({ hosts: [provider.origin], embeddings: 'whole' })
    await embed(provider, ['a', 'b'])
    expect(statusOf(await embed(provider, ['a']))).toBe('MISS')
    expect(cache.stats().entries).toBe(2)
  })

  test('keeps a coded answer apart from what it is put together from', async () => {
    const provider = await startProvider()
    provider.always({ coding: 'gzip' })
    const cache = installCache({ hosts: [provider.origin] })
    await embed(provider, ['a', 'b'])
    await expect.poll(() => cache.stats().stores).toBe(1)
    const response = await embed(provider, ['b', 'c'])
    expect(response.headers.has('content-encoding')).toBe(false)
    expect(await vectorsOf(response)).toEqual([vector('b'), vector('c')])
    expect(asked(provider)).toEqual([['a', 'b'], ['c']])
  })
})

test('the openai SDK reads base64 vectors out of an answer that was put together', async () => {
  const provider = await startProvider()
  installCache({ hosts: [provider.origin] })
  const client = new OpenAI({ apiKey: 'sk-one', baseURL: `${provider.origin}/v1`, maxRetries: 0 })
  await client.embeddings.create({ model: 'm', input: ['a', 'b'] })
  const { data } = await client.embeddings.create({ model: 'm', input: ['b', 'c', 'b'] })
  expect(data.map(({ embedding }) => [...embedding])).toEqual(['b', 'c', 'b'].map(vector))
  expect(data.map(({ index }) => index)).toEqual([0, 1, 2])
  expect(asked(provider)).toEqual([['a', 'b'], ['c']])
})

test.for([
  ['another credential', { authorization: 'Bearer sk-two' }, {}],
  ['another namespace', { 'x-llm-cache-namespace': 'other' }, {}],
  ['another variant', { 'x-llm-cache-variant': '1' }, {}],
  ['another model', {}, { model: 'n' }],
  ['other dimensions', {}, { dimensions: 4 }],
  ['another encoding', {}, { encoding_format: 'base64' }],
] as const)('texts are not shared with %s', async ([, headers, fields]) => {
  const provider = await startProvider()
  installCache({ hosts: [provider.origin] })
  await embed(provider, ['a', 'b'])
  expect(detailOf(await embed(provider, ['a', 'c'], headers, fields))).toBeUndefined()
  expect(asked(provider)).toEqual([
    ['a', 'b'],
    ['a', 'c'],
  ])
})

describe('the age of what is put together', () => {
  test('is that of its oldest text, and it goes with that one', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const provider = await startProvider()
    installCache({ hosts: [provider.origin], ttl: 100 })
    await embed(provider, ['a'])
    vi.setSystemTime(Date.now() + 60_000)
    expect(detailOf(await embed(provider, ['a', 'b']))).toBe('items=1/2')
    const hit = await embed(provider, ['a', 'b'])
    expect([statusOf(hit), hit.headers.get('age'), hit.headers.get('x-llm-cache-ttl')]).toEqual(['HIT', '60', '40'])
    const mixed = await embed(provider, ['b', 'a'])
    expect([statusOf(mixed), mixed.headers.get('age')]).toEqual(['HIT', '60'])
    vi.setSystemTime(Date.now() + 50_000)
    expect(detailOf(await embed(provider, ['a', 'b']))).toBe('items=1/2')
    expect(asked(provider)).toEqual([['a'], ['b'], ['a']])
    vi.useRealTimers()
  })

  test('leaves out texts that are older than the caller accepts', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const provider = await startProvider()
    installCache({ hosts: [provider.origin] })
    await embed(provider, ['a'])
    vi.setSystemTime(Date.now() + 60_000)
    await embed(provider, ['b'])
    expect(detailOf(await embed(provider, ['a', 'b'], { 'cache-control': 'max-age=30' }))).toBe('items=1/2')
    expect(asked(provider)).toEqual([['a'], ['b'], ['a']])
    vi.useRealTimers()
  })
})

describe('controls', () => {
  test('only: known texts are a HIT, and one that is not is a 504', async () => {
    const provider = await startProvider()
    installCache({ hosts: [provider.origin] })
    await embed(provider, ['a', 'b'])
    const only = { 'x-llm-cache': 'only' }
    expect(statusOf(await embed(provider, ['b', 'a'], only))).toBe('HIT')
    expect((await embed(provider, ['b', 'c'], only)).status).toBe(504)
    expect(provider.calls).toHaveLength(1)
  })

  test('refresh: the whole batch goes live, and its texts are new then', async () => {
    const provider = await startProvider()
    installCache({ hosts: [provider.origin] })
    await embed(provider, ['a', 'b'])
    expect(statusOf(await embed(provider, ['a', 'b', 'c'], { 'x-llm-cache': 'refresh' }))).toBe('REFRESH')
    expect(asked(provider).at(-1)).toEqual(['a', 'b', 'c'])
    expect(statusOf(await embed(provider, 'c'))).toBe('HIT')
  })

  test('read-only: texts are read, none is stored', async () => {
    const provider = await startProvider()
    const cache = installCache({ hosts: [provider.origin] })
    await embed(provider, ['a', 'b'])
    const before = cache.stats().entries
    const response = await embed(provider, ['b', 'c'], { 'x-llm-cache': 'read-only' })
    expect([detailOf(response), await vectorsOf(response)]).toEqual(['items=1/2', [vector('b'), vector('c')]])
    await embed(provider, ['b', 'a'], { 'x-llm-cache': 'read-only' })
    expect(cache.stats().entries).toBe(before)
  })

  test('a retry that no failure explains is not given what made its caller retry', async () => {
    const provider = await startProvider()
    installCache({ hosts: [provider.origin] })
    await embed(provider, ['a', 'b'])
    await embed(provider, ['b', 'a'], { 'x-stainless-retry-count': '1' })
    expect(asked(provider)).toEqual([
      ['a', 'b'],
      ['b', 'a'],
    ])
  })
})

describe('clearing', () => {
  test.for([['a', 'b'], ['b', 'a'], ['a']])(
    'a batch that is deleted by its key takes its texts along: %s',
    async (input) => {
      const provider = await startProvider()
      const cache = installCache({ hosts: [provider.origin] })
      await embed(provider, ['a', 'b'])
      const key = (await embed(provider, input)).headers.get('x-llm-cache-key') ?? ''
      expect(await cache.delete(key)).toBe(true)
      expect(statusOf(await embed(provider, 'a'))).toBe('MISS')
      expect(provider.calls).toHaveLength(2)
    },
  )

  test('a filter picks texts as it picks their batch', async () => {
    const provider = await startProvider()
    const cache = installCache({ hosts: [provider.origin] })
    await embed(provider, ['a', 'b'], { 'x-llm-cache-tags': 'red' })
    await embed(provider, ['c', 'b'], { 'x-llm-cache-tags': 'blue' })
    expect([...cache.entries({ tag: 'red' })]).toHaveLength(3)
    await cache.clear({ tag: 'red' })
    expect(detailOf(await embed(provider, ['a', 'c']))).toBe('items=1/2')
    await cache.clear({ model: 'm' })
    expect(cache.stats().entries).toBe(0)
  })

  test('what is cleared while a batch that uses it is on its way stays cleared', async () => {
    const provider = await startProvider()
    const cache = installCache({ hosts: [provider.origin] })
    await embed(provider, ['a'], { 'x-llm-cache-tags': 'red' })
    const release = Promise.withResolvers<void>()
    provider.script({ first: release.promise })
    const running = embed(provider, ['a', 'b'])
    await expect.poll(() => provider.calls.length).toBe(2)
    await cache.clear({ tag: 'red' })
    release.resolve()
    expect(await vectorsOf(await running)).toEqual([vector('a'), vector('b')])
    expect(detailOf(await embed(provider, ['a', 'b']))).toBe('items=1/2')
    expect(asked(provider)).toEqual([['a'], ['b'], ['a']])
  })
})

test('equal batches at once share one call for what is not known', async () => {
  const provider = await startProvider()
  installCache({ hosts: [provider.origin] })
  await embed(provider, ['a'])
  const responses = await Promise.all(Array.from({ length: 20 }, () => embed(provider, ['b', 'a', 'b'])))
  const bodies = await Promise.all(responses.map((response) => response.text()))
  expect(new Set(bodies).size).toBe(1)
  expect(responses.map(statusOf).toSorted()).toEqual([...Array.from({ length: 19 }, () => 'COALESCED'), 'MISS'])
  expect(asked(provider)).toEqual([['a'], ['b']])
})

test('the known texts of a batch count as saved', async () => {
  const provider = await startProvider()
  const cache = installCache({ hosts: [provider.origin] })
  const { prompt_tokens: tokens } = await usageOf(await embed(provider, 'a text'))
  await embed(provider, ['a text', 'b', 'a text'])
  expect(cache.stats().saved.inputTokens).toBe(2 * tokens)
})

test('a stale batch stands in for a failure, whatever of it is known', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const provider = await startProvider()
  installCache({ hosts: [provider.origin], ttl: 10, staleIfError: 100 })
  await embed(provider, ['a', 'b'])
  vi.setSystemTime(Date.now() + 20_000)
  await embed(provider, 'a')
  provider.script({ status: 500 })
  expect(statusOf(await embed(provider, ['a', 'b']))).toBe('STALE')
  vi.useRealTimers()
})

describe('behind a second tier', () => {
  test('equal batches at once share one call, and a new process finds the texts', async () => {
    const provider = await startProvider()
    const store = new MapStore()
    installCache({ hosts: [provider.origin], store })
    await embed(provider, ['a'])
    const responses = await Promise.all([1, 2, 3].map(() => embed(provider, ['a', 'b'])))
    expect(responses.map(statusOf).toSorted()).toEqual(['COALESCED', 'COALESCED', 'MISS'])
    installCache({ hosts: [provider.origin], store })
    expect(await vectorsOf(await embed(provider, ['b', 'a']))).toEqual([vector('b'), vector('a')])
    expect(asked(provider)).toEqual([['a'], ['b']])
  })

  test('a batch that is deleted takes its texts along, also where memory does not hold it', async () => {
    const provider = await startProvider()
    const store = new MapStore()
    installCache({ hosts: [provider.origin], store })
    const key = (await embed(provider, ['a', 'b'])).headers.get('x-llm-cache-key') ?? ''
    const other = openCache({ store })
    expect(await other.delete(key)).toBe(true)
    expect(store.entries()).toEqual([])
  })
})

/** A second tier that answers later. */
class MapStore implements CacheStore {
  readonly #entries = new Map<string, Entry>()

  async get(key: string): Promise<Entry | undefined> {
    return this.#entries.get(key)
  }

  async set(entry: Entry): Promise<void> {
    this.#entries.set(entry.key, entry)
  }

  async delete(key: string): Promise<boolean> {
    return this.#entries.delete(key)
  }

  async clear({ key = '' }: Filter): Promise<number> {
    return this.#entries.delete(key) ? 1 : 0
  }

  entries(): EntryInfo[] {
    return [...this.#entries.values()].map((entry) => ({ ...entry, hits: 0 }))
  }

  close(): void {}
}
