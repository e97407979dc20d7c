import { type Dialect, DIALECTS } from '../controls/dialects/dialect.ts'
import type { Hosted } from '../controls/hosted.ts'
import type { Policy } from '../controls/policy.ts'
import type { RewriteOption } from '../controls/rewrite.ts'
import type { Rule } from '../controls/rules.ts'
import type { RefuseOptions } from '../judge/verdict.ts'
import type { IdentityRequest } from '../key/identify.ts'
import type { ProviderRow } from '../providers/provider.ts'
import type { ReplayMode } from '../replay/replay.ts'
import type { ResolvedSemanticOptions, SemanticOptions } from '../semantic/semantic-options.ts'
import type { CacheStore } from '../stores/store.ts'

/** Options of `createLlmCache`. Durations are seconds, sizes are bytes. */
export interface LlmCacheOptions {
  /** Seconds an answer lives; 1 … 2,592,000. Default 3600. */
  readonly ttl?: number
  /**
   * Which calls are cached: `'all'` (default); `'deterministic'`: explicit `temperature: 0` or a seed, and calls
   * without sampling; `'opt-in'`: only calls that ask by header, scope or rule.
   */
  readonly policy?: Policy
  /**
   * Calls whose answer depends on more than the request: tools that the provider runs (search, code, computer, MCP),
   * models that search, prompts that are edited at the provider. `'bypass'` (default): they go live; `'cache'`: they
   * are cached like any other call, for a test suite or a demo. Background, conversation and container calls always go
   * live.
   */
  readonly hosted?: Hosted
  /** First match wins. Default none. */
  readonly rules?: readonly Rule[]
  /** Provider rows to add to the built-in table, or to replace those with the same `id`. */
  readonly providers?: readonly ProviderRow[]
  /**
   * Local servers, by origin (`http://localhost:11434`) or by an SDK's base URL (`http://localhost:4000/v1`): their
   * OpenAI-compatible endpoints and Ollama's `/api`. Any other path of a base URL is a prefix of these.
   */
  readonly hosts?: readonly string[]
  /** Size of the memory tier in bytes. Default 256 MiB. */
  readonly maxSize?: number
  /** Most entries in the memory tier. Default 1,000,000. */
  readonly maxEntries?: number
  /** Largest answer in bytes. Default 8 MiB. */
  readonly maxEntrySize?: number
  /** Largest request body in bytes; a larger one passes through uncached. Default 32 MiB. */
  readonly maxRequestSize?: number
  /** Bytes of a request body above which its raw bytes are the key, instead of its canonical JSON. Default 1 MiB. */
  readonly canonicalLimit?: number
  /** A second tier behind memory. Default none. */
  readonly store?: CacheStore
  /** Seconds (0.001 … 60) to wait for the second tier before the call goes on without it. Default 0.05. */
  readonly storeTimeout?: number
  /**
   * Whether identical concurrent calls share one provider call. Default `true`. `'cluster'`: also those of other
   * instances, with a store that has leases (`sqliteStore`, `redisStore`).
   */
  readonly coalesce?: boolean | 'cluster'
  /** When the last caller leaves: `'abort'` the provider call (default) or `'finish'` it and keep the answer. */
  readonly onAbandon?: 'abort' | 'finish'
  /**
   * Seconds past `ttl` during which a stale answer is served at once and refreshed in the background; 0 … 31,536,000.
   * Default 0.
   */
  readonly staleWhileRevalidate?: number
  /** Seconds past `ttl` during which a stale answer replaces a provider's failure; 0 … 31,536,000. Default 0. */
  readonly staleIfError?: number
  /** Pace of a replay: `'instant'` (default), `'recorded'`, or `{ speed }`. */
  readonly replay?: ReplayMode
  /**
   * Returns a string for each call; calls with the same string share entries. Replaces the full credential, for tokens
   * that rotate. If it throws, or returns anything but a string, the call goes live. Default none.
   */
  readonly identity?: (request: IdentityRequest) => string
  /** Body paths to leave out of the key: `user`, `metadata.trace`, `messages[*].id`. Default none. */
  readonly ignoreFields?: readonly string[]
  /**
   * Request headers to leave out of the key, as names or globs in any case: `x-release`, `x-acme-*`. A glob never
   * matches a credential, a control, or a header that says how to read the body. Default none.
   */
  readonly ignoreHeaders?: readonly string[]
  /** Gateways whose cache controls are understood. Default all three. */
  readonly dialects?: readonly Dialect[]
  /** Which complete answers are not stored; missing members keep their defaults. */
  readonly refuse?: Partial<RefuseOptions>
  /** Number of different answers to one prompt, handed out in turn; 1 … 1000. Default 1. */
  readonly samples?: number
  /** Whether an SDK's own retry goes to the provider if a stored answer caused it. Default `true`. */
  readonly retryAware?: boolean
  /** `'items'` (default): each text of an embeddings batch is a separate answer; `'whole'`: a batch is one answer. */
  readonly embeddings?: 'items' | 'whole'
  /**
   * Whether a miss may be answered from the entry of the same call's other form, stream or JSON, if nothing is lost.
   * Default `false`.
   */
  readonly crossMode?: boolean
  /**
   * What is rewritten in hits: `{ id, created, usage: 'zero', cached }`, or `'openrouter'` for what that gateway
   * rewrites. Default none.
   */
  readonly rewrite?: RewriteOption
  /**
   * Answers questions from others with the same meaning: `{ embed, id }` and more. Default none: only equal calls share
   * an answer. lib/semantic/README.md says when two questions have the same meaning.
   */
  readonly semantic?: SemanticOptions
  /**
   * Whether each miss says why: the parts of the key in which it differs from the nearest entry of the same credential,
   * or what happened to its own entry. Keeps keyed digests of the latest calls, at most 16 MiB. Default `false`.
   */
  readonly explain?: boolean
  /**
   * Share of hits (0 … 1) that are repeated against the provider in the background. The new answer replaces the stored
   * one, and `stats().drift` counts whether they are equal; with `semantic`, also by the embedder. Never for calls with
   * hosted tools. Default 0.
   */
  readonly revalidateShare?: number
  /** Whether hits of calls in a gateway's dialect are rewritten as that gateway does. Default `false`. */
  readonly dialectAnswers?: boolean
}

type Optional = 'store' | 'identity' | 'rewrite'

/** Options with every default filled in. */
export type ResolvedOptions = Required<Omit<LlmCacheOptions, Optional | 'refuse' | 'semantic'>> &
  Pick<LlmCacheOptions, Optional> & { readonly refuse: RefuseOptions; readonly semantic?: ResolvedSemanticOptions }

const MEBIBYTE = 1024 * 1024

/** Defaults of the options. */
export const DEFAULTS: ResolvedOptions = Object.freeze({
  ttl: 3600,
  policy: 'all',
  hosted: 'bypass',
  rules: [],
  providers: [],
  hosts: [],
  maxSize: 256 * MEBIBYTE,
  maxEntries: 1_000_000,
  maxEntrySize: 8 * MEBIBYTE,
  maxRequestSize: 32 * MEBIBYTE,
  canonicalLimit: MEBIBYTE,
  storeTimeout: 0.05,
  coalesce: true,
  onAbandon: 'abort',
  staleWhileRevalidate: 0,
  staleIfError: 0,
  replay: 'instant',
  ignoreFields: [],
  ignoreHeaders: [],
  dialects: DIALECTS,
  refuse: Object.freeze({
    refusal: true,
    contentFilter: true,
    pauseTurn: true,
    empty: true,
    brokenToolCall: true,
    length: false,
  }),
  samples: 1,
  retryAware: true,
  embeddings: 'items',
  crossMode: false,
  dialectAnswers: false,
  explain: false,
  revalidateShare: 0,
} satisfies ResolvedOptions)
