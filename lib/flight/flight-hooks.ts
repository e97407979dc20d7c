import type { FilterTarget } from '../stores/filter.ts'
import type { AdmissionHooks } from './admission.ts'

/** What failed before the head of an answer reached anyone. */
export type Failure = { readonly status: number } | { readonly error: Error }

/** A caller may have something better than a failure: a stale answer. `true`: it has taken over that caller. */
export type Rescue = (failure: Failure) => boolean

/** Which callers may share a flight: those with the same key who take the same codings. */
export interface Route {
  readonly key: string
  /** `''` where the caller sent none. */
  readonly acceptEncoding: string
}

/**
 * When an answer is to be judged. `now`: in the next turn of the event loop, since much of it has come. `ended`: in the
 * next turn if nobody waits for a provider then, else within 10 ms, since judging would keep them waiting. `soon`: within
 * 10 ms, since more is likely to come at once and its callers wait for that.
 */
export type Urgency = 'now' | 'ended' | 'soon'

/** What a flight needs of the cache around it. */
export interface FlightHooks extends AdmissionHooks {
  readonly route: Route
  /** What the entry will be, for filters: a clear also reaches answers that are still on their way. */
  readonly target: FilterTarget
  /** Bytes of an answer that may be kept, for the store or for one who reads slower than another. */
  readonly maxEntrySize: number
  readonly onAbandon: 'abort' | 'finish'
  /** Milliseconds, monotonic. */
  readonly now: () => number
  /**
   * Has the flight's `catchUp` called then, and before anyone can look for the answer in the store: judging costs those
   * who wait for the answer nothing. Default at once, before they are given what has come.
   */
  readonly later?: (urgency: Urgency) => void
  /** Nobody joins any more. Once. */
  readonly closed: () => void
  /** `callers` were given a failure, or left before the answer was whole: their SDKs may retry. */
  readonly failed: (callers: number) => void
  /** The last callback. `followers`: callers that joined the first one. */
  readonly settled: (followers: number) => void
}
