import { type Dictionary, parseDictionary } from 'structured-headers'
import type { Directives, DirectivesDraft } from './directives.ts'
import { readListText } from './header-value.ts'

const PROBLEM: Directives = Object.freeze({ problem: 'cache-control' })

/** What the meaning of `cache-control` depends on, besides its value. */
export interface CacheControlContext {
  /** Whether `pragma: no-cache` came with it. */
  readonly pragma: boolean
  /** Whether `no-cache` counts: some SDKs add it to every stream. */
  readonly honourNoCache: boolean
}

/**
 * Reads the request directives of `cache-control` (RFC 9111 section 5.2.1, RFC 5861 section 4); unknown ones are
 * ignored. It is read as a Structured Field dictionary (draft-ietf-httpbis-retrofit section 2). Where that fails, or a
 * number is wrong or comes twice, the result is a `problem`.
 *
 * fetch turns its cache modes into headers (https://fetch.spec.whatwg.org/#http-network-or-cache-fetch): `no-cache`
 * into `max-age=0`, and both `no-store` and `reload` into `cache-control: no-cache` with `pragma: no-cache`. The last
 * two can't be told apart, so that pair does what both promise: nothing is read, nothing is stored, and the old answer
 * is never served again. The mode `only-if-cached` can't be seen at all, since undici's fetch has no cache and drops
 * it; as a directive of the header it is honoured.
 */
export function readCacheControl(value: string, context: CacheControlContext): Directives {
  const directives = parse(value)
  if (directives === undefined) return PROBLEM
  const maxAge = readDelta(directives, 'max-age')
  const maxStale = isBare(directives, 'max-stale') ? Infinity : readDelta(directives, 'max-stale')
  const staleIfError = readDelta(directives, 'stale-if-error')
  if (maxAge === null || maxStale === null || staleIfError === null) return PROBLEM
  const draft: DirectivesDraft = {}
  if (maxStale !== undefined) draft.maxStale = maxStale
  if (staleIfError !== undefined) draft.staleIfError = staleIfError
  if (isSet(directives, 'no-store')) draft.noStore = true
  const noCache = context.honourNoCache && isSet(directives, 'no-cache')
  if (maxAge !== undefined && maxAge > 0) draft.maxAge = maxAge
  if (noCache || maxAge === 0) draft.noCache = true
  if (isSet(directives, 'only-if-cached')) draft.mode = 'only'
  else if (noCache && context.pragma) draft.clear = draft.noStore = true
  return draft
}

function parse(value: string): Dictionary | undefined {
  // Directive names are case-insensitive (RFC 9111 section 5.2), dictionary keys are lower case.
  const text = readListText(value)?.toLowerCase()
  if (text === undefined || hasRepeatedNumber(text)) return undefined
  try {
    return parseDictionary(text)
  } catch {
    return undefined
  }
}

/** With two numbers, a cache can't know which one was meant; a dictionary would keep the last. */
function hasRepeatedNumber(text: string): boolean {
  const names =
    text.replace(/"[^"]*"/g, '').match(/(?<=^|[\s,])(?:max-age|max-stale|stale-if-error)(?=[=\s,;]|$)/g) ?? []
  return new Set(names).size < names.length
}

/**
 * Seconds, also as a quoted string (RFC 9111 section 5.2); `undefined` without the directive, `null` if it is not a
 * number.
 */
function readDelta(directives: Dictionary, name: string): number | undefined | null {
  const item = directives.get(name)
  if (item === undefined) return undefined
  const value = typeof item[0] === 'string' && /^\d{1,15}$/.test(item[0]) ? Number(item[0]) : item[0]
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null
}

function isBare(directives: Dictionary, name: string): boolean {
  return directives.get(name)?.[0] === true
}

/**
 * Whether a directive is present. An argument that it does not take in requests (`no-cache="set-cookie"`) is ignored.
 */
function isSet(directives: Dictionary, name: string): boolean {
  const item = directives.get(name)
  return item !== undefined && item[0] !== false
}
