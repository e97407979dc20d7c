import { isObject, type Json, type JsonObject } from '../base/json.ts'
import type { Value } from '../providers/formats/read.ts'

/** An answer that the other form can't carry whole, or that holds what the converter does not know: the call goes live. */
export class Lossy extends Error {
  override readonly name: string = 'Lossy'
}

/** An answer that is too large for its other form, or for a conversion that holds up the event loop. The call goes live. */
export class TooLarge extends Lossy {
  override readonly name = 'TooLarge'
}

/**
 * Gives up on a conversion.
 *
 * @param where the member or event at fault; never its value
 */
export function lossy(where: string): never {
  throw new Lossy(where)
}

/** `value` where it is an object; anything else is lossy. */
export function objectAt(value: Value, where: string): JsonObject {
  return isObject(value) ? value : lossy(where)
}

/** `value` where it is an array; anything else is lossy. */
export function listAt(value: Value, where: string): readonly Json[] {
  return Array.isArray(value) ? value : lossy(where)
}

/** `value` where it is a string; anything else is lossy. */
export function textAt(value: Value, where: string): string {
  return typeof value === 'string' ? value : lossy(where)
}

/** `value` where it is a position in an array of `length` items or right behind it; anything else is lossy. */
export function indexAt(value: Value, length: number, where: string): number {
  const isIndex = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= length
  return isIndex ? value : lossy(where)
}

/** `value` as it is, where each of its members has one of these names; anything else is lossy. */
export function known(value: JsonObject, names: ReadonlySet<string>, where: string): JsonObject {
  for (const name of Object.keys(value)) if (!names.has(name)) lossy(`${where}.${name}`)
  return value
}

/** Names in a text, separated by white space. */
export function names(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/))
}
