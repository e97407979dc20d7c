import { expect, test } from 'vitest'
import { assess, isFailing } from '../../../lib/stores/freshness.ts'

// Stored at 0, fresh for 60 seconds, kept for 100 more.
const ENTRY = { storedAt: 0, expiresAt: 60_000, keptUntil: 160_000 }
const PLAIN = { maxAge: undefined, maxStale: 0, staleWhileRevalidate: 0, staleIfError: 0 }

test.for([
  [0, {}, 'hit'],
  [59_999, {}, 'hit'],
  [60_000, {}, 'none'],
  [60_000, { maxStale: 10 }, 'stale'],
  [69_999, { maxStale: 10 }, 'stale'],
  [70_000, { maxStale: 10 }, 'none'],
  [159_999, { maxStale: Infinity }, 'stale'],
  [160_000, { maxStale: Infinity }, 'none'],
  [70_000, { staleWhileRevalidate: 100 }, 'stale and revalidate'],
  [70_000, { staleWhileRevalidate: 100, maxStale: 20 }, 'stale'],
  [70_000, { staleWhileRevalidate: 5, staleIfError: 100 }, 'fallback'],
  [160_000, { staleIfError: 1000 }, 'none'],
  [30_000, { maxAge: 30 }, 'hit'],
  [30_001, { maxAge: 30 }, 'none'],
  [30_001, { maxAge: 30, maxStale: 100, staleWhileRevalidate: 100 }, 'none'],
  [30_001, { maxAge: 30, staleIfError: 100 }, 'fallback'],
] as const)('at %i ms a call that accepts %o finds: %s', ([now, accepts, expected]) => {
  const found = assess(ENTRY, { ...PLAIN, ...accepts }, now)
  expect(found.use === 'stale' && found.revalidate ? 'stale and revalidate' : found.use).toBe(expected)
})

test.for([
  ['60 s', { storedAt: 60_000, expiresAt: 3_660_000, keptUntil: 3_660_000 }, 'hit'],
  ['more than a minute', { storedAt: 60_001, expiresAt: 3_660_001, keptUntil: 3_660_001 }, 'none'],
  ['its lifetime of 10 s', { storedAt: 10_000, expiresAt: 20_000, keptUntil: 20_000 }, 'hit'],
  ['more than its lifetime of 10 s', { storedAt: 10_001, expiresAt: 20_001, keptUntil: 20_001 }, 'none'],
  ['an hour, however long it may be stale', { storedAt: 3_600_000, expiresAt: 3_610_000, keptUntil: 9e9 }, 'none'],
] as const)('an entry that was stored %s ahead of this clock finds its use', ([, entry, expected]) => {
  const accepts = { ...PLAIN, maxStale: Infinity, staleWhileRevalidate: 100, staleIfError: 100 }
  expect(assess(entry, accepts, 0).use).toBe(expected)
})

test('statuses that a stale answer may stand in for are those of an overloaded or broken provider', () => {
  const all = Array.from({ length: 500 }, (_, i) => 100 + i)
  expect(all.filter(isFailing)).toEqual([429, 500, 502, 503, 504, 529])
})
