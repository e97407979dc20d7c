import picomatch from 'picomatch'
import {
  type Check,
  checkMembers,
  fail,
  isBoolean,
  isInteger,
  isList,
  isNumber,
  isOneOf,
  memberOf,
} from '../base/check.ts'
import { compilePath } from '../providers/pattern.ts'
import type { ProviderRow } from '../providers/provider.ts'
import { type Dialect, DIALECTS } from '../controls/dialects/dialect.ts'
import { parseFieldPath } from '../key/field-paths.ts'
import { isFixed } from '../request/header-kind.ts'
import type { IdentityRequest } from '../key/identify.ts'
import { SAMPLES_RANGE, TTL_RANGE } from '../controls/directives.ts'
import { type Hosted, HOSTED } from '../controls/hosted.ts'
import { POLICIES, type Policy } from '../controls/policy.ts'
import { isRewrite, type RewriteOption } from '../controls/rewrite.ts'
import { compileRules, type Rule } from '../controls/rules.ts'
import type { RefuseOptions } from '../judge/verdict.ts'
import {
  isSemantic,
  type ResolvedSemanticOptions,
  resolveSemanticOptions,
  type SemanticOptions,
} from '../semantic/semantic-options.ts'
import type { ReplayMode } from '../replay/replay.ts'
import type { CacheStore } from '../stores/store.ts'

/** Options of `createLlmCache`. Durations are seconds, sizes are bytes. */
export interface LlmCacheOptions {
  /** Seconds an answer lives; 1 … 2,592,000. Default 3600. */
  readonly ttl?: number
  /**
   * Which calls are cached: `'all'` (default); `'deterministic'`: explicit `temperature: 0` or a seed, and calls without
   * sampling; `'opt-in'`: only calls that ask by header, scope or rule.
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
   * (`http://localhost:4000/v1`): their OpenAI-compatible endpoints and Ollama's `/api`. Another path stands before these.
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
  /** Seconds (0.001 …) that the second tier may take to answer before the call goes on without it. Default 0.05. */
  readonly storeTimeout?: number
  /**
   * Whether identical concurrent calls share one provider call. Default `true`. `'cluster'`: those of other instances too,
   * over a store with leases (`sqliteStore`, `redisStore`).
   */
  readonly coalesce?: boolean | 'cluster'
  /** When the last caller leaves: `'abort'` the provider call (default) or `'finish'` it and keep the answer. */
  readonly onAbandon?: 'abort' | 'finish'
  /** Seconds past `ttl` in which a stale answer is served at once and refreshed behind it. Default 0. */
  readonly staleWhileRevalidate?: number
  /** Seconds past `ttl` in which a stale answer stands in for a provider's failure. Default 0. */
  readonly staleIfError?: number
  /** Pace of a replay: `'instant'` (default), `'recorded'`, or `{ speed }`. */
  readonly replay?: ReplayMode
  /** Who shares an entry, in place of the full credential (rotating tokens). */
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
  /** How many different answers to one prompt are handed out in turn. Default 1. */
  readonly samples?: number
  /** Whether an SDK's own retry goes to the provider, where a stored answer made it retry. Default `true`. */
  readonly retryAware?: boolean
  /** `'items'` (default): each text of an embeddings batch is an answer of its own; `'whole'`: a batch is one answer. */
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
   * or what became of its own. Keeps keyed digests of the last calls, within 16 MiB. Default `false`.
   */
  readonly explain?: boolean
  /**
   * Share of hits (0 … 1) that are made again live, behind the answer: the new answer takes the place of the stored one,
   * and `stats().drift` counts whether it says the same; with `semantic`, by the embedder too. Never calls with hosted
   * tools. Default 0.
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
const YEAR = 31_536_000

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

type OptionName = keyof LlmCacheOptions

const LARGEST = Number.MAX_SAFE_INTEGER
// The longest Buffer that every supported Node can make is far above this.
const LARGEST_BUFFER = 2 ** 31

const CHECKS: { readonly [Name in OptionName]-?: Check } = {
  ttl: isInteger(TTL_RANGE),
  policy: isOneOf(POLICIES),
  hosted: isOneOf(HOSTED),
  rules(value, path) {
    if (!Array.isArray(value)) return fail(path, 'an array', value)
    compileRules(value)
  },
  providers: isList(isProvider),
  hosts: isList(isBaseURL),
  maxSize: isInteger({ min: 1, max: LARGEST }),
  maxEntries: isInteger({ min: 1, max: LARGEST }),
  maxEntrySize: isInteger({ min: 1, max: LARGEST_BUFFER }),
  maxRequestSize: isInteger({ min: 1, max: LARGEST_BUFFER }),
  canonicalLimit: isInteger({ min: 0, max: LARGEST_BUFFER }),
  store: isStore,
  storeTimeout: isNumber({ min: 0.001, max: 60 }),
  coalesce: isCoalesce,
  onAbandon: isOneOf(['abort', 'finish']),
  staleWhileRevalidate: isInteger({ min: 0, max: YEAR }),
  staleIfError: isInteger({ min: 0, max: YEAR }),
  replay: isReplayMode,
  identity: isFunction,
  ignoreFields: isList(isFieldPath),
  ignoreHeaders: isList(isHeaderGlob),
  dialects: isList(isOneOf(DIALECTS)),
  refuse(value, path) {
    checkMembers(value, Object.fromEntries(Object.keys(DEFAULTS.refuse).map((name) => [name, isBoolean])), path)
  },
  samples: isInteger(SAMPLES_RANGE),
  retryAware: isBoolean,
  embeddings: isOneOf(['items', 'whole']),
  crossMode: isBoolean,
  rewrite: isRewrite,
  dialectAnswers: isBoolean,
  semantic: isSemantic,
  explain: isBoolean,
  revalidateShare: isNumber({ min: 0, max: 1 }),
}

/**
 * Checks options and fills in defaults; the only place that does.
 *
 * @throws TypeError naming the path, what was expected and what came; also for an option that does not exist.
 */
export function resolveOptions(options: LlmCacheOptions = {}): ResolvedOptions {
  checkMembers(options, CHECKS, 'options')
  checkIgnored(options)
  checkIdentity(options)
  checkLeases(options)
  return Object.freeze({
    ...DEFAULTS,
    ...definedOf(options),
    refuse: { ...DEFAULTS.refuse, ...definedOf(options.refuse) },
    ...(options.semantic !== undefined && { semantic: resolveSemanticOptions(options.semantic) }),
  })
}

/** Callers that share entries by `identity` have no common credential that could seal them. */
function checkIdentity({ identity, store }: LlmCacheOptions): void {
  if (identity === undefined || store?.needsSecret !== true) return
  throw new TypeError(
    "options.identity can't be used with a store that seals under the caller's credential, which it stands in for: " +
      "make the store with encryption: { key } or encryption: 'none'",
  )
}

function isCoalesce(value: unknown, path: string): void {
  if (typeof value !== 'boolean' && value !== 'cluster') fail(path, "true, false or 'cluster'", value)
}

/** Only a store with leases can tell instances apart. */
function checkLeases({ coalesce, store }: LlmCacheOptions): void {
  if (coalesce !== 'cluster' || typeof store?.lease === 'function') return
  throw new TypeError(
    "options.coalesce must be true or false, not 'cluster', without a store that has leases: sqliteStore, redisStore",
  )
}

function definedOf(value: object | undefined): object {
  return Object.fromEntries(Object.entries(value ?? {}).filter(([, one]) => one !== undefined))
}

function isFunction(value: unknown, path: string): void {
  if (typeof value !== 'function') fail(path, 'a function', value)
}

function isStore(value: unknown, path: string): void {
  for (const member of ['get', 'set', 'delete', 'clear', 'entries', 'close']) {
    // Stores are classes: their members are on the prototype.
    const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, member) : undefined
    if (typeof found !== 'function') fail(path, `a CacheStore with a function \`${member}\``, value)
  }
}

function isReplayMode(value: unknown, path: string): void {
  if (value === 'instant' || value === 'recorded') return
  const speed = memberOf(value, 'speed')
  if (typeof speed !== 'number' || !(speed > 0)) fail(path, "'instant', 'recorded' or { speed } above 0", value)
  checkMembers(value, { speed: isNumber({ min: 0, max: Infinity }) }, path)
}

function isFieldPath(value: unknown, path: string): void {
  if (typeof value !== 'string') fail(path, 'a body path such as messages[*].id', value)
  parseFieldPath(value)
}

/** A leading `!` would turn the list into "everything but", credentials' neighbours included. */
function isHeaderGlob(value: unknown, path: string): void {
  if (typeof value !== 'string' || !/^[^\s:!][^\s:]*$/.test(value)) {
    fail(path, 'a header name or a glob such as x-acme-*', value)
  }
}

/** Naming a header that always counts is a mistake. A glob just does not match it. */
function checkIgnored({ ignoreHeaders = [], providers = [] }: LlmCacheOptions): void {
  for (const [index, name] of ignoreHeaders.entries()) {
    if (picomatch.scan(name).isGlob || !isFixed(name.toLowerCase(), providers)) continue
    fail(`options.ignoreHeaders[${index}]`, 'no credential, no control and nothing that always counts', name)
  }
}

function isBaseURL(value: unknown, path: string): void {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  if (url !== undefined && url.username + url.password !== '') fail(path, 'a URL without user and password', url.origin)
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search + url.hash !== '') {
    fail(path, "an origin or an SDK's base URL such as http://localhost:4000/v1", value)
  }
}

function isProvider(row: unknown, path: string): void {
  const hosts = memberOf(row, 'hosts')
  if (typeof memberOf(row, 'id') !== 'string') fail(`${path}.id`, 'a string', memberOf(row, 'id'))
  if (!Array.isArray(hosts) || hosts.some((host) => typeof host !== 'string')) {
    fail(`${path}.hosts`, 'an array of hosts or origins', hosts)
  }
  isList(isEndpoint)(memberOf(row, 'endpoints'), `${path}.endpoints`)
}

function isPattern(path: string): boolean {
  try {
    return path.startsWith('/') && compilePath(path) !== undefined
  } catch {
    return false
  }
}

function isEndpoint(endpoint: unknown, path: string): void {
  const name = memberOf(endpoint, 'path')
  const format = memberOf(endpoint, 'format')
  if (typeof name !== 'string' || !isPattern(name)) fail(`${path}.path`, 'a path such as /v1/chat/completions', name)
  if (typeof memberOf(format, 'observe') !== 'function') fail(`${path}.format`, "one of the package's formats", format)
}
