import type { CachePlan } from '../controls/plan.ts'
import type { Identified } from '../key/identify.ts'
import type { Match } from '../providers/provider.ts'
import type { Entry } from '../stores/entry.ts'
import type { Dispatch } from '../undici/dispatch.ts'

/**
 * Another way to have an answer than the entry under the call's own key. One object for each cache, made once; it keeps
 * what it has to remember. lib/README.md, "Finders", says how to add one.
 */
export interface Finder {
  /** For diagnostics: `embeddings`. */
  readonly name: string
  /**
   * What it does for one call; `undefined` where the call is none of its business. Asked once a call, when there is no good
   * entry under the call's own key, or when the provider is called without a look. It has to be cheap: nothing is parsed
   * here.
   */
  open(call: FinderCall): Search | undefined
  /**
   * Header fields (name, value, name, value …) for a hit under the call's own key. Where no finder of a cache has this
   * member, a hit pays nothing for it.
   */
  exactFields?(call: FinderCall): readonly string[]
}

/** One finder's part in one call. What it throws, or rejects with, is told on the error channel and counts as "nothing". */
export interface Search {
  /**
   * Looks. Not asked where the call may not be answered from the cache, nor where it can join a flight of its own key.
   * Synchronous where everything is at hand, so that a miss waits for nothing; what takes time is bounded by the finder.
   */
  find(): Found | Promise<Found>
  /**
   * What is stored in the place of an answer that is about to be stored; `undefined`: nothing. It may store other entries
   * too. Called again when more bytes have followed the end marker. What it throws keeps the answer from being stored.
   */
  settle?(entry: Entry): Entry | undefined
  /** The provider's answer is stored, under this call's key. Called again as `settle` is. The answer waits for nothing. */
  stored?(entry: Entry): void
}

/** What a finder has for a call. */
export type Found =
  /** The answer. */
  | {
      readonly use: 'all'
      /** Served as it is: its key is the one that the answer names. */
      readonly entry: Entry
      /** How it was found, for `cache-status`: `semantic`, `converted`. */
      readonly detail?: string
      /** Header fields of the answer: name, value, name, value … */
      readonly fields?: readonly string[]
    }
  /** A part of it: the provider call that has the rest, made in the place of the caller's own. */
  | { readonly use: 'some'; readonly call: OtherCall }
  /** Nothing, or nothing that is beyond doubt. */
  | {
      readonly use: 'none'
      /** Why, for `cache-status` of the provider call, where the caller should know: `lossy`. */
      readonly detail?: string
    }

/** A provider call in the place of a caller's own. */
export interface OtherCall {
  /** Parameters of `cache-status`; read when the head of the answer has come. */
  readonly parameters: readonly string[]
  /** A dispatch that makes this call in the place of the one that it is given. */
  over(dispatch: Dispatch): Dispatch
}

/** A call as a finder sees it, with the cache as far as this call may use it. */
export interface FinderCall {
  readonly match: Match
  /** Who calls for what. `identity.json()` and `identity.vary()` lead to the keys of other calls. */
  readonly identity: Identified
  readonly plan: CachePlan
  /** The call's own key, in its own scope. */
  readonly key: string
  /** The key of another call, in the scope of this one. */
  keyOf(identity: Identified): string
  /**
   * The entry under a key, if it is fresh enough for this call: a stale one is not found. Synchronous where memory has it,
   * or stands alone.
   */
  get(key: string): Entry | undefined | Promise<Entry | undefined>
  /** Whether memory holds a key; its place in the order of eviction stays. */
  has(key: string): boolean
  /** Stores an entry for this caller. */
  set(entry: Entry): void
  /** Notes that an entry took part in an answer; the one that `find` gives is counted anyway. */
  hit(key: string): void
}
