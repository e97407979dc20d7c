import type { FilterTarget } from '../stores/filter.ts'
import type { AdmissionHooks } from './admission.ts'

/** A failure before the head of an answer reached anyone. */
export type Failure = { readonly status: number } | { readonly error: Error }

/** May answer a caller with something better than a failure: a stale answer. Returns `true` if it has. */
export type Rescue = (failure: Failure) => boolean

/** Callers may share a flight if they have the same key and accept the same codings. */
export interface Route {
  readonly key: string
  /** `''` if the caller sent none. */
  readonly acceptEncoding: string
}

/**
 * When an answer must be judged. `now`: in the next turn of the event loop, since much has arrived. `ended`: the answer
 * is complete; in the next turn if nobody waits for a provider, otherwise within 10 ms, since judging would delay the
 * others. `soon`: within 10 ms, since more is likely to arrive, and its callers wait for that.
 */
export type Urgency = 'now' | 'ended' | 'soon'

/** What a flight needs from the cache around it. */
export interface FlightHooks extends AdmissionHooks {
  readonly route: Route
  /** What filters read: a clear also reaches answers that are still in progress. */
  readonly target: FilterTarget
  /** Bytes of an answer that may be kept: for the store, or for a caller that is slower than others. */
  readonly maxEntrySize: number
  readonly onAbandon: 'abort' | 'finish'
  /** Milliseconds, monotonic. */
  readonly now: () => number
  /**
   * Makes the flight's `catchUp` be called by then, and before anyone looks for the answer in the store, so that no
   * caller waits for its judge. Default: the answer is judged at once, before its callers get what has arrived.
   */
  readonly later?: (urgency: Urgency) => void
  /** Called once when nobody may join any more. */
  readonly closed: () => void
  /**
   * Called with the number of callers that got a failure, or left before the answer was whole. Their SDKs may retry.
   */
  readonly failed: (callers: number) => void
  /** The last callback. `followers`: callers that joined the first one. */
  readonly settled: (followers: number) => void
}
