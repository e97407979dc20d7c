import type { BypassReason, Refusal } from '../base/reasons.ts'
import type { InsideCounts } from './inside-counts.ts'
import type { SemanticStats } from './semantic-figures.ts'
import type { UnmatchedCounts } from './unmatched-calls.ts'

/** Figures since the cache was made. Durations are seconds, sizes bytes, costs US dollars. */
export interface Stats extends Figures, UnmatchedCounts, InsideCounts {
  /** Only with the option `semantic`. */
  readonly semantic?: SemanticStats
}

/** What is counted as calls come through. */
export interface Figures extends Answers {
  /** Answers that were stored. */
  readonly stores: number
  /** Entries that were evicted from memory. */
  readonly evictions: number
  /** Entries in memory. */
  readonly entries: number
  /** Bytes in memory, headers and overhead included. */
  readonly size: number
  /** Calls that bypassed the cache, by reason. */
  readonly bypasses: Readonly<Partial<Record<BypassReason, number>>>
  /** Answers that were not stored, by reason. */
  readonly refusals: Readonly<Partial<Record<Refusal, number>>>
  readonly saved: Saved
  /** What the provider calls took whose answers were stored. */
  readonly spent: Spent
  /**
   * Why the provider's own cache missed, in the provider's words (`tools_changed`), for calls that asked for that:
   * Anthropic's `diagnostics`, OpenAI's `prompt_cache_options.comparison_response_id`.
   */
  readonly cacheMisses: Readonly<Record<string, number>>
  /**
   * Answers in `saved` whose cost is unknown, because the provider reports no usage or no price list has the model.
   * They are not in `saved.cost`.
   */
  readonly unpriced: number
  /** How long callers waited for the head of their answer. */
  readonly latency: {
    /** For answers from the cache. */
    readonly hit: Latency
    /** For answers from the provider. */
    readonly miss: Latency
  }
  /** The last 24 hours; a minute without a call is left out. Oldest first. */
  readonly minutes: readonly Minute[]
  /** By the model's name as in the call; `''` if it has none. 1,000 at most, the rest under `other`. */
  readonly byModel: Readonly<Record<string, GroupFigures>>
  /** By namespace; `''` for calls without one. 1,000 at most, the rest under `other`. */
  readonly byNamespace: Readonly<Record<string, GroupFigures>>
}

/** How calls were answered. */
export interface Answers {
  /** Calls answered with a fresh stored answer. */
  readonly hits: number
  /** Calls that the provider answered because there was nothing to serve. */
  readonly misses: number
  /** Calls that shared a provider call that was already under way. */
  readonly coalesced: number
  /** Calls answered with a stale stored answer. */
  readonly stale: number
  /** Calls that the provider answered because they asked for that. */
  readonly refreshes: number
}

/** Figures of the calls of one model or namespace. */
export interface GroupFigures extends Answers {
  readonly saved: Saved
  /** What the provider calls took whose answers were stored. */
  readonly spent: Spent
  /** Why the provider's own cache missed, in the provider's words, for calls that asked for that. */
  readonly cacheMisses: Readonly<Record<string, number>>
  /** Answers in `saved` whose cost is unknown. */
  readonly unpriced: number
}

/** Tokens, as far as providers report them. */
export interface Tokens {
  /** Cached ones included. */
  readonly inputTokens: number
  /** Reasoning included. */
  readonly outputTokens: number
  /** Input tokens that the provider had in its own cache. */
  readonly cachedTokens: number
}

/** What answers without a provider call of their own would have taken. */
export interface Saved extends Tokens {
  /** Seconds. */
  readonly time: number
  /** US dollars: the provider's own figure, otherwise the list price. Answers in `unpriced` are left out. */
  readonly cost: number
}

/** What provider calls took. */
export interface Spent extends Tokens {
  /** Number of calls. */
  readonly calls: number
  /** Input tokens that the provider wrote to its own cache; some providers charge more for them. */
  readonly cacheWriteTokens: number
}

/** Percentiles in seconds; 0 if there was no call. */
export interface Latency {
  /** Number of measured calls. */
  readonly count: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

/** Calls that began in one minute. */
export interface Minute {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Answered from the cache, or shared. */
  readonly hits: number
  /** Answered by the provider. */
  readonly misses: number
}
