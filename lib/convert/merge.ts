import { isDeepStrictEqual } from 'node:util'
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import { isFilled, type Value } from '../providers/formats/read.ts'
import { listAt, lossy, objectAt, textAt } from './lossy.ts'

/**
 * How a member that comes in several events becomes one of the document: from what is there and what comes. `undefined`
 * leaves it out.
 */
export type Rule = (before: Value, next: Json, name: string) => Value

/** A rule for each member that is known. */
export type Rules = ReadonlyMap<string, Rule>

/** Rules by member. */
export function rules(table: Readonly<Record<string, Rule>>): Rules {
  return new Map(Object.entries(table))
}

/**
 * What an event adds to what this function made of those before it (nothing yet, or an object), which is changed in place. A
 * member without a rule is lossy.
 */
export function merge(table: Rules, before: Value, part: JsonObject): JsonObject {
  // Nobody else's yet: a copy for each event would take a third of a conversion.
  const merged = isObject(before) ? (before as Record<string, Value>) : {}
  for (const [name, next] of Object.entries(part)) {
    if (next === undefined) continue
    const rule = table.get(name) ?? lossy(name)
    const value = rule(merged[name], next, name)
    if (value !== undefined) merged[name] = value
  }
  return merged
}

/** What says nothing: `null`, `''`, 0, `{}`, `[]`. */
function isNothing(value: Value): boolean {
  return (
    value === undefined ||
    value === null ||
    value === 0 ||
    (typeof value !== 'boolean' && typeof value !== 'number' && !isFilled(value))
  )
}

/** Equal in each event that says something. */
export const same: Rule = (before, next, name) => {
  if (before === next) return before
  if (before === undefined || isNothing(before)) return isNothing(next) ? (before ?? next) : next
  return isNothing(next) || isDeepStrictEqual(before, next) ? before : lossy(name)
}

/** The first one that says something: xAI, Groq and Perplexity tell the time of each chunk. */
export const first: Rule = (before, next) => (before === undefined || isNothing(before) ? next : before)

/** The last one that says something. */
export const last: Rule = (before, next) => (before === undefined || !isNothing(next) ? next : before)

/** Pieces of one text; `null` adds nothing. */
export const text: Rule = (before, next, name) => {
  if (next === null) return before ?? next
  return (before ?? '') === '' ? textAt(next, name) : textAt(before, name) + textAt(next, name)
}

/** Parts of one array; `null` adds nothing. */
export const list: Rule = (before, next, name) => {
  if (next === null) return before ?? next
  if (before === undefined || before === null) return [...listAt(next, name)]
  // Made by this rule and nobody else's yet: a copy for each of 30,000 tokens would stall for a second.
  const own = listAt(before, name) as Json[]
  own.push(...listAt(next, name))
  return own
}

/** Known only where it says nothing. */
export const nothing: Rule = (_before, next, name) => (isNothing(next) ? next : lossy(name))

/** Known, and of no meaning for the document. */
export const skip: Rule = (before) => before

/** An object whose members have rules of their own; `null` adds nothing. */
export function nested(table: Rules): Rule {
  return (before, next, name) => {
    if (next === null) return before ?? next
    return merge(table, before, objectAt(next, name))
  }
}
