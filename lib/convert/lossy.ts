import { isObject, type Json, type JsonObject } from '../base/json.ts'
import type { Value } from '../providers/formats/read.ts'

/** Thrown if an answer would lose something in its other form, or has an unknown member. The call goes live. */
export class Lossy extends Error {
  override readonly name: string = 'Lossy'
}

/** Thrown if converting an answer would block the event loop, or give more than `maxEntrySize`. The call goes live. */
export class TooLarge extends Lossy {
  override readonly name = 'TooLarge'
}

/**
 * Throws {@link Lossy}.
 *
 * @param where the member or event at fault; never its value
 */
export function lossy(where: string): never {
  throw new Lossy(where)
}

/** Returns `value` if it is an object; otherwise lossy. */
export function objectAt(value: Value, where: string): JsonObject {
  return isObject(value) ? value : lossy(where)
}

/** Returns `value` if it is an array; otherwise lossy. */
export function listAt(value: Value, where: string): readonly Json[] {
  return Array.isArray(value) ? value : lossy(where)
}

/** Returns `value` if it is a string; otherwise lossy. */
export function textAt(value: Value, where: string): string {
  return typeof value === 'string' ? value : lossy(where)
}

/** Returns `value` if it is an integer from 0 to `length`, the index of the next item; otherwise lossy. */
export function indexAt(value: Value, length: number, where: string): number {
  const isIndex = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= length
  return isIndex ? value : lossy(where)
}

/** Returns `value` if every member's name is in `names`; otherwise lossy. */
export function known(value: JsonObject, names: ReadonlySet<string>, where: string): JsonObject {
  for (const name of Object.keys(value)) if (!names.has(name)) lossy(`${where}.${name}`)
  return value
}

/** The words of a text, as a set. */
export function names(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/))
}
