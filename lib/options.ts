import { distance } from 'fastest-levenshtein'
import type { ProviderRow } from './providers/provider.ts'
import type { Dialect } from './request/body-control.ts'
import { parseFieldPath } from './request/fields.ts'
import type { IdentityRequest } from './request/identify.ts'
import type { Policy } from './request/policy.ts'
import { compileRules, type Rule } from './request/rules.ts'
import type { RefuseOptions } from './response/judge.ts'
import type { ReplayMode } from './response/replay.ts'
import type { CacheStore } from './stores/store.ts'

/** Options of `createLlmCache`. Durations are seconds, sizes are bytes. */
export interface LlmCacheOptions {
  /** Seconds an answer lives; 1 … 2,592,000. Default 3600. */
  readonly ttl?: number
  /**
   * Which calls are cached: `'all'` (default); `'deterministic'`: explicit `temperature: 0` or a seed, and calls without
   * sampling; `'opt-in'`: only calls that ask by header, scope or rule.
   */
  readonly policy?: Policy
  /** First match wins. Default none. */
  readonly rules?: readonly Rule[]
  /** Rows to add to the built-in table, or to replace the one with the same `id`. */
  readonly providers?: readonly ProviderRow[]
  /** Origins of local servers (`http://localhost:11434`): OpenAI-compatible `/v1` endpoints and Ollama's `/api`. */
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
  /** Whether identical concurrent calls share one provider call. Default `true`. */
  readonly coalesce?: boolean
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
  /** Which gateways' controls are understood. Default all three. */
  readonly dialects?: readonly Dialect[]
  /** Which whole answers are still not stored; members left out keep their defaults. */
  readonly refuse?: Partial<RefuseOptions>
  /** How many different answers to one prompt are handed out in turn. Default 1. */
  readonly samples?: number
  /** Whether an SDK's own retry is kept from the answer that made it retry. Default `true`. */
  readonly retryAware?: boolean
  /** `'items'` (default): each text of an embeddings batch is an answer of its own; `'whole'`: a batch is one answer. */
  readonly embeddings?: 'items' | 'whole'
}

type Optional = 'store' | 'identity'

/** Options with every default filled in. */
export type ResolvedOptions = Required<Omit<LlmCacheOptions, Optional | 'refuse'>> &
  Pick<LlmCacheOptions, Optional> & { readonly refuse: RefuseOptions }

const MEBIBYTE = 1024 * 1024
const YEAR = 31_536_000

/** What an option is when it is not given. */
export const DEFAULTS: ResolvedOptions = Object.freeze({
  ttl: 3600,
  policy: 'all',
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
  dialects: ['openrouter', 'fastrouter', 'orq'],
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
} satisfies ResolvedOptions)

type Check = (value: unknown, path: string) => void
type OptionName = keyof LlmCacheOptions

const CHECKS: { readonly [Name in OptionName]-?: Check } = {
  ttl: integer(1, 2_592_000),
  policy: oneOf('all', 'deterministic', 'opt-in'),
  rules: (value) => void compileRules(list('rules', value) as readonly Rule[]), // compileRules checks each one
  providers: (value) => list('providers', value).forEach(checkProvider),
  hosts: (value) => list('hosts', value).forEach(checkOrigin),
  maxSize: integer(1, Number.MAX_SAFE_INTEGER),
  maxEntries: integer(1, Number.MAX_SAFE_INTEGER),
  maxEntrySize: integer(1, 2 ** 31),
  maxRequestSize: integer(1, 2 ** 31),
  canonicalLimit: integer(0, 2 ** 31),
  store: (value, path) => {
    const members = ['get', 'set', 'delete', 'clear', 'entries', 'close'] as const
    for (const member of members) {
      if (typeof memberOf(value, member) !== 'function') fail(path, `a CacheStore with a function \`${member}\``, value)
    }
  },
  storeTimeout: number(0.001, 60),
  coalesce: boolean,
  onAbandon: oneOf('abort', 'finish'),
  staleWhileRevalidate: integer(0, YEAR),
  staleIfError: integer(0, YEAR),
  replay: (value, path) => {
    if (value === 'instant' || value === 'recorded') return
    const speed = memberOf(value, 'speed')
    if (typeof speed !== 'number' || !(speed > 0)) fail(path, "'instant', 'recorded' or { speed } above 0", value)
    rejectUnknown(value, ['speed'], path)
  },
  identity: (value, path) => {
    if (typeof value !== 'function') fail(path, 'a function', value)
  },
  ignoreFields: (value, path) =>
    list(path, value).forEach((field, at) => {
      if (typeof field !== 'string') fail(`${path}[${at}]`, 'a body path such as messages[*].id', field)
      else parseFieldPath(field)
    }),
  dialects: (value, path) =>
    list(path, value).forEach((one, at) => oneOf('openrouter', 'fastrouter', 'orq')(one, `${path}[${at}]`)),
  refuse: (value, path) => {
    if (!isRecord(value)) return fail(path, 'an object', value)
    rejectUnknown(value, Object.keys(DEFAULTS.refuse), path)
    for (const [name, one] of Object.entries(value)) boolean(one, `${path}.${name}`)
  },
  samples: integer(1, 1000),
  retryAware: boolean,
  embeddings: oneOf('items', 'whole'),
}

/**
 * Checks options and fills in defaults; the only place that does.
 *
 * @throws TypeError naming the path, what was expected and what came; also for an option that does not exist.
 */
export function resolveOptions(options: LlmCacheOptions = {}): ResolvedOptions {
  const record: unknown = options // narrowing `options` itself would lose its members' types
  if (!isRecord(record)) fail('options', 'an object', record)
  rejectUnknown(options, Object.keys(CHECKS), 'options')
  const given: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || !isOption(name)) continue
    CHECKS[name](value, name)
    given[name] = value
  }
  return Object.freeze({ ...DEFAULTS, ...given, refuse: { ...DEFAULTS.refuse, ...definedOf(options.refuse) } })
}

function isOption(name: string): name is OptionName {
  return Object.hasOwn(CHECKS, name)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function memberOf(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined
}

function definedOf(value: object | undefined): object {
  return Object.fromEntries(Object.entries(value ?? {}).filter(([, one]) => one !== undefined))
}

function fail(path: string, expected: string, value: unknown): never {
  throw new TypeError(`${path} must be ${expected}, not ${show(value)}`)
}

// Options hold no secrets but functions may close over some, and objects may be large: their kind is enough.
function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value)
}

function rejectUnknown(value: unknown, known: readonly string[], path: string): void {
  for (const name of Object.keys(isRecord(value) ? value : {})) {
    if (known.includes(name)) continue
    const nearest = known.toSorted((a, b) => distance(name, a) - distance(name, b))[0]
    throw new TypeError(`${path}.${name} does not exist; the nearest name is ${nearest}`)
  }
}

function list(path: string, value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : fail(path, 'an array', value)
}

function number(least: number, most: number): Check {
  return (value, path) => {
    if (typeof value !== 'number' || !(value >= least && value <= most))
      fail(path, `a number from ${least} to ${most}`, value)
  }
}

function integer(least: number, most: number): Check {
  return (value, path) => {
    if (!Number.isInteger(value)) fail(path, `an integer from ${least} to ${most}`, value)
    number(least, most)(value, path)
  }
}

function boolean(value: unknown, path: string): void {
  if (typeof value !== 'boolean') fail(path, 'true or false', value)
}

function oneOf(...values: readonly string[]): Check {
  return (value, path) => {
    if (typeof value !== 'string' || !values.includes(value)) {
      fail(path, values.map((one) => `'${one}'`).join(' or '), value)
    }
  }
}

function checkOrigin(value: unknown, at: number): void {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '') {
    fail(`hosts[${at}]`, 'an origin such as http://localhost:11434', value)
  }
}

function checkProvider(row: unknown, at: number): void {
  const path = `providers[${at}]`
  const hosts = memberOf(row, 'hosts')
  const endpoints = memberOf(row, 'endpoints')
  if (typeof memberOf(row, 'id') !== 'string') fail(`${path}.id`, 'a string', memberOf(row, 'id'))
  if (!Array.isArray(hosts) || hosts.some((host) => typeof host !== 'string')) {
    fail(`${path}.hosts`, 'an array of hosts or origins', hosts)
  }
  if (!Array.isArray(endpoints)) fail(`${path}.endpoints`, 'an array', endpoints)
  for (const [index, endpoint] of endpoints.entries()) {
    const where = `${path}.endpoints[${index}]`
    const name = memberOf(endpoint, 'path')
    if (typeof name !== 'string' || !name.startsWith('/'))
      fail(`${where}.path`, 'a path such as /v1/chat/completions', name)
    if (typeof memberOf(memberOf(endpoint, 'format'), 'observe') !== 'function') {
      fail(`${where}.format`, "one of the package's formats", memberOf(endpoint, 'format'))
    }
  }
}
