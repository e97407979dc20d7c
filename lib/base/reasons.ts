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
   * A tool that the provider runs, or a model that searches: it looks at the world or a clock. `hosted: 'cache'` lifts
   * this.
   */
  'hosted-tool',
  /** A prompt, preset or guardrail that is stored and edited at the provider (`hosted: 'cache'` lifts this). */
  'hosted-text',
  /** The body is larger than `maxRequestSize`. */
  'body-too-large',
  /** No byte of the body arrived for a second: it may wait for the provider's answer. It is passed on as it arrives. */
  'body-slow',
  /** Reading the body failed. What was read is sent on, followed by the error. */
  'body-failed',
  /** The body has a `content-encoding`, or is of a type that can't be keyed. */
  'body-encoding',
  /** `upgrade`, `expect` or another option of the call that a replay could not honour. */
  'protocol',
  /** `identity` or another callback of the app threw. */
  'callback',
  /** Something failed inside the cache; the error channel says what. */
  'internal',
] as const

/** One of {@link BYPASS_REASONS}. */
export type BypassReason = (typeof BYPASS_REASONS)[number]

/** Why an answer was delivered but not stored. A closed list: `stats().refusals` counts by it. */
const REFUSALS = [
  /** The status is not 200. */
  'status',
  /** The network failed, or the provider closed the connection. */
  'network',
  /** The caller left before the answer was whole. */
  'aborted',
  /** The transport ended cleanly, but the provider's end marker is missing, or a choice has no finish reason. */
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
  /** The caller asked not to store (`read-only`, `only`). */
  'read-only',
  /** Cleared while the answer was in progress. */
  'cleared',
  /** The answer of a later call is stored already. */
  'superseded',
  /** Something failed inside the cache; the error channel says what. */
  'internal',
] as const

/** One of {@link REFUSALS}. */
export type Refusal = (typeof REFUSALS)[number]

/** Why a call found no answer. `unknown`: there is no earlier call to compare with. */
export type MissReason = 'differs' | 'expired' | 'cleared' | 'evicted' | 'refused' | 'unknown'

/**
 * Why a call that seems to be an LLM call did not reach the cache. A closed list: `stats().unmatchedCauses` counts by
 * it.
 */
const UNMATCHED_CAUSES = [
  /** Made by `node:http`: an SDK older than the built-in fetch, node-fetch, axios, gaxios. */
  'node-http',
  /** Made by `node:http2`: Bedrock's client with its default handler. */
  'node-http2',
  /** Made by undici, but another global dispatcher was set after the cache was installed. */
  'replaced',
  /** Made by undici, but with a dispatcher of its own. */
  'dispatcher',
  /** The host is known, but the path is not one of its endpoints. */
  'endpoint',
  /** The path is that of an OpenAI-compatible or Ollama server, but the host is unknown: option `hosts`. */
  'host',
] as const

/** One of {@link UNMATCHED_CAUSES}. */
export type UnmatchedCause = (typeof UNMATCHED_CAUSES)[number]

/**
 * Why a question that was near enough was not accepted. A closed list: `stats().semantic.rejected` counts by it.
 * lib/semantic/guard.ts says what each rule rejects.
 */
const MATCH_REFUSALS = [
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
  /** Not English: there are no word lists for it, and the similarity is too low without them. */
  'language',
  /** Two long texts from one template. */
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
