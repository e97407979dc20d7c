import { isDeepStrictEqual } from 'node:util'
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import { isFilled, type Value } from '../providers/formats/read.ts'
import { listAt, lossy, objectAt, textAt } from './lossy.ts'

/**
 * Combines a member's values from several events into the document's value: from the value so far and the next one.
 * `undefined` leaves the member out.
 */
export type MergeRule = (before: Value, next: Json, name: string) => Value

/** The known members, with a rule for each. */
export type MergeRules = ReadonlyMap<string, MergeRule>

/** Makes a table of rules by member name. */
export function rules(table: Readonly<Record<string, MergeRule>>): MergeRules {
  return new Map(Object.entries(table))
}

/**
 * Merges one event into `before`, the result of the events so far (`undefined` at first), which is changed in place. A
 * member without a rule is lossy.
 */
export function merge(table: MergeRules, before: Value, part: JsonObject): JsonObject {
  // Safe to change, since this function made it. Copying it for each event would take a third of a conversion.
  const merged = isObject(before) ? (before as Record<string, Value>) : {}
  for (const [name, next] of Object.entries(part)) {
    if (next === undefined) continue
    const rule = table.get(name) ?? lossy(name)
    const value = rule(merged[name], next, name)
    if (value !== undefined) merged[name] = value
  }
  return merged
}

/** Whether a value is empty: absent, `null`, `''`, 0, `{}` or `[]`. */
function isNothing(value: Value): boolean {
  if (typeof value === 'number') return value === 0
  return typeof value !== 'boolean' && !isFilled(value)
}

/** Must be equal in every event; empty values are ignored. */
export const same: MergeRule = (before, next, name) => {
  if (before === next) return before
  if (before === undefined || isNothing(before)) return isNothing(next) ? (before ?? next) : next
  return isNothing(next) || isDeepStrictEqual(before, next) ? before : lossy(name)
}

/** The first value that is not empty. xAI, Groq and Perplexity put a new time in each chunk. */
export const first: MergeRule = (before, next) => (before === undefined || isNothing(before) ? next : before)

/** The last value that is not empty. */
export const last: MergeRule = (before, next) => (before === undefined || !isNothing(next) ? next : before)

/** Concatenates pieces of text; `null` adds nothing. */
export const text: MergeRule = (before, next, name) => {
  if (next === null) return before ?? next
  return (before ?? '') === '' ? textAt(next, name) : textAt(before, name) + textAt(next, name)
}

/** Concatenates arrays; `null` adds nothing. */
export const list: MergeRule = (before, next, name) => {
  if (next === null) return before ?? next
  if (before === undefined || before === null) return [...listAt(next, name)]
  // Safe to change, since this rule made it. Copying it for each of 30,000 tokens would block for a second.
  const own = listAt(before, name) as Json[]
  own.push(...listAt(next, name))
  return own
}

/** Must be empty: its content can't be converted. */
export const nothing: MergeRule = (_before, next, name) => (isNothing(next) ? next : lossy(name))

/** Left out of the document. */
export const skip: MergeRule = (before) => before

/** Merges objects by rules for their members; `null` adds nothing. */
export function nested(table: MergeRules): MergeRule {
  return (before, next, name) => {
    if (next === null) return before ?? next
    return merge(table, before, objectAt(next, name))
  }
}
