import { distance } from 'fastest-levenshtein'
import { isObject } from './json.ts'

/** The least and greatest values of a number, both inclusive. */
export interface Range {
  readonly min: number
  readonly max: number
}

/** Longest name (a namespace, a tag, FastRouter's `cache_key`), in characters. */
export const MAX_TEXT = 256

/** Checks one member of the options, a rule or a scope, and throws a `TypeError` that names `path`. */
export type Check = (value: unknown, path: string) => void

/**
 * Checks that `value` is a plain record whose members are all known and pass their checks; `undefined` members count as
 * absent.
 *
 * @throws TypeError naming the path, what was expected and what came (of objects and long texts only their kind).
 */
export function checkMembers(value: unknown, checks: Readonly<Record<string, Check>>, path: string): void {
  if (!isObject(value)) return fail(path, 'an object', value)
  for (const [name, member] of Object.entries(value)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (check === undefined)
      throw new TypeError(`${path}.${name} does not exist; ${nearest(name, Object.keys(checks))}`)
    if (member !== undefined) check(member, `${path}.${name}`)
  }
}

/** An integer inside `range`. */
export function isInteger(range: Range): Check {
  return (value, path) => {
    const valid = typeof value === 'number' && Number.isInteger(value) && value >= range.min && value <= range.max
    if (!valid) fail(path, `an integer from ${range.min} to ${range.max}`, value)
  }
}

/** One of a closed list of words. */
export function isOneOf(words: readonly string[]): Check {
  return (value, path) => {
    if (typeof value !== 'string' || !words.includes(value)) {
      fail(path, words.map((word) => `'${word}'`).join(' or '), value)
    }
  }
}

/** `true` or `false`. */
export function isBoolean(value: unknown, path: string): void {
  if (typeof value !== 'boolean') fail(path, 'true or false', value)
}

/** A text of 1 to 256 characters. */
export function isText(value: unknown, path: string): void {
  if (typeof value !== 'string' || value === '' || value.length > MAX_TEXT) {
    fail(path, `a string of 1 to ${MAX_TEXT} characters`, value)
  }
}

/** An array of texts of 1 to 256 characters. */
export function isTextList(value: unknown, path: string): void {
  if (!Array.isArray(value)) return fail(path, 'an array of strings', value)
  for (const [index, item] of value.entries()) isText(item, `${path}[${index}]`)
}

/** A number inside `range`. */
export function isNumber(range: Range): Check {
  return (value, path) => {
    const valid = typeof value === 'number' && value >= range.min && value <= range.max
    if (!valid) fail(path, `a number from ${range.min} to ${range.max}`, value)
  }
}

/** An array whose items all pass. */
export function isList(item: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value)) return fail(path, 'an array', value)
    for (const [index, one] of value.entries()) item(one, `${path}[${index}]`)
  }
}

/** Throws the `TypeError` of every check. */
export function fail(path: string, expected: string, value: unknown): never {
  throw new TypeError(`${path} must be ${expected}, not ${show(value)}`)
}

// A long text may be a prompt or an API key, and an object may contain anything, so only their kind is shown.
const SHOWN = 24

function show(value: unknown): string {
  if (typeof value === 'string') {
    return value.length <= SHOWN ? JSON.stringify(value) : `a string of ${value.length} characters`
  }
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}

/** Suggests the known name nearest to a misspelt one: `the nearest name is ttl`. */
export function nearest(name: string, known: readonly string[]): string {
  return `the nearest name is ${known.toSorted((a, b) => distance(name, a) - distance(name, b))[0]}`
}

/** A member of any value; `undefined` if there is none. */
export function memberOf(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined
}
