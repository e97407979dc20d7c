import stringify from 'fast-json-stable-stringify'
import type { Format } from '../providers/provider.ts'
import { type FieldPath, visitFields } from './field-paths.ts'
import { isObject, type MutableJson, type MutableObject } from '../base/json.ts'
import { scanJson } from './json-loss.ts'
import { keepOrder, type OrderedPlaces } from './ordered-places.ts'

/** What to leave out of a body's canonical form, and what must keep its order. */
export interface CanonicalRules {
  readonly ordered: OrderedPlaces
  /** Members to leave out. */
  readonly ignore: readonly FieldPath[]
  /** A member whose `false` means the same as its absence, or `undefined`. */
  readonly falseIsAbsent: string | undefined
}

/** Deeper JSON is keyed by its raw bytes: no provider accepts it, and recursion could overflow the stack. */
const MAX_DEPTH = 256

/**
 * The canonical form of a JSON object's text. The order of properties, white space, escapes and the notation of numbers
 * don't count. The order of arrays counts, and that of properties where it influences the model.
 *
 * `undefined` if parsing would lose something: a number that a double can't represent, `-0`, a duplicate name or one
 * with an escape, a lone surrogate. Also if it is nested deeper than 256 levels. Then only the raw bytes are a safe
 * key.
 *
 * @param parsed a parse of `text`, which is changed
 */
export function canonicalize(text: string, parsed: MutableObject, rules: CanonicalRules): string | undefined {
  const { names, plainNames, depth, exact } = scanJson(text)
  if (!exact || !plainNames || depth > MAX_DEPTH || countNames(parsed) !== names) return undefined
  return reduce(parsed, rules) ? stringify(parsed) : undefined
}

/** Removes from a body what does not count, and wraps what keeps its order in envelopes; `false` if that fails. */
export function reduce(parsed: MutableObject, rules: CanonicalRules): boolean {
  for (const field of rules.ignore) visitFields(parsed, field, (holder, name) => delete holder[name])
  if (!keepOrder(parsed, rules.ordered)) return false
  if (rules.falseIsAbsent !== undefined && parsed[rules.falseIsAbsent] === false) delete parsed[rules.falseIsAbsent]
  return true
}

/** The member of a format whose default is `false`, if there is one. */
export function falseIsAbsent(format: Format): string | undefined {
  return format.streamField?.default === false ? format.streamField.name : undefined
}

/**
 * Number of names in the whole tree; -1 if a text is not well-formed Unicode. Names need no such check: only an escape
 * could make one ill-formed, and names with escapes have been refused before.
 */
function countNames(value: MutableJson): number {
  if (typeof value === 'string') return value.isWellFormed() ? 0 : -1
  if (typeof value !== 'object' || value === null) return 0
  let names = 0
  if (Array.isArray(value)) {
    for (const item of value) {
      const inner = countNames(item)
      if (inner === -1) return -1
      names += inner
    }
    return names
  }
  for (const name of Object.keys(value)) {
    const inner = countNames(value[name] ?? null)
    if (inner === -1) return -1
    names += inner + 1
  }
  return names
}

/** Parses text that is a JSON object; `undefined` for anything else. */
export function parseObject(text: string): MutableObject | undefined {
  try {
    // JSON.parse is untyped; it returns new plain values
    const value = JSON.parse(text) as MutableJson
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
