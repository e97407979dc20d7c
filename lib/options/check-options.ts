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
import { DIALECTS } from '../controls/dialects/dialect.ts'
import { SAMPLES_RANGE, TTL_RANGE } from '../controls/directives.ts'
import { HOSTED } from '../controls/hosted.ts'
import { POLICIES } from '../controls/policy.ts'
import { isRewrite } from '../controls/rewrite.ts'
import { compileRules } from '../controls/rules.ts'
import { isFieldPath } from '../key/field-paths.ts'
import { compilePath } from '../providers/pattern.ts'
import { isFixed } from '../request/header-kind.ts'
import { isSemantic } from '../semantic/semantic-options.ts'
import { DEFAULTS, type LlmCacheOptions } from './options.ts'

type OptionName = keyof LlmCacheOptions

const LARGEST = Number.MAX_SAFE_INTEGER
/** Bytes. Every supported version of Node allows much larger Buffers. */
const LARGEST_BUFFER = 2 ** 31
/** Seconds. */
const YEAR = 31_536_000

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
  ignoreFields: isList(isPath),
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
 * Checks the options of `createLlmCache`.
 *
 * @throws TypeError naming the path, what was expected and what came; also for an unknown option.
 */
export function checkOptions(options: LlmCacheOptions): void {
  checkMembers(options, CHECKS, 'options')
  checkIgnored(options)
  checkIdentity(options)
  checkLeases(options)
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

/** Instances share a call by a lease of the store. */
function checkLeases({ coalesce, store }: LlmCacheOptions): void {
  if (coalesce !== 'cluster' || typeof store?.lease === 'function') return
  throw new TypeError(
    "options.coalesce must be true or false, not 'cluster', without a store that has leases: sqliteStore, redisStore",
  )
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

function isPath(value: unknown, path: string): void {
  const isRight = typeof value === 'string' && isFieldPath(value)
  if (!isRight) fail(path, 'a body path such as messages[*].id', value)
}

/** A leading `!` would mean "everything but", and so include credentials. */
function isHeaderGlob(value: unknown, path: string): void {
  if (typeof value !== 'string' || !/^[^\s:!][^\s:]*$/.test(value)) {
    fail(path, 'a header name or a glob such as x-acme-*', value)
  }
}

/** Listing a header that always counts by name is a mistake. A glob simply does not match it. */
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
  if (!Array.isArray(hosts)) fail(`${path}.hosts`, 'an array of hosts or origins', hosts)
  isList(isHost)(hosts, `${path}.hosts`)
  isList(isEndpoint)(memberOf(row, 'endpoints'), `${path}.endpoints`)
}

const HOST = 'a host such as llm.example.com or *.example.com, or an origin such as http://localhost:8000'

/**
 * Checks a host of a row. A name means https on the default port. A name with a port leaves the scheme open, and one
 * with a path moves the endpoints: both would match no call, and nobody would notice.
 */
function isHost(value: unknown, path: string): void {
  const text = typeof value === 'string' ? value : ''
  const isOrigin = text.includes('://')
  const url = URL.parse(isOrigin ? text : `https://${text}`)
  if (url !== null && url.username + url.password !== '') {
    fail(path, 'a host or an origin without user and password', url.host)
  }
  const fits = url !== null && (isOrigin ? isPlainOrigin(url) : url.host === text.toLowerCase() && url.port === '')
  if (!fits) fail(path, HOST, value)
}

function isPlainOrigin({ protocol, host, pathname, search, hash }: URL): boolean {
  return /^https?:$/.test(protocol) && !host.includes('*') && pathname + search + hash === '/'
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
