import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { LlmCache } from '../../../lib/index.ts'
import { installCache } from '../../support/cache.ts'
import { chat, statusOf } from '../../support/calls.ts'
import type { Provider } from '../../support/provider.ts'
import { startProvider } from '../../support/start-provider.ts'
import { elapse } from './clock.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

/** A cache that holds one answer which went stale 10 seconds ago. */
async function openStale(): Promise<{ cache: LlmCache; provider: Provider; old: string }> {
  const provider = await startProvider()
  const cache = installCache({ hosts: [provider.origin], ttl: 60, staleWhileRevalidate: 100 })
  const old = await (await chat(provider.origin)).text()
  elapse(70)
  return { cache, provider, old }
}

test('a stale answer is served at once, and one refresh runs behind all who get it', async () => {
  const { cache, provider, old } = await openStale()
  const release = Promise.withResolvers<void>()
  provider.script({ first: release.promise })
  const answers = await Promise.all(Array.from({ length: 20 }, () => chat(provider.origin)))
  expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(Array(20).fill(old))
  for (const { headers } of answers) {
    expect(headers.get('x-llm-cache')).toBe('STALE')
    expect(headers.get('age')).toBe('70')
    expect(headers.get('cache-status')).toMatch(/^undici-llm-cache; hit; ttl=-10; detail=stale-while-revalidate; key=/)
  }
  release.resolve()
  await expect.poll(() => cache.stats().stores).toBe(2)
  const next = await chat(provider.origin)
  expect([statusOf(next), (await next.text()) === old]).toEqual(['HIT', false])
  expect(provider.calls).toHaveLength(2)
  expect(cache.stats()).toMatchObject({ stale: 20, hits: 1, misses: 1 })
})

test('callers that take other codings share the one refresh', async () => {
  const { provider } = await openStale()
  provider.script({ first: new Promise(() => {}) })
  const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-one', 'accept-encoding': 'identity' }
  expect(statusOf(await chat(provider.origin))).toBe('STALE')
  expect(statusOf(await chat(provider.origin, {}, { headers }))).toBe('STALE')
  await expect.poll(() => provider.calls.length).toBe(2)
  expect(statusOf(await chat(provider.origin))).toBe('STALE')
  expect(provider.calls).toHaveLength(2)
})

test('a stale answer starts no refresh while a caller refreshes the same one; it is served until then', async () => {
  const { cache, provider, old } = await openStale()
  const release = Promise.withResolvers<void>()
  provider.script({ first: release.promise })
  const refreshing = cache.with({ mode: 'refresh' }, () => chat(provider.origin))
  const others = await Promise.all(Array.from({ length: 5 }, () => chat(provider.origin)))
  for (const other of others) expect([statusOf(other), await other.text()]).toEqual(['STALE', old])
  // A refresh that was started would have come before this call, which goes the same way.
  await (await chat(provider.origin, { seed: 1 })).text()
  expect(provider.calls).toHaveLength(3)
  release.resolve()
  const fresh = await (await refreshing).text()
  const next = await chat(provider.origin)
  expect([statusOf(next), await next.text()]).toEqual(['HIT', fresh])
  expect(provider.calls).toHaveLength(3)
})

test.for([
  ['that stores nothing', { mode: 'read-only' }, {}],
  ['of a failed refresh', { mode: 'refresh' }, { status: 500 }],
] as const)('a stale answer starts its refresh beside a call %s', async ([, scope, behaviour]) => {
  const { cache, provider } = await openStale()
  const release = Promise.withResolvers<void>()
  provider.script({ ...behaviour, hold: release.promise }, {})
  const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-one', 'cache-control': 'no-cache' }
  const other = await cache.with(scope, () => chat(provider.origin, {}, { headers }))
  expect(statusOf(await chat(provider.origin))).toBe('STALE')
  await expect.poll(() => cache.stats().stores).toBe(2)
  release.resolve()
  await other.text()
  expect(provider.calls).toHaveLength(3)
})

test.for([
  ['status 500', { status: 500 }],
  ['status 400', { status: 400 }],
  ['a reset', { cut: { after: 0, how: 'reset' } }],
  ['an error inside its 200', { failAfter: 0 }],
] as const)('a refresh that ends in %s keeps the stale answer until its window ends', async ([, behaviour]) => {
  const { cache, provider, old } = await openStale()
  provider.script(behaviour)
  await (await chat(provider.origin)).text()
  await expect.poll(() => Object.values(cache.stats().refusals)).toEqual([1])
  elapse(80)
  const still = await chat(provider.origin)
  expect([statusOf(still), await still.text()]).toEqual(['STALE', old])
  await expect.poll(() => cache.stats().stores).toBe(2)
})

test('past its window the answer is gone', async () => {
  const { provider, old } = await openStale()
  elapse(90)
  const late = await chat(provider.origin)
  expect([statusOf(late), (await late.text()) === old]).toEqual(['MISS', false])
})

test('a caller that leaves does not take the refresh with it', async () => {
  const { cache, provider } = await openStale()
  const release = Promise.withResolvers<void>()
  provider.script({ first: release.promise })
  await (await chat(provider.origin)).text()
  const leave = new AbortController()
  elapse(100)
  const joiner = chat(provider.origin, {}, { signal: leave.signal })
  await expect.poll(() => cache.stats().coalesced).toBe(1)
  leave.abort()
  await expect(joiner).rejects.toThrow('aborted')
  release.resolve()
  await expect.poll(() => cache.stats().stores).toBe(2)
  expect(provider.calls).toHaveLength(2)
})

test.for(['read-only', 'only'])('a caller with %s starts no refresh that it may not store', async (mode) => {
  const { provider, old } = await openStale()
  const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-one', 'x-llm-cache': mode }
  const answer = await chat(provider.origin, {}, { headers })
  expect([statusOf(answer), await answer.text()]).toEqual(['STALE', old])
  // A refresh that was started would have come before this call, which goes the same way.
  await (await chat(provider.origin, { seed: 1 })).text()
  expect(provider.calls).toHaveLength(2)
})
