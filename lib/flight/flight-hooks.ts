import type { FilterTarget } from '../stores/filter.ts'
import type { AdmissionHooks } from './admission.ts'

/** What failed before the head of an answer reached anyone. */
export type Failure = { readonly status: number } | { readonly error: Error }

/** May give a caller something better than a failure: a stale answer. `true`: the caller is answered. */
export type Rescue = (failure: Failure) => boolean

/** Callers may share a flight if they have the same key and take the same codings. */
export interface Route {
  readonly key: string
  /** `''` if the caller sent none. */
  readonly acceptEncoding: string
}

/**
 * When an answer is to be judged. `now`: in the next turn of the event loop, since much has come. `ended`: the answer
 * is complete; in the next turn if nobody waits for a provider, else within 10 ms, since judging would keep the others
 * waiting. `soon`: within 10 ms, since more is likely to come, and its callers wait for that.
 */
export type Urgency = 'now' | 'ended' | 'soon'

/** What a flight needs of the cache around it. */
export interface FlightHooks extends AdmissionHooks {
  readonly route: Route
  /** What filters see of the answer: a clear also reaches answers that are still on their way. */
  readonly target: FilterTarget
  /** Bytes of an answer that may be kept: for the store, or for a caller that reads slower than others. */
  readonly maxEntrySize: number
  readonly onAbandon: 'abort' | 'finish'
  /** Milliseconds, monotonic. */
  readonly now: () => number
  /**
   * Has the flight's `catchUp` called then, and before anyone looks for the answer in the store. So nobody who waits
   * for the answer waits for its judge. Default: it is judged at once, before its callers are given what has come.
   */
  readonly later?: (urgency: Urgency) => void
  /** Nobody joins any more. Once. */
  readonly closed: () => void
  /** So many callers got a failure, or left before the answer was whole. Their SDKs may retry. */
  readonly failed: (callers: number) => void
  /** The last callback. `followers`: callers that joined the first one. */
  readonly settled: (followers: number) => void
}
