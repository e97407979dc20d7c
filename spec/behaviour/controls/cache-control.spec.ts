import { expect, onTestFinished, test, vi } from 'vitest'
import { setUp, type Asked } from './setup.ts'

const SECOND = 1000

/** A `Date` that stands still until it is moved. */
function stopClock(): { pass(seconds: number): void } {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 })
  onTestFinished(() => void vi.useRealTimers())
  return { pass: (seconds) => void vi.setSystemTime(Date.now() + seconds * SECOND) }
}

const control = (value: string): Asked => ({ headers: { 'cache-control': value } })

test('no-store neither reads nor stores', async () => {
  const { ask, cache } = await setUp()
  const live = await ask(control('no-store'))
  expect([live.cache, live.told]).toEqual(['BYPASS', 'undici-llm-cache; fwd=bypass; detail=no-store'])
  await ask()
  expect((await ask(control('no-store'))).cache).toBe('BYPASS')
  expect(cache.stats()).toMatchObject({ bypasses: { 'no-store': 2 }, stores: 1 })
})

test('no-cache skips the read and stores the new answer', async () => {
  const { ask, cache } = await setUp()
  const old = await ask()
  const fresh = await ask(control('No-Cache'))
  expect([fresh.cache, fresh.key]).toEqual(['REFRESH', old.key])
  expect((await ask()).text).toBe(fresh.text)
  expect(cache.stats()).toMatchObject({ refreshes: 1, stores: 2, entries: 1 })
})

test('only-if-cached answers 504 on a miss, and from the cache on a hit', async () => {
  const { ask, provider } = await setUp()
  const missed = await ask(control('only-if-cached'))
  expect([missed.status, missed.cache]).toEqual([504, 'MISS'])
  expect(JSON.parse(missed.text).error.code).toBe('cache_miss')
  expect(provider.calls).toHaveLength(0)
  const stored = await ask()
  const hit = await ask(control('only-if-cached'))
  expect([hit.cache, hit.text]).toEqual(['HIT', stored.text])
})

test('only-if-cached is not answered by what is too old', async () => {
  const clock = stopClock()
  const { ask, provider } = await setUp({ ttl: 10 })
  await ask()
  clock.pass(5)
  expect((await ask(control('only-if-cached, max-age=4'))).status).toBe(504)
  expect((await ask(control('only-if-cached, max-age=5'))).cache).toBe('HIT')
  clock.pass(6)
  expect((await ask(control('only-if-cached'))).status).toBe(504)
  expect(provider.calls).toHaveLength(1)
})

test.for([
  ['no-cache with it', { 'cache-control': 'only-if-cached, no-cache' }, {}],
  ['a call that is never cached', { 'x-llm-cache': 'only' }, { web_search_options: {} }],
] as const)('only-if-cached is a 504 for %s, and the provider is not called', async ([, headers, fields]) => {
  const { ask, provider } = await setUp()
  await ask({ fields })
  expect((await ask({ headers, fields })).status).toBe(504)
  expect(provider.calls).toHaveLength(1)
})

test('max-age asks for an answer that is no older', async () => {
  const clock = stopClock()
  const { ask } = await setUp()
  const old = await ask()
  clock.pass(30)
  expect((await ask(control('max-age=30'))).text).toBe(old.text)
  const fresh = await ask(control('max-age=29'))
  expect([fresh.cache, fresh.text === old.text]).toEqual(['MISS', false])
  const hit = await ask()
  expect([hit.text, hit.headers.get('age')]).toEqual([fresh.text, '0'])
})

test('max-age=0 is a refresh', async () => {
  const { ask } = await setUp()
  await ask()
  expect((await ask(control('max-age=0'))).cache).toBe('REFRESH')
})

test.for([
  ['max-stale', 'STALE'],
  ['max-stale=21', 'STALE'],
  ['max-stale="21"', 'STALE'],
  ['max-stale=19', 'MISS'],
  ['max-stale, max-age=29', 'MISS'],
] as const)('%s, 20 s past a time to live of 10, is a %s', async ([value, expected]) => {
  const clock = stopClock()
  const { ask, cache, provider } = await setUp({ ttl: 10, staleIfError: 60 })
  const old = await ask()
  clock.pass(30)
  const answer = await ask(control(value))
  expect(answer.cache).toBe(expected)
  if (expected === 'MISS') return
  expect(answer.text).toBe(old.text)
  expect(answer.told).toBe(`undici-llm-cache; hit; ttl=-20; detail=max-stale; key="${old.key}"`)
  expect(answer.headers.get('age')).toBe('30')
  expect(cache.stats()).toMatchObject({ stale: 1, hits: 0 })
  expect(provider.calls).toHaveLength(1)
})

test('max-stale finds nothing past what the stale windows keep', async () => {
  const clock = stopClock()
  const { ask } = await setUp({ ttl: 10, staleIfError: 60 })
  await ask()
  clock.pass(71)
  expect((await ask(control('max-stale'))).cache).toBe('MISS')
})

test.for([429, 500, 502, 503, 504, 529])('stale-if-error stands in for a %i', async (status) => {
  const clock = stopClock()
  const { ask, provider, cache } = await setUp({ ttl: 10 })
  const old = await ask(control('stale-if-error=60'))
  clock.pass(30)
  provider.script({ status }, { status })
  const stale = await ask(control('stale-if-error=60'))
  expect([stale.status, stale.cache, stale.text]).toEqual([200, 'STALE', old.text])
  expect(stale.told).toContain(`; fwd=stale; ttl=-20; fwd-status=${status}; detail=stale-if-error;`)
  expect((await ask(control('stale-if-error=19'))).status).toBe(status)
  expect(cache.stats()).toMatchObject({ stale: 1, stores: 1 })
})

test('stale-if-error stands in for a broken connection, and for no error of the caller', async () => {
  const clock = stopClock()
  const { ask, provider } = await setUp({ ttl: 10, staleIfError: 60 })
  const old = await ask()
  clock.pass(30)
  provider.script({ cut: { after: 0, how: 'reset' } }, { status: 400 })
  expect(await ask()).toMatchObject({ cache: 'STALE', text: old.text })
  expect((await ask()).status).toBe(400)
})

test('stale-if-error=0 takes no stale answer though the option allows it', async () => {
  const clock = stopClock()
  const { ask, provider } = await setUp({ ttl: 10, staleIfError: 60 })
  await ask()
  clock.pass(30)
  provider.script({ status: 500 })
  expect((await ask(control('stale-if-error=0'))).status).toBe(500)
})

test('unknown directives are ignored, and directives work together', async () => {
  const { ask } = await setUp()
  expect((await ask(control('no-transform, private, min-fresh=5, foo="bar"'))).cache).toBe('MISS')
  expect((await ask(control('max-age=60, max-stale=5, stale-if-error=60'))).cache).toBe('HIT')
})

test('cache-control is a standard header: the provider gets it, and it is no part of the key', async () => {
  const { ask, last } = await setUp()
  const first = await ask(control('max-age=60'))
  expect(last().headers['cache-control']).toBe('max-age=60')
  expect((await ask()).key).toBe(first.key)
})

test('Cohere is exempt from no-cache, which its SDK sends by itself, and from nothing else', async () => {
  const { ask, last } = await setUp({}, 'cohere')
  const headers = { 'cache-control': 'no-cache', pragma: 'no-cache' }
  const first = await ask({ headers, fields: { stream: true } })
  expect(last().headers).toMatchObject(headers)
  const second = await ask({ headers, fields: { stream: true } })
  expect([first.cache, second.cache, second.text]).toEqual(['MISS', 'HIT', first.text])
  expect((await ask({ ...control('no-store'), fields: { stream: true } })).cache).toBe('BYPASS')
})

test('another provider is not exempt', async () => {
  const { ask } = await setUp()
  await ask()
  expect((await ask({ headers: { 'cache-control': 'no-cache' } })).cache).toBe('REFRESH')
})

const mode = (cache: NonNullable<RequestInit['cache']>): Asked => ({ init: { cache } })

test.for(['no-store', 'reload'] as const)(
  'fetch with cache: %s reads nothing, stores nothing and drops the old answer',
  async (one) => {
    const { ask, cache, last } = await setUp()
    const old = await ask()
    const live = await ask(mode(one))
    expect([live.cache, live.key, live.text === old.text]).toEqual(['REFRESH', old.key, false])
    expect(last().headers).toMatchObject({ 'cache-control': 'no-cache', pragma: 'no-cache' })
    expect(cache.stats()).toMatchObject({ stores: 1, entries: 0, refreshes: 1, refusals: { 'read-only': 1 } })
    const next = await ask()
    expect([next.cache, [old.text, live.text].includes(next.text)]).toEqual(['MISS', false])
  },
)

test('fetch with cache: no-cache is a refresh', async () => {
  const { ask, cache } = await setUp()
  await ask()
  const fresh = await ask(mode('no-cache'))
  expect(fresh.cache).toBe('REFRESH')
  expect((await ask()).text).toBe(fresh.text)
  expect(cache.stats()).toMatchObject({ stores: 2, entries: 1 })
})

test.for(['default', 'force-cache'] as const)('fetch with cache: %s is a plain call', async (one) => {
  const { ask } = await setUp()
  expect([(await ask(mode(one))).cache, (await ask(mode(one))).cache]).toEqual(['MISS', 'HIT'])
})

test("fetch's cache: only-if-cached never shows below fetch: the header is what says it", async () => {
  const { ask, provider, last } = await setUp()
  const mode = { cache: 'only-if-cached', mode: 'same-origin' } as const
  expect((await ask({ init: mode })).cache).toBe('MISS')
  expect([last().headers['cache-control'], last().headers.pragma]).toEqual([undefined, undefined])
  const headers = { 'cache-control': 'only-if-cached' }
  expect((await ask({ init: mode, headers, fields: { seed: 1 } })).status).toBe(504)
  expect(provider.calls).toHaveLength(1)
})
