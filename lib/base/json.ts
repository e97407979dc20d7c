/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject

/** A JSON object. */
export interface JsonObject {
  readonly [name: string]: Json | undefined
}

/** JSON that may be changed in place, because its owner has parsed it. */
export type MutableJson = null | boolean | number | string | MutableJson[] | MutableObject

/** An object of {@link MutableJson}. */
export interface MutableObject {
  [name: string]: MutableJson
}

/** Whether a value is an object and not an array. */
export function isObject(value: MutableJson | undefined): value is MutableObject
export function isObject(value: Json | undefined): value is JsonObject
export function isObject(value: unknown): value is Readonly<Record<string, unknown>>
export function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Levels of arrays and objects. Real answers have a few dozen. */
const MAX_DEPTH = 10_000

/** The JSON value of a text; `undefined` if it is not JSON, or nested deeper than any answer. Never throws. */
export function parseJson(text: string): Json | undefined {
  if (isTooDeep(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Whether a text is nested too deeply. Its length, or the number of its brackets, nearly always shows that it is not;
 * otherwise it is scanned.
 */
function isTooDeep(text: string): boolean {
  if (text.length <= 2 * MAX_DEPTH || countUpTo(text, MAX_DEPTH) < MAX_DEPTH) return false
  let depth = 0
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (inString) {
      if (code === BACKSLASH) at++
      else if (code === QUOTE) inString = false
    } else if (code === QUOTE) inString = true
    else if (code === BRACKET || code === BRACE) {
      if (++depth > MAX_DEPTH) return true
    } else if (code === CLOSING_BRACKET || code === CLOSING_BRACE) depth--
  }
  return false
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const BRACKET = 0x5b
const CLOSING_BRACKET = 0x5d
const BRACE = 0x7b
const CLOSING_BRACE = 0x7d

/** How many opening brackets a text has; counting stops at `limit`. */
function countUpTo(text: string, limit: number): number {
  let count = 0
  for (const bracket of ['[', '{']) {
    for (let at = text.indexOf(bracket); at !== -1 && count < limit; at = text.indexOf(bracket, at + 1)) count++
  }
  return count
}
