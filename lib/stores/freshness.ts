import type { Entry } from './entry.ts'

/** How a stored answer may be used. */
export type Freshness =
  | { readonly use: 'hit' }
  /** Serve it at once; with `revalidate`, refresh it in the background. */
  | { readonly use: 'stale'; readonly revalidate: boolean }
  /** Only if the provider fails. */
  | { readonly use: 'fallback' }
  | { readonly use: 'none' }

/** What a call accepts, in seconds. */
export interface Accepts {
  readonly maxAge: number | undefined
  readonly maxStale: number
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
}

const HIT: Freshness = Object.freeze({ use: 'hit' })

/** Milliseconds by which the clocks of machines that share a store may differ. */
export const CLOCK_SKEW = 60_000

/**
 * Whether an entry was stored while the clock was ahead, by more than clocks may differ or than the entry lives. Since
 * its age is unknown, it counts as missing: otherwise it would be served beyond its ttl.
 */
export function isFromFuture({ storedAt, expiresAt }: Pick<Entry, 'storedAt' | 'expiresAt'>, now: number): boolean {
  return storedAt - now > Math.min(CLOCK_SKEW, expiresAt - storedAt)
}

/** Whether an entry is fresh for a call without controls. */
export function isFresh(entry: Pick<Entry, 'storedAt' | 'expiresAt'>, now: number): boolean {
  return now < entry.expiresAt && !isFromFuture(entry, now)
}

/** Whether an existing entry is newer than the imported one, and so stays. */
export function isNewer(
  there: Pick<Entry, 'storedAt' | 'expiresAt'> | undefined,
  restored: Pick<Entry, 'storedAt' | 'expiresAt'>,
): boolean {
  const now = Date.now()
  if (there === undefined || isFromFuture(there, now)) return false
  return there.storedAt > restored.storedAt || isFromFuture(restored, now)
}

/**
 * Compares an entry's age with what a call accepts, at `now` milliseconds since the epoch. A request's `max-age` limits
 * what is fresh and what may be refreshed in the background, but not what replaces a failure (RFC 9111 section 5.2.1,
 * RFC 5861).
 */
export function assess(
  entry: Pick<Entry, 'storedAt' | 'expiresAt' | 'keptUntil'>,
  accepts: Accepts,
  now: number,
): Freshness {
  const staleness = (now - entry.expiresAt) / 1000
  if ((now >= entry.keptUntil && staleness >= 0) || isFromFuture(entry, now)) return { use: 'none' }
  const isYoungEnough = accepts.maxAge === undefined || now - entry.storedAt <= accepts.maxAge * 1000
  if (isYoungEnough) {
    if (staleness < 0) return HIT
    if (staleness < accepts.maxStale) return { use: 'stale', revalidate: false }
    if (staleness < accepts.staleWhileRevalidate) return { use: 'stale', revalidate: true }
  }
  // Without a window no answer replaces a failure, not even one that is fresh but too old for this request.
  const isCovered = accepts.staleIfError > 0 && staleness < accepts.staleIfError
  return isCovered ? { use: 'fallback' } : { use: 'none' }
}

// Statuses of a failing or overloaded provider. RFC 5861 section 4 names 500, 502, 503 and 504. 429 and Anthropic's 529
// mean that it has no capacity for this caller.
const FAILING = new Set([429, 500, 502, 503, 504, 529])

/** Whether `stale-if-error` covers a status. */
export function isFailing(status: number): boolean {
  return FAILING.has(status)
}
