import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { LlmCache, LlmCacheOptions } from '../../../lib/index.ts'
import { installCache } from '../../support/cache.ts'
import type { Provider } from '../../support/provider.ts'
import { startProvider } from '../../support/start-provider.ts'
import { CONTROL_DOORS } from './doors.ts'
import { controlsOf, type Seen, setUp } from './setup.ts'

describe.for(CONTROL_DOORS)('through $name', ({ call }) => {
  interface Line {
    readonly provider: Provider
    readonly cache: LlmCache
    ask(headers?: Record<string, string>): Promise<Seen>
  }

  async function open(options?: LlmCacheOptions): Promise<Line> {
    const provider = await startProvider()
    const cache = installCache({ hosts: [provider.origin], ...options })
    return { provider, cache, ask: (headers = {}) => call(provider.origin, { headers }) }
  }

  test('on uses the cache where the policy would not', async () => {
    const { ask, cache } = await open({ policy: 'opt-in' })
    const plain = await ask()
    expect([plain.cache, plain.key, plain.told]).toEqual([
      'BYPASS',
      null,
      'undici-llm-cache; fwd=bypass; detail=policy',
    ])
    const first = await ask({ 'x-llm-cache': 'on' })
    const second = await ask({ 'X-LLM-Cache': 'ON' })
    expect([first.cache, second.cache]).toEqual(['MISS', 'HIT'])
    expect(second.text).toBe(first.text)
    expect(cache.stats()).toMatchObject({ bypasses: { policy: 1 }, misses: 1, hits: 1, stores: 1, entries: 1 })
  })

  test('bypass neither reads nor writes', async () => {
    const { ask, cache, provider } = await open()
    const bypassed = await ask({ 'x-llm-cache': 'bypass' })
    expect([bypassed.cache, bypassed.key, bypassed.told]).toEqual([
      'BYPASS',
      null,
      'undici-llm-cache; fwd=bypass; detail=header',
    ])
    expect(cache.stats()).toMatchObject({ bypasses: { header: 1 }, stores: 0, entries: 0 })
    const kept = await ask()
    expect((await ask({ 'x-llm-cache': 'bypass' })).text).not.toBe(kept.text)
    expect((await ask()).text).toBe(kept.text)
    expect(provider.calls).toHaveLength(3)
  })

  test('refresh skips the read and stores the new answer', async () => {
    const { ask, cache, provider } = await open()
    const old = await ask()
    const fresh = await ask({ 'x-llm-cache': 'refresh' })
    expect([fresh.cache, fresh.key]).toEqual(['REFRESH', old.key])
    expect(fresh.told).toBe(`undici-llm-cache; fwd=request; key="${old.key}"`)
    const again = await ask()
    expect([again.cache, again.text]).toEqual(['HIT', fresh.text])
    expect(fresh.text).not.toBe(old.text)
    expect(provider.calls).toHaveLength(2)
    expect(cache.stats()).toMatchObject({ misses: 1, refreshes: 1, hits: 1, stores: 2, entries: 1 })
  })

  test('read-only reads, and stores nothing', async () => {
    const { ask, cache } = await open()
    expect((await ask({ 'x-llm-cache': 'read-only' })).cache).toBe('MISS')
    expect(cache.stats()).toMatchObject({ misses: 1, stores: 0, entries: 0, refusals: { 'read-only': 1 } })
    const stored = await ask()
    const read = await ask({ 'x-llm-cache': 'read-only' })
    expect([read.cache, read.text]).toEqual(['HIT', stored.text])
  })

  test('only answers from the cache, or with a 504 that says why, and never calls the provider', async () => {
    const { ask, cache, provider } = await open()
    const missed = await ask({ 'x-llm-cache': 'only' })
    expect([missed.status, missed.cache]).toEqual([504, 'MISS'])
    expect(missed.headers.get('content-type')).toBe('application/json')
    expect(missed.told).toBe(`undici-llm-cache; detail=only-if-cached; key="${missed.key}"`)
    expect(JSON.parse(missed.text)).toEqual({
      error: { message: expect.stringContaining('not in the cache'), type: 'only_if_cached', code: 'cache_miss' },
    })
    expect(provider.calls).toHaveLength(0)
    const stored = await ask()
    expect(stored.key).toBe(missed.key)
    const read = await ask({ 'x-llm-cache': 'only' })
    expect([read.status, read.cache, read.text]).toEqual([200, 'HIT', stored.text])
    expect(provider.calls).toHaveLength(1)
    expect(cache.stats()).toMatchObject({ misses: 2, hits: 1, bypasses: {} })
  })

  test.for([
    ['1', 1],
    ['600', 600],
    ['2592000', 2_592_000],
    ['99999999999', 2_592_000],
  ] as const)('x-llm-cache-ttl: %s keeps the answer %i seconds', async ([value, seconds]) => {
    const { ask, cache } = await open()
    await ask({ 'x-llm-cache-ttl': value })
    const [entry] = cache.entries()
    expect(((entry?.expiresAt ?? 0) - (entry?.storedAt ?? 0)) / 1000).toBe(seconds)
    const hit = await ask()
    expect(hit.cache).toBe('HIT')
    expect(Number(hit.headers.get('x-llm-cache-ttl'))).toBeGreaterThan(seconds - 5)
    expect(Number(hit.headers.get('x-llm-cache-ttl'))).toBeLessThanOrEqual(seconds)
  })

  test('x-llm-cache-ttl: 0 is a bypass', async () => {
    const { ask, cache } = await open()
    await ask()
    const live = await ask({ 'x-llm-cache-ttl': '0' })
    expect([live.cache, live.told]).toEqual(['BYPASS', 'undici-llm-cache; fwd=bypass; detail=ttl-0'])
    expect(cache.stats()).toMatchObject({ bypasses: { 'ttl-0': 1 }, entries: 1 })
  })

  test('x-llm-cache-clear: true puts the new answer in the place of the old one', async () => {
    const { ask, cache, provider } = await open()
    const old = await ask()
    expect((await ask({ 'x-llm-cache-clear': 'false' })).cache).toBe('HIT')
    // The new answer fails: the old one is gone all the same.
    provider.script({ status: 400 })
    const failed = await ask({ 'x-llm-cache-clear': 'true' })
    expect([failed.status, failed.cache, failed.key]).toEqual([400, 'REFRESH', old.key])
    expect(cache.stats().entries).toBe(0)
    const fresh = await ask({ 'x-llm-cache-clear': 'true' })
    expect((await ask()).text).toBe(fresh.text)
  })

  test('x-llm-cache-namespace keeps answers apart', async () => {
    const { ask, cache } = await open()
    const plain = await ask()
    const v7 = await ask({ 'x-llm-cache-namespace': 'prompt-v7' })
    expect([plain.cache, v7.cache]).toEqual(['MISS', 'MISS'])
    expect(v7.key).not.toBe(plain.key)
    expect((await ask({ 'x-llm-cache-namespace': 'prompt-v7' })).text).toBe(v7.text)
    expect([...cache.entries()].map(({ namespace }) => namespace).toSorted()).toEqual(['', 'prompt-v7'])
  })

  test('x-llm-cache-tags mark the entry and are no part of its key', async () => {
    const { ask, cache } = await open()
    await ask({ 'x-llm-cache-tags': 'team-a, nightly,team-a' })
    expect((await ask()).cache).toBe('HIT')
    expect([...cache.entries({ tag: 'nightly' })].map(({ tags }) => tags)).toEqual([['team-a', 'nightly']])
    expect(await cache.clear({ tag: 'team-a' })).toBe(1)
    expect((await ask()).cache).toBe('MISS')
  })

  test('x-llm-cache-variant names stable samples of one prompt; 0 is the plain one', async () => {
    const { ask } = await open()
    const plain = await ask()
    const one = await ask({ 'x-llm-cache-variant': '1' })
    const two = await ask({ 'x-llm-cache-variant': '2' })
    expect(new Set([plain.text, one.text, two.text]).size).toBe(3)
    expect((await ask({ 'x-llm-cache-variant': '0' })).text).toBe(plain.text)
    expect((await ask({ 'x-llm-cache-variant': '1' })).text).toBe(one.text)
    expect((await ask({ 'x-llm-cache-variant': '2' })).text).toBe(two.text)
  })

  test('x-llm-cache-samples fills first, then takes turns', async () => {
    const { ask } = await open()
    const headers = { 'x-llm-cache-samples': '2' }
    const answers = [await ask(headers), await ask(headers), await ask(headers), await ask(headers), await ask(headers)]
    expect(answers.map(({ cache }) => cache)).toEqual(['MISS', 'MISS', 'HIT', 'HIT', 'HIT'])
    const [a, b] = answers.map(({ text }) => text)
    expect(answers.map(({ text }) => text)).toEqual([a, b, a, b, a])
  })

  test('no control reaches the provider, and all else does', async () => {
    const { ask, provider } = await open()
    await ask({
      'x-llm-cache': 'on',
      'X-LLM-Cache-TTL': '60',
      'x-llm-cache-clear': 'true',
      'x-llm-cache-namespace': 'n',
      'x-llm-cache-tags': 'a,b',
      'x-llm-cache-variant': '1',
      'x-llm-cache-samples': '2',
      'X-OpenRouter-Cache': 'true',
      'X-OpenRouter-Cache-TTL': '60',
      'X-OpenRouter-Cache-Clear': 'true',
      cache_key: 'faq',
      'cache-control': 'max-age=60',
      'x-mine': 'stays',
    })
    const [sent] = provider.calls
    expect(sent && controlsOf(sent)).toEqual([])
    expect(sent?.headers).toMatchObject({
      'x-mine': 'stays',
      'cache-control': 'max-age=60',
      'content-length': String(sent?.body.length),
    })
    await ask({ 'x-llm-cache': 'bypass', 'x-llm-cache-namespace': 'n' })
    await ask({ 'x-llm-cache-ttl': 'soon', cache_key: 'faq' })
    expect(provider.calls.map(controlsOf)).toEqual([[], [], []])
  })
})

test('the key, the age and the rest of the time are the same in our fields and the standard ones', async () => {
  const provider = await startProvider()
  installCache({ hosts: [provider.origin] })
  const [door] = CONTROL_DOORS
  const first = await door?.call(provider.origin, {})
  const second = await door?.call(provider.origin, {})
  expect(first?.told).toBe(`undici-llm-cache; fwd=miss; key="${first?.key}"`)
  const left = second?.headers.get('x-llm-cache-ttl')
  expect(second?.told).toBe(`undici-llm-cache; hit; ttl=${left}; key="${first?.key}"`)
  expect(second?.headers.get('age')).toBe('0')
  expect([first?.headers.has('age'), first?.headers.has('x-llm-cache-ttl')]).toEqual([false, false])
})

test('the diagnostics channel reports of each answer what its status fields say', async () => {
  const { ask } = await setUp()
  const told: unknown[] = []
  const listen = (message: unknown): void => void told.push(message)
  subscribe('undici-llm-cache:answer', listen)
  onTestFinished(() => void unsubscribe('undici-llm-cache:answer', listen))
  const { key } = await ask()
  await ask()
  await ask({ headers: { 'x-llm-cache-ttl': 'soon' } })
  const call = {
    provider: 'local',
    endpoint: '/v1/chat/completions',
    model: 'gpt-5.1',
    duration: expect.any(Number),
    saved: undefined,
  }
  const saved = { time: expect.any(Number), usage: expect.objectContaining({ outputTokens: expect.any(Number) }) }
  expect(told).toEqual([
    { ...call, status: 'MISS', key, detail: undefined },
    { ...call, status: 'HIT', key, detail: undefined, saved },
    { ...call, status: 'BYPASS', key: undefined, model: undefined, detail: 'control:x-llm-cache-ttl' },
  ])
})
