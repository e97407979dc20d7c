import type { CachePlan } from '../controls/plan.ts'
import type { Identified } from '../key/identified-call.ts'
import type { Match } from '../providers/provider.ts'
import type { Entry } from '../stores/entry.ts'
import type { CallQuestions } from '../stores/question-tier.ts'
import type { Dispatch } from '../undici/dispatch.ts'

/**
 * Another way to have an answer than the entry under the call's own key. There is one object for each cache; it
 * remembers what it needs. lib/README.md, "Finders", says how to add one.
 */
export interface Finder {
  /** For diagnostics: `embeddings`. */
  readonly name: string
  /**
   * What it does for one call; `undefined` for a call that it has nothing to do with. Asked once, when the call has no
   * good entry under its own key, or goes to the provider without a look. Has to be cheap: parse nothing here.
   */
  open(call: FinderCall): Search | undefined
  /**
   * Header fields (name, value, name, value …) for a hit under the call's own key. Where no finder of a cache has this
   * member, a hit pays nothing for it.
   */
  exactFields?(call: FinderCall): readonly string[]
}

/** What one finder does for one call. What it throws, or rejects with, goes to the error channel. */
export interface Search {
  /**
   * Looks for an answer. Not asked where the call may not be answered from the cache, or can join a flight of its own
   * key. Synchronous where everything is at hand, so that a miss does not wait. A finder that needs time sets its own
   * limit. What it throws counts as "nothing".
   */
  find(): Found | Promise<Found>
  /**
   * What is stored in the place of an answer that is about to be stored; `undefined`: nothing. It may store other
   * entries too. Called again when more bytes have come after the end marker. If it throws, the answer is not stored.
   */
  settle?(entry: Entry): Entry | undefined
  /**
   * Called when the provider's answer is stored under this call's key; again when more bytes have come. No caller
   * waits.
   */
  stored?(entry: Entry): void
  /** The provider is about to be called. */
  began?(): void
  /** Called once when that call has ended, whatever came of it. */
  ended?(): void
}

/** What a finder has for a call. */
export type Found =
  /** The answer. */
  | {
      readonly use: 'all'
      /** Served as it is. Its key is the one that `x-llm-cache-key` says. */
      readonly entry: Entry
      /** How it was found, for `cache-status`: `semantic`, `converted`. */
      readonly detail?: string
      /** Header fields of the answer: name, value, name, value … */
      readonly fields?: readonly string[]
    }
  /** A part of it. `call` gets the rest from the provider, in the place of the caller's own call. */
  | { readonly use: 'some'; readonly call: OtherCall }
  /** Nothing, or nothing that is sure. */
  | {
      readonly use: 'none'
      /** Why, for `cache-status` of the provider call, where the caller should know: `lossy`. */
      readonly detail?: string
    }

/** A provider call in the place of a caller's own. */
export interface OtherCall {
  /** Parameters of `cache-status`; read when the head of the answer has come. */
  readonly parameters: readonly string[]
  /** A dispatch that makes this call, over the one that it is given. */
  over(dispatch: Dispatch): Dispatch
}

/** A call as a finder sees it, and the cache as far as that call may use it. */
export interface FinderCall {
  readonly match: Match
  /** Who calls for what. `identity.json()` and `identity.vary()` lead to the keys of other calls. */
  readonly identity: Identified
  readonly plan: CachePlan
  /** The call's own key, in its own scope. */
  readonly key: string
  /** Whether the answer is kept where other instances find it. */
  readonly isDurable: boolean
  /** Questions that are kept for this caller, also by other instances; `undefined`: none are. */
  readonly questions: CallQuestions | undefined
  /** The key of another call, in the scope of this one. */
  keyOf(identity: Identified): string
  /**
   * The entry under a key, if it is fresh enough for this call; a stale one is not found. Synchronous where memory has
   * it, or there is no second tier.
   */
  get(key: string): Entry | undefined | Promise<Entry | undefined>
  /** Whether memory holds a key. Does not count as a use. */
  has(key: string): boolean
  /** Stores an entry for this caller. */
  set(entry: Entry): void
  /** Counts a use of an entry. The one that `find` gives is counted anyway. */
  hit(key: string): void
}
