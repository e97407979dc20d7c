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

/** Number of different answers to one prompt. */
export const SAMPLES_RANGE: Range = { min: 1, max: 1000 }

/**
 * What calls with the same FastRouter `cache_key` leave out of the key. So that callers never share across hosts by
 * accident, a `cache_key` holds one credential for each host: the first that uses it there. A caller with another
 * credential keeps it in the key, and shares with nobody.
 */
export interface Share {
  /** `filter_on_model: false`: calls to other models share answers. */
  readonly anyModel: boolean
  /** `filter_on_provider: false`, FastRouter's default: calls to the same model on other hosts share answers. */
  readonly anyProvider: boolean
  /** The `cache_key` within which calls share; `undefined`: nothing is shared. */
  readonly cacheKey: string | undefined
}

/**
 * The requests of one layer of controls: the headers, or a scope. A missing member leaves the decision to the layer
 * below.
 */
export interface Directives {
  /** Any mode but `bypass` asks for the cache where `policy` would not use it. */
  readonly mode?: Mode
  /** Seconds; 0 is a bypass. */
  readonly ttl?: number
  /** Seconds if no layer sets a `ttl`: the default of the dialect that switched caching on. */
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
  /** Seconds: older entries are not accepted (RFC 9111 section 5.2.1.1). */
  readonly maxAge?: number
  /**
   * Seconds that an entry may be past its time to live; `Infinity` if no number is given (RFC 9111 section 5.2.1.2).
   */
  readonly maxStale?: number
  /** Seconds that an entry may be past its time to live if the provider fails (RFC 5861 section 4). */
  readonly staleIfError?: number
  /** Whether an SDK's own retry must not get the answer that caused it. */
  readonly retryAware?: boolean
  /** Whether a miss may be answered from the entry of the other form. */
  readonly crossMode?: boolean
  /** What is rewritten in a hit. */
  readonly rewrite?: RewriteOption
  /** Whether a call that looks outside is cached. */
  readonly hosted?: Hosted
  /** Whether a question with the same meaning may supply the answer. */
  readonly semantic?: SemanticSwitch
  /** Least similarity for `semantic`, 0 … 1. */
  readonly threshold?: number
  /** Whether a miss says why. */
  readonly explain?: boolean
  /** FastRouter's `cache_key`: a scope with one credential for each host (see {@link Share}). */
  readonly cacheKey?: string
  /** The dialect of the call: the answer gets that gateway's status headers. */
  readonly dialect?: Dialect
  /** Name of a control that could not be understood, never its value. The call goes live, uncached. */
  readonly problem?: string
}

/** The directives of a layer without controls. */
export const NO_DIRECTIVES: Directives = Object.freeze({})

/** {@link Directives} under construction. */
export type DirectivesDraft = { -readonly [Name in keyof Directives]: Directives[Name] }
