import type { Range } from '../base/check.ts'
import type { Dialect } from './dialects/dialect.ts'
import type { RewriteOption } from './rewrite.ts'
import type { Hosted } from './hosted.ts'
import type { SemanticSwitch } from './semantic.ts'

/** The values of `x-llm-cache`. */
export const MODES = ['on', 'bypass', 'refresh', 'read-only', 'only'] as const

/**
 * `on`: use the cache even where `policy` would not · `bypass`: neither read nor write · `refresh`: skip the read,
 * store the new answer · `read-only`: store nothing · `only`: never call the provider, a miss answers 504.
 */
export type Mode = (typeof MODES)[number]

/** Seconds that an answer may live: up to 30 days. */
export const TTL_RANGE: Range = { min: 1, max: 2_592_000 }

/** The n-th stable sample of one prompt. */
export const VARIANT_RANGE: Range = { min: 0, max: Number.MAX_SAFE_INTEGER }

/** How many different answers one prompt may have. */
export const SAMPLES_RANGE: Range = { min: 1, max: 1000 }

/**
 * What calls with one FastRouter `cache_key` leave out of the key. Callers never share across hosts by accident: a
 * `cache_key` holds one credential a host, the first that comes with it there. A caller with another credential keeps
 * it in the key, and shares with nobody.
 */
export interface Share {
  /** `filter_on_model: false`: other models share. */
  readonly anyModel: boolean
  /** `filter_on_provider: false`, which is FastRouter's default: other hosts of the same model share. */
  readonly anyProvider: boolean
  /** The `cache_key` inside which they share; `undefined`: nothing is shared. */
  readonly cacheKey: string | undefined
}

/** What one layer of controls asks for: the headers, or a scope. An absent member leaves it to the layer below. */
export interface Directives {
  /** Any mode but `bypass` asks for the cache where `policy` would not use it. */
  readonly mode?: Mode
  /** Seconds; 0 is a bypass. */
  readonly ttl?: number
  /** Seconds if no layer names a `ttl`: the default of the dialect that switched caching on. */
  readonly defaultTtl?: number
  /** Delete this call's entry first. */
  readonly clear?: boolean
  readonly namespace?: string
  readonly tags?: readonly string[]
  readonly variant?: number
  readonly samples?: number
  /** Skip the read (RFC 9111 section 5.2.1.4). Unlike `mode: 'refresh'` it does not ask for the cache. */
  readonly noCache?: boolean
  /** Store nothing of this call (RFC 9111 section 5.2.1.5). */
  readonly noStore?: boolean
  /** Seconds: an older entry is not good enough (RFC 9111 section 5.2.1.1). */
  readonly maxAge?: number
  /** Seconds past its time to live that an entry may be; `Infinity` where bare (RFC 9111 section 5.2.1.2). */
  readonly maxStale?: number
  /** Seconds past its time to live that an entry may be, if the provider fails (RFC 5861 section 4). */
  readonly staleIfError?: number
  /** Whether an SDK's own retry is kept from the answer that made it retry. */
  readonly retryAware?: boolean
  /** Whether a miss may be answered from the entry of the other form. */
  readonly crossMode?: boolean
  /** What of a hit is rewritten. */
  readonly rewrite?: RewriteOption
  /** Whether a call that looks outside is cached. */
  readonly hosted?: Hosted
  /** Whether a question that means the same may answer. */
  readonly semantic?: SemanticSwitch
  /** Least similarity for that, 0 … 1. */
  readonly threshold?: number
  /** Whether a miss says why. */
  readonly explain?: boolean
  /** FastRouter's `cache_key`: a scope that holds one credential a host (see {@link Share}). */
  readonly cacheKey?: string
  /** The dialect that the call speaks: the answer has the status headers of that gateway. */
  readonly dialect?: Dialect
  /** Name of a control that could not be understood, never its value. The call goes live, uncached. */
  readonly problem?: string
}

/** The directives of a layer that says nothing. */
export const NO_DIRECTIVES: Directives = Object.freeze({})

/** {@link Directives} while they are put together. */
export type DirectivesDraft = { -readonly [Name in keyof Directives]: Directives[Name] }
