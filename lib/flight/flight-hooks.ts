import type { Flight } from './flight.ts'
import type { Refusal } from '../base/reasons.ts'
import type { Head } from '../undici/head.ts'
import type { Judge } from '../judge/judge.ts'
import type { Verdict } from '../judge/verdict.ts'
import type { LiveRecording } from '../replay/live-recording.ts'
import type { FilterTarget } from '../stores/filter.ts'

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
export interface FlightHooks {
  readonly route: Route
  /** What the entry will be, for filters: a clear also reaches answers that are still on their way. */
  readonly target: FilterTarget
  /** Bytes of an answer that may be kept, for the store or for one who reads slower than another. */
  readonly maxEntrySize: number
  readonly onAbandon: 'abort' | 'finish'
  /** Milliseconds, monotonic. */
  readonly now: () => number
  /**
   * To call {@link Flight.catchUp} then, and before anyone can look for the answer in the store: judging costs those who
   * wait for the answer nothing. Default at once, before they are given what has come.
   */
  readonly later?: (flight: Flight, urgency: Urgency) => void
  /** A judge for the answer, or why it will not be stored. */
  readonly judge: (head: Head, onTurn: (verdict: Verdict) => void) => Judge | Refusal
  /** The answer is whole so far: store it, or say why not. Called again when more has followed the marker. */
  readonly store: (recording: LiveRecording, verdict: Verdict & { store: true }) => Refusal | undefined
  /** What followed the marker took the answer back. */
  readonly retract: () => void
  /** The answer will not be stored. Once. */
  readonly refused: (reason: Refusal) => void
  /** Nobody joins any more. Once. */
  readonly closed: (flight: Flight) => void
  /** `callers` were given a failure, or left before the answer was whole: their SDKs may retry. */
  readonly failed: (callers: number) => void
  /** The last callback. */
  readonly settled: (flight: Flight) => void
  /** Something broke inside; the answer goes on unharmed. */
  readonly broken: (error: unknown) => void
}
