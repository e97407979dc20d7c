import { describe, expect, test } from 'vitest'
import type { CacheStore } from '../../../lib/index.ts'
import { vector } from '../../support/shapes/openai-other.ts'
import { setUp, startAt } from './set-up.ts'

describe('controls and figures', () => {
  test('no-cache gets a new answer, which the next caller gets too (litellm#3199)', async () => {
    const { ask, provider } = await setUp()
    const first = await ask()
    const second = await ask({ headers: { 'cache-control': 'no-cache' } })
    expect(second).toMatchObject({ cache: 'REFRESH' })
    expect(second.text).not.toBe(first.text)
    expect(await ask()).toMatchObject({ cache: 'HIT', text: second.text })
    expect(provider.calls).toHaveLength(2)
  })

  test('a hit says that it is one, JSON or stream (litellm#8570)', async () => {
    const { ask } = await setUp()
    for (const stream of [false, true]) {
      const { key } = await ask({ fields: { stream } })
      const { headers } = await ask({ fields: { stream } })
      expect(headers.get('cache-status')).toMatch(new RegExp(`^undici-llm-cache; hit; ttl=\\d+; key="${key}"$`))
      expect([headers.get('x-llm-cache'), headers.get('age')]).toEqual(['HIT', '0'])
    }
  })

  test('a hit costs nothing: what it would have cost is saved (langfuse#2112, litellm#14749)', async () => {
    const { ask, cache } = await setUp()
    await ask()
    expect(cache.stats().saved).toMatchObject({ inputTokens: 0, outputTokens: 0, cost: 0 })
    await ask()
    const { saved } = cache.stats()
    expect(saved.outputTokens).toBe(8)
    expect(saved.cost).toBeGreaterThan(0)
    await ask({ headers: { 'x-llm-cache': 'refresh' } })
    expect(cache.stats().saved).toEqual(saved)
  })

  test('repeats are different samples when samples are wanted (promptfoo#360)', async () => {
    const { ask, provider } = await setUp({ samples: 3 })
    const texts: string[] = []
    while (texts.length < 6) texts.push((await ask()).text)
    expect(new Set(texts).size).toBe(3)
    expect(texts.slice(3)).toEqual(texts.slice(0, 3))
    expect(provider.calls).toHaveLength(3)
  })

  test('one false answer can be evicted by the key on it (semantic-router#1581)', async () => {
    const { ask, cache } = await setUp()
    await ask()
    await ask({ fields: { seed: 2 } })
    expect(await cache.delete((await ask()).key)).toBe(true)
    expect([(await ask()).cache, (await ask({ fields: { seed: 2 } })).cache]).toEqual(['MISS', 'HIT'])
  })

  test("a client's own retry never gets the answer that made it retry", async () => {
    const { ask } = await setUp()
    const bad = await ask()
    const retry = await ask({ headers: { 'x-stainless-retry-count': '1' } })
    expect(retry).toMatchObject({ cache: 'REFRESH' })
    expect(retry.text).not.toBe(bad.text)
    expect((await ask()).text).toBe(retry.text)
  })
})

describe('stores and crowds', () => {
  const never = (): Promise<never> => new Promise(() => {})
  const frozen = (get: () => Promise<never>): CacheStore => {
    return { get, set: never, delete: never, clear: never, entries: () => [], close: () => undefined }
  }

  test('a store that has frozen hangs no request (litellm#35273)', async () => {
    const { ask } = await setUp({ store: frozen(never), storeTimeout: 0.01 })
    expect(await ask()).toMatchObject({ status: 200, cache: 'MISS' })
    expect(await ask()).toMatchObject({ status: 200, cache: 'HIT' })
  })

  test('a store that stays frozen is soon asked no more (litellm#34299)', async () => {
    let asked = 0
    const get = (): Promise<never> => (asked++, never())
    const { ask } = await setUp({ store: frozen(get), storeTimeout: 0.005 })
    for (let seed = 0; seed < 12; seed++) expect((await ask({ fields: { seed } })).cache).toBe('MISS')
    expect(asked).toBeGreaterThan(0)
    expect(asked).toBeLessThanOrEqual(5)
  })

  test.for([false, true])('a herd on a cold key makes one call, stream: %s (envoy#34595)', async (stream) => {
    const { ask, provider } = await setUp()
    provider.always({ first: 20 })
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask({ fields: { stream } })))
    expect(provider.calls).toHaveLength(1)
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
  })

  test("the leader's abort kills nobody else's answer (envoy#34595)", async () => {
    const { ask, cache, provider } = await setUp()
    const released = Promise.withResolvers<void>()
    provider.script({ gate: { after: 3, until: released.promise } })
    const abort = new AbortController()
    const leader = startAt(provider.origin, { fields: { stream: true } }, { signal: abort.signal })
    await leader
    const follower = ask({ fields: { stream: true } })
    await expect.poll(() => cache.stats().coalesced).toBe(1)
    abort.abort()
    released.resolve()
    const { text, cache: status } = await follower
    expect(status).toBe('COALESCED')
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
    expect(provider.calls).toHaveLength(1)
  })

  test('a half-cached batch of embeddings gets the right vectors (litellm#41002)', async () => {
    const { ask, provider } = await setUp()
    const embed = async (...input: string[]): Promise<unknown> => {
      const body = JSON.stringify({ model: 'text-embedding-3-small', input })
      const { text } = await ask({ path: '/v1/embeddings', body })
      return JSON.parse(text).data.map(({ embedding }: { embedding: number[] }) => embedding)
    }
    await embed('b', 'd')
    expect(await embed('a', 'b', 'c', 'd')).toEqual(['a', 'b', 'c', 'd'].map(vector))
    expect(JSON.parse(provider.calls[1]?.body.toString() ?? '')).toMatchObject({ input: ['a', 'c'] })
  })

  test('memory is bounded, however much is asked (Portkey)', async () => {
    const maxSize = 20_000
    const { ask, cache } = await setUp({ maxSize })
    for (let seed = 0; seed < 60; seed++) await ask({ fields: { seed } })
    const { size, evictions, entries } = cache.stats()
    expect(size).toBeLessThanOrEqual(maxSize)
    expect(entries).toBeGreaterThan(0)
    expect(evictions).toBe(60 - entries)
  })
})
