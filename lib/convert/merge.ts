import { isDeepStrictEqual } from 'node:util'
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import { isFilled, type Value } from '../providers/formats/read.ts'
import { listAt, lossy, objectAt, textAt } from './lossy.ts'

/**
 * How a member's values in several events become its value in the document: from the value so far and the next one.
 * `undefined` leaves the member out.
 */
export type MergeRule = (before: Value, next: Json, name: string) => Value

/** The known members, with a rule for each. */
export type MergeRules = ReadonlyMap<string, MergeRule>

/** Makes a table of rules, by the name of the member. */
export function rules(table: Readonly<Record<string, MergeRule>>): MergeRules {
  return new Map(Object.entries(table))
}

/**
 * Adds one event to the result of the events before it (`undefined` at first), which is changed in place. A member
 * without a rule is lossy.
 */
export function merge(table: MergeRules, before: Value, part: JsonObject): JsonObject {
  // Made by this function, so it may be changed. A copy for each event would take a third of a conversion.
  const merged = isObject(before) ? (before as Record<string, Value>) : {}
  for (const [name, next] of Object.entries(part)) {
    if (next === undefined) continue
    const rule = table.get(name) ?? lossy(name)
    const value = rule(merged[name], next, name)
    if (value !== undefined) merged[name] = value
  }
  return merged
}

/** Whether a value is empty: `null`, `''`, 0, `{}`, `[]`. */
function isNothing(value: Value): boolean {
  return (
    value === undefined ||
    value === null ||
    value === 0 ||
    (typeof value !== 'boolean' && typeof value !== 'number' && !isFilled(value))
  )
}

/** Must be the same in every event; empty values don't count. */
export const same: MergeRule = (before, next, name) => {
  if (before === next) return before
  if (before === undefined || isNothing(before)) return isNothing(next) ? (before ?? next) : next
  return isNothing(next) || isDeepStrictEqual(before, next) ? before : lossy(name)
}

/** The first value that is not empty. xAI, Groq and Perplexity give each chunk a time of its own. */
export const first: MergeRule = (before, next) => (before === undefined || isNothing(before) ? next : before)

/** The last value that is not empty. */
export const last: MergeRule = (before, next) => (before === undefined || !isNothing(next) ? next : before)

/** Pieces of one text, joined; `null` adds nothing. */
export const text: MergeRule = (before, next, name) => {
  if (next === null) return before ?? next
  return (before ?? '') === '' ? textAt(next, name) : textAt(before, name) + textAt(next, name)
}

/** Parts of one array, joined; `null` adds nothing. */
export const list: MergeRule = (before, next, name) => {
  if (next === null) return before ?? next
  if (before === undefined || before === null) return [...listAt(next, name)]
  // Made by this rule, so it may be changed. A copy for each of 30,000 tokens would block for a second.
  const own = listAt(before, name) as Json[]
  own.push(...listAt(next, name))
  return own
}

/** Must be empty: what it would say can't be converted. */
export const nothing: MergeRule = (_before, next, name) => (isNothing(next) ? next : lossy(name))

/** Left out of the document. */
export const skip: MergeRule = (before) => before

/** An object with rules for its members; `null` adds nothing. */
export function nested(table: MergeRules): MergeRule {
  return (before, next, name) => {
    if (next === null) return before ?? next
    return merge(table, before, objectAt(next, name))
  }
}
