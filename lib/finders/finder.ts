import type { CachePlan } from '../controls/plan.ts'
import type { Identified } from '../key/identified-call.ts'
import type { Match } from '../providers/provider.ts'
import type { Entry } from '../stores/entry.ts'
import type { CallQuestions } from '../stores/question-tier.ts'
import type { Dispatch } from '../undici/dispatch.ts'

/**
 * A way to find an answer other than by the call's own key. There is one object for each cache, which keeps whatever
 * state it needs. lib/README.md, "Finders", says how to add one.
 */
export interface Finder {
  /** For diagnostics: `embeddings`. */
  readonly name: string
  /**
   * The search for one call; `undefined` if the finder does not apply to it. Called once, if the call has no good entry
   * under its own key, or goes to the provider without a lookup. Must be cheap: parse nothing here.
   */
  open(call: FinderCall): Search | undefined
  /**
   * Header fields (name, value, name, value …) for a hit under the call's own key. If no finder of a cache has this
   * member, hits have no cost from it.
   */
  exactFields?(call: FinderCall): readonly string[]
}

/** One finder's work for one call. Its errors and rejections go to the error channel. */
export interface Search {
  /**
   * Searches for an answer. Not called if the call may not be answered from the cache, or can join a flight under its
   * own key. Synchronous if possible, so that a miss does not wait. A finder that needs time sets its own limit. An
   * error counts as "none".
   */
  find(): Found | Promise<Found>
  /**
   * Returns what to store instead of an answer that is about to be stored; `undefined`: nothing. May store other
   * entries as well. Called again if more bytes arrive after the end marker. If it throws, the answer is not stored.
   */
  settle?(entry: Entry): Entry | undefined
  /**
   * Called when the provider's answer has been stored under this call's key, and again if more bytes arrive. No caller
   * waits.
   */
  stored?(entry: Entry): void
  /** The provider is about to be called. */
  began?(): void
  /** Called once when the provider call has ended, whatever the result. */
  ended?(): void
}

/** The result of a search. */
export type Found =
  /** The answer. */
  | {
      readonly use: 'all'
      /** Served unchanged. `x-llm-cache-key` is its key. */
      readonly entry: Entry
      /** How it was found, for `cache-status`: `semantic`, `converted`. */
      readonly detail?: string
      /** Header fields of the answer: name, value, name, value … */
      readonly fields?: readonly string[]
    }
  /** A part of the answer. `call` gets the rest from the provider, instead of the caller's own call. */
  | { readonly use: 'some'; readonly call: OtherCall }
  /** Nothing, or nothing certain. */
  | {
      readonly use: 'none'
      /** The reason, for `cache-status` of the provider call, if the caller should know: `lossy`. */
      readonly detail?: string
    }

/** A provider call that replaces the caller's own. */
export interface OtherCall {
  /** Parameters of `cache-status`; read when the head of the answer has arrived. */
  readonly parameters: readonly string[]
  /** A dispatch that makes this call by way of the given one. */
  over(dispatch: Dispatch): Dispatch
}

/** A call as a finder sees it, with the parts of the cache that the call may use. */
export interface FinderCall {
  readonly match: Match
  /** The call's facts and keys. `identity.json()` and `identity.vary()` give the keys of other calls. */
  readonly identity: Identified
  readonly plan: CachePlan
  /** The call's own key, in its own scope. */
  readonly key: string
  /** Whether the answer is stored where other instances can find it. */
  readonly isDurable: boolean
  /** Questions kept for this caller, also by other instances; `undefined`: none are. */
  readonly questions: CallQuestions | undefined
  /** The key of another call, in this call's scope. */
  keyOf(identity: Identified): string
  /**
   * The entry under a key, if it is fresh enough for this call; never a stale one. Synchronous if memory has it, or
   * there is no second tier.
   */
  get(key: string): Entry | undefined | Promise<Entry | undefined>
  /** Whether memory has a key. Does not count as a use. */
  has(key: string): boolean
  /** Stores an entry for this caller. */
  set(entry: Entry): void
  /** Counts a use of an entry. The entry that `find` returns is counted anyway. */
  hit(key: string): void
}
