import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Seen } from './setup.ts'
import { controlsOf, setUp } from './setup.ts'

const ON = { 'X-OpenRouter-Cache': 'true' }

function statusOf({ headers }: Seen): object {
  const get = (name: string): string | null => headers.get(`x-openrouter-cache-${name}`)
  return { status: get('status'), age: get('age'), ttl: get('ttl') }
}

/** Seconds that the only entry was made to live. */
function lifetime(entries: Iterable<{ storedAt: number; expiresAt: number }>): number {
  const [entry] = entries
  return ((entry?.expiresAt ?? 0) - (entry?.storedAt ?? 0)) / 1000
}

test('true switches caching on for 300 seconds and answers in the dialect', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 })
  onTestFinished(() => void vi.useRealTimers())
  const { ask, cache, provider } = await setUp({ policy: 'opt-in' })
  const first = await ask({ headers: ON })
  expect([first.cache, statusOf(first)]).toEqual(['MISS', { status: 'MISS', age: null, ttl: '300' }])
  expect(lifetime(cache.entries())).toBe(300)
  vi.setSystemTime(Date.now() + 40_000)
  const second = await ask({ headers: ON })
  expect([second.cache, statusOf(second)]).toEqual(['HIT', { status: 'HIT', age: '40', ttl: '260' }])
  expect(second.text).toBe(first.text)
  vi.setSystemTime(Date.now() + 260_000)
  expect(statusOf(await ask({ headers: ON }))).toMatchObject({ status: 'MISS' })
  expect(provider.calls).toHaveLength(2)
  expect(provider.calls.map(controlsOf)).toEqual([[], []])
})

test('false switches caching off', async () => {
  const { ask, cache } = await setUp()
  await ask()
  const off = await ask({ headers: { 'X-OpenRouter-Cache': 'false', 'X-OpenRouter-Cache-Clear': 'true' } })
  expect([off.cache, off.told]).toEqual(['BYPASS', 'undici-llm-cache; fwd=bypass; detail=header'])
  expect(cache.stats()).toMatchObject({ bypasses: { header: 1 }, entries: 1 })
})

test('a call that does not speak the dialect is not answered in it', async () => {
  const { ask } = await setUp()
  expect(statusOf(await ask())).toEqual({ status: null, age: null, ttl: null })
  expect(statusOf(await ask())).toEqual({ status: null, age: null, ttl: null })
})

test.for([
  ['600', 600],
  ['60abc', 60],
  ['1.5', 1],
  ['0', 1],
  ['1', 1],
  ['86400', 86_400],
  ['86401', 86_400],
  ['99999999999999999999', 86_400],
  ['abc', 300],
  ['-5', 300],
  ['+5', 300],
  ['.5', 300],
  ['', 300],
] as const)('-TTL: %j is %i seconds', async ([value, seconds]) => {
  const { ask, cache } = await setUp()
  const first = await ask({ headers: { ...ON, 'X-OpenRouter-Cache-TTL': value } })
  expect(statusOf(first)).toMatchObject({ status: 'MISS', ttl: String(seconds) })
  expect(lifetime(cache.entries())).toBe(seconds)
})

describe('-Clear', () => {
  const clear = { 'X-OpenRouter-Cache-Clear': 'true' }

  test('deletes one entry where caching is on, and stores the new answer', async () => {
    const { ask, cache } = await setUp({ policy: 'opt-in' })
    const old = await ask({ headers: ON })
    await ask({ headers: ON, fields: { seed: 2 } })
    const fresh = await ask({ headers: { ...ON, ...clear } })
    expect([fresh.cache, statusOf(fresh)]).toEqual(['REFRESH', { status: 'MISS', age: null, ttl: '300' }])
    expect(fresh.text).not.toBe(old.text)
    expect((await ask({ headers: ON })).text).toBe(fresh.text)
    expect(cache.stats().entries).toBe(2)
  })

  test('has no effect where caching is not on', async () => {
    const { ask, cache } = await setUp({ policy: 'opt-in' })
    const old = await ask({ headers: ON })
    expect((await ask({ headers: clear })).told).toContain('detail=policy')
    expect(cache.stats().entries).toBe(1)
    expect((await ask({ headers: ON })).text).toBe(old.text)
  })
})

describe('presets are rules', () => {
  const rule = (settings: object): object => ({ rules: [{ match: { model: 'gpt-*' }, ...settings }] })
  const off = { 'X-OpenRouter-Cache': 'false' }

  test.for([
    ['rule off over header on', rule({ enabled: false }), ON, 'BYPASS', 'rule'],
    ['header off over rule on', rule({ enabled: true }), off, 'BYPASS', 'header'],
    ['header on over a policy that covers nothing', { policy: 'opt-in' }, ON, 'MISS', undefined],
    [
      'rule on over a policy that covers nothing',
      { policy: 'opt-in', ...rule({ enabled: true }) },
      {},
      'MISS',
      undefined,
    ],
    ['header off over a policy that covers all', { policy: 'all' }, off, 'BYPASS', 'header'],
    ['a policy that covers nothing, where nothing else speaks', { policy: 'opt-in' }, {}, 'BYPASS', 'policy'],
  ] as const)('%s', async ([, options, headers, status, why]) => {
    const { ask } = await setUp(options)
    const answer = await ask({ headers })
    expect(answer.cache).toBe(status)
    if (why !== undefined) expect(answer.told).toBe(`undici-llm-cache; fwd=bypass; detail=${why}`)
  })

  test.for([
    [{ ...ON, 'X-OpenRouter-Cache-TTL': '60' }, 60],
    [ON, 900],
    [{ ...ON, 'X-OpenRouter-Cache-TTL': 'soon' }, 900],
  ] as const)("a rule's ttl of 900 with %j gives %i seconds", async ([headers, seconds]) => {
    const { ask, cache } = await setUp(rule({ ttl: 900 }))
    await ask({ headers })
    expect(lifetime(cache.entries())).toBe(seconds)
  })
})

describe('at OpenRouter itself', () => {
  test('its headers are passed on, ours are not', async () => {
    const { ask, last } = await setUp({}, 'openrouter')
    await ask({ headers: { ...ON, 'X-OpenRouter-Cache-TTL': '60', 'x-llm-cache-namespace': 'n', cache_key: 'k' } })
    expect(last().headers).toMatchObject({ 'x-openrouter-cache': 'true', 'x-openrouter-cache-ttl': '60' })
    expect(controlsOf(last())).toEqual(['x-openrouter-cache', 'x-openrouter-cache-ttl'])
  })

  test('a live answer keeps what OpenRouter says of its own cache, a hit says ours', async () => {
    const { ask, provider } = await setUp({}, 'openrouter')
    const told = { 'X-OpenRouter-Cache-Status': 'HIT', 'X-OpenRouter-Cache-Age': '7', 'X-OpenRouter-Cache-TTL': '293' }
    provider.script({ headers: told })
    expect(statusOf(await ask({ headers: ON }))).toEqual({ status: 'HIT', age: '7', ttl: '293' })
    expect(statusOf(await ask({ headers: ON }))).toEqual({ status: 'HIT', age: '0', ttl: '300' })
  })
})

test('a dialect that is switched off is left to whoever understands it', async () => {
  const { ask, last } = await setUp({ dialects: [] })
  const answer = await ask({ headers: { 'X-OpenRouter-Cache': 'false' } })
  expect([answer.cache, statusOf(answer)]).toEqual(['MISS', { status: null, age: null, ttl: null }])
  expect(controlsOf(last())).toEqual(['x-openrouter-cache'])
})
