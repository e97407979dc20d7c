/** How a matched call was answered: `x-llm-cache`. */
export type CacheStatus = 'HIT' | 'MISS' | 'STALE' | 'COALESCED' | 'REFRESH' | 'BYPASS'

/**
 * Why a call was passed on without the cache. A closed list: `stats().bypasses` counts by it and `cache-status`
 * carries it as `detail`.
 */
export const BYPASS_REASONS = [
  /** `x-llm-cache: bypass`, or a dialect's header that switches caching off. */
  'header',
  /** A surrounding `cache.with({ mode: 'bypass' })`. */
  'scope',
  /** The first matching rule says `enabled: false`. */
  'rule',
  /** `policy: 'deterministic'` or `'opt-in'` does not cover the call. */
  'policy',
  /** `cache-control: no-store` (RFC 9111 section 5.2.1.5). */
  'no-store',
  /** A time to live of 0. */
  'ttl-0',
  /** A control that could not be understood; `detail` names it. */
  'control',
  /** `background: true`: the answer is a queue ticket. */
  'background',
  /** The provider keeps the conversation. */
  'conversation',
  /** The call runs in a provider's container. */
  'container',
  /**
   * A tool that the provider runs, or a model that searches: it looks at the world, or a clock. `hosted: 'cache'` lifts
   * it.
   */
  'hosted-tool',
  /** A prompt, preset or guardrail kept at the provider, and edited there (`hosted: 'cache'` lifts it). */
  'hosted-text',
  /** The body is larger than `maxRequestSize`. */
  'body-too-large',
  /** No byte of the body came for a second: it may wait for what the provider answers. Sent on as it comes. */
  'body-slow',
  /** Reading the body failed. What was read of it is sent on, then its error. */
  'body-failed',
  /** The body has a `content-encoding`, or is of a type that can't be keyed. */
  'body-encoding',
  /** `upgrade`, `expect` or another option of the call that a replay could not honour. */
  'protocol',
  /** `identity` or another callback of the app threw. */
  'callback',
  /** Something broke inside the cache; the diagnostics channel tells what. */
  'internal',
] as const

/** One of {@link BYPASS_REASONS}. */
export type BypassReason = (typeof BYPASS_REASONS)[number]

/** Why an answer was delivered but not stored. A closed list: `stats().refusals` counts by it. */
export const REFUSALS = [
  /** The status is not 200. */
  'status',
  /** The network failed, or the provider broke off. */
  'network',
  /** The caller left before the answer was whole. */
  'aborted',
  /** The transport ended cleanly, but the provider's end marker never came, or a choice has no finish reason. */
  'incomplete',
  /** Shorter or longer than `content-length`, a broken frame, JSON that does not parse, text that does not decode. */
  'malformed',
  /** An error event, an `error` member or a failed status inside a 200. */
  'error',
  /** `queued`, `in_progress`: there is no answer yet. */
  'pending',
  /** The model refused (`refuse.refusal`). */
  'refusal',
  /** Content filter, SAFETY, guardrail, blocked prompt (`refuse.contentFilter`). */
  'content-filter',
  /** Anthropic's `pause_turn` (`refuse.pauseTurn`). */
  'pause-turn',
  /** No text, no tool call; embeddings without data (`refuse.empty`). */
  'empty',
  /** Arguments of a tool call that are not JSON (`refuse.brokenToolCall`). */
  'broken-tool-call',
  /** The token budget ran out (`refuse.length`, off by default). */
  'length',
  /** Larger than `maxEntrySize`, on the wire or decoded. */
  'too-large',
  /** A content coding or media type that can't be judged. */
  'unreadable',
  /** The caller asked for no write (`read-only`, `only`). */
  'read-only',
  /** Cleared while the answer was on its way. */
  'cleared',
  /** The answer of a later call is stored already. */
  'superseded',
  /** Something broke inside the cache; the diagnostics channel tells what. */
  'internal',
] as const

/** One of {@link REFUSALS}. */
export type Refusal = (typeof REFUSALS)[number]

/** Why a call found no answer. `unknown`: nothing that it could be compared with was asked for before. */
export type MissReason = 'differs' | 'expired' | 'cleared' | 'evicted' | 'refused' | 'unknown'

/**
 * Why a call that looks like one to an LLM did not get to the cache. A closed list: `stats().unmatchedCauses` counts by
 * it.
 */
export const UNMATCHED_CAUSES = [
  /** It went by `node:http`: an SDK from before the built-in fetch, node-fetch, axios, gaxios. */
  'node-http',
  /** It went by `node:http2`: Bedrock's client with its default handler. */
  'node-http2',
  /** It went by undici, but another global dispatcher was set after the cache was installed. */
  'replaced',
  /** It went by undici, but with a dispatcher of its own. */
  'dispatcher',
  /** The host is known, the path is none of its known endpoints. */
  'endpoint',
  /** The path is that of an OpenAI-compatible or Ollama server, on a host that is not known: option `hosts`. */
  'host',
] as const

/** One of {@link UNMATCHED_CAUSES}. */
export type UnmatchedCause = (typeof UNMATCHED_CAUSES)[number]

/**
 * Why a question that was near enough did not answer another one. A closed list: `stats().semantic.rejected` counts by
 * it. What each rule keeps apart stands in lib/semantic/guard.ts.
 */
export const MATCH_REFUSALS = [
  'numbers',
  'units',
  'quoted',
  'symbols',
  'names',
  'negation',
  'opposites',
  'quantity',
  'question',
  'order',
  'clause',
  'words',
  'case',
  'form',
  /** No English: there are no word lists for it, and it is not near enough to do without. */
  'language',
  /** Two long texts of one pattern. */
  'template',
  /** The app's own `guard` said no. */
  'guard',
  /** `verify` said no, failed, or was late. */
  'verify',
  /** By `cache.reject`. */
  'rejected',
] as const

/** One of {@link MATCH_REFUSALS}. */
export type MatchRefusal = (typeof MATCH_REFUSALS)[number]
