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
   * models that search, prompts that are kept and edited at the provider. `'bypass'` (default): they go live;
   * `'cache'`: they are cached like any other call, for a test suite or a demo. Background, conversation and container
   * calls always go live.
   */
  readonly hosted?: Hosted
  /** First match wins. Default none. */
  readonly rules?: readonly Rule[]
  /** Rows to add to the built-in table, or to replace the one with the same `id`. */
  readonly providers?: readonly ProviderRow[]
  /**
   * Local servers, by origin (`http://localhost:11434`) or by the base URL that an SDK is given
   * (`http://localhost:4000/v1`): their OpenAI-compatible endpoints and Ollama's `/api`. Any other path of a base URL
   * goes before these.
   */
  readonly hosts?: readonly string[]
  /** Bytes of the memory tier. Default 256 MiB. */
  readonly maxSize?: number
  /** Entries of the memory tier. Default 1,000,000. */
  readonly maxEntries?: number
  /** Bytes of one answer. Default 8 MiB. */
  readonly maxEntrySize?: number
  /** Bytes of one request body; a larger one passes through uncached. Default 32 MiB. */
  readonly maxRequestSize?: number
  /** Bytes of a request body above which its raw bytes are the key. Default 1 MiB. */
  readonly canonicalLimit?: number
  /** A second tier behind memory. Default none. */
  readonly store?: CacheStore
  /** Seconds (0.001 … 60) that the second tier may take to answer before the call goes on without it. Default 0.05. */
  readonly storeTimeout?: number
  /**
   * Whether identical concurrent calls share one provider call. Default `true`. `'cluster'`: those of other instances
   * too, over a store with leases (`sqliteStore`, `redisStore`).
   */
  readonly coalesce?: boolean | 'cluster'
  /** When the last caller leaves: `'abort'` the provider call (default) or `'finish'` it and keep the answer. */
  readonly onAbandon?: 'abort' | 'finish'
  /**
   * Seconds past `ttl` in which a stale answer is served at once and refreshed behind it; 0 … 31,536,000. Default 0.
   */
  readonly staleWhileRevalidate?: number
  /** Seconds past `ttl` in which a stale answer stands in for a provider's failure; 0 … 31,536,000. Default 0. */
  readonly staleIfError?: number
  /** Pace of a replay: `'instant'` (default), `'recorded'`, or `{ speed }`. */
  readonly replay?: ReplayMode
  /**
   * Gives a text for each call; calls with the same text share entries. In place of the full credential, for tokens
   * that rotate. Where it throws, or gives anything but a text, the call goes live. Default none.
   */
  readonly identity?: (request: IdentityRequest) => string
  /** Body paths left out of the key: `user`, `metadata.trace`, `messages[*].id`. Default none. */
  readonly ignoreFields?: readonly string[]
  /**
   * Request headers left out of the key, names or globs in any case: `x-release`, `x-acme-*`. A glob never matches a
   * credential, a control or what the body is read by. Default none.
   */
  readonly ignoreHeaders?: readonly string[]
  /** Which gateways' controls are understood. Default all three. */
  readonly dialects?: readonly Dialect[]
  /** Which whole answers are still not stored; members left out keep their defaults. */
  readonly refuse?: Partial<RefuseOptions>
  /** How many different answers to one prompt are handed out in turn; 1 … 1000. Default 1. */
  readonly samples?: number
  /** Whether an SDK's own retry goes to the provider, where a stored answer made it retry. Default `true`. */
  readonly retryAware?: boolean
  /**
   * `'items'` (default): each text of an embeddings batch is an answer of its own; `'whole'`: a batch is one answer.
   */
  readonly embeddings?: 'items' | 'whole'
  /**
   * Whether a miss may be answered from the entry of the same call's other form, stream or JSON, where nothing is lost.
   * Default `false`.
   */
  readonly crossMode?: boolean
  /**
   * What of a hit is rewritten: `{ id, created, usage: 'zero', cached }`, or `'openrouter'` for what that gateway
   * rewrites. Default none.
   */
  readonly rewrite?: RewriteOption
  /**
   * Answers a question from another one that means the same: `{ embed, id }` and more. Default none: only equal calls
   * share an answer. lib/semantic/README.md says when two questions mean the same.
   */
  readonly semantic?: SemanticOptions
  /**
   * Whether each miss says why: the parts of the key in which it differs from the nearest entry of the same credential,
   * or what became of its own entry. Keeps keyed digests of the last calls, within 16 MiB. Default `false`.
   */
  readonly explain?: boolean
  /**
   * Share of hits (0 … 1) that are made again live, behind the answer: the new answer takes the place of the stored
   * one, and `stats().drift` counts whether it says the same; with `semantic`, by the embedder too. Never calls with
   * hosted tools. Default 0.
   */
  readonly revalidateShare?: number
  /** Whether a hit of a call in a gateway's dialect is rewritten as that gateway does. Default `false`. */
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
