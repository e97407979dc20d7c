import { isObject, type Json, type JsonObject } from '../base/json.ts'
import type { Value } from '../providers/formats/read.ts'

/**
 * Thrown for an answer that would lose something in its other form, or has a member that is not known. The call goes
 * live.
 */
export class Lossy extends Error {
  override readonly name: string = 'Lossy'
}

/**
 * Thrown for an answer that is too large: converting it would block the event loop, or give more than `maxEntrySize`.
 * The call goes live.
 */
export class TooLarge extends Lossy {
  override readonly name = 'TooLarge'
}

/**
 * Gives up a conversion.
 *
 * @param where the member or event at fault; never its value
 */
export function lossy(where: string): never {
  throw new Lossy(where)
}

/** Gives `value` if it is an object; otherwise lossy. */
export function objectAt(value: Value, where: string): JsonObject {
  return isObject(value) ? value : lossy(where)
}

/** Gives `value` if it is an array; otherwise lossy. */
export function listAt(value: Value, where: string): readonly Json[] {
  return Array.isArray(value) ? value : lossy(where)
}

/** Gives `value` if it is a string; otherwise lossy. */
export function textAt(value: Value, where: string): string {
  return typeof value === 'string' ? value : lossy(where)
}

/** Gives `value` if it is the index of one of `length` items, or of the next one; otherwise lossy. */
export function indexAt(value: Value, length: number, where: string): number {
  const isIndex = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= length
  return isIndex ? value : lossy(where)
}

/** Gives `value` if every member's name is one of `names`; otherwise lossy. */
export function known(value: JsonObject, names: ReadonlySet<string>, where: string): JsonObject {
  for (const name of Object.keys(value)) if (!names.has(name)) lossy(`${where}.${name}`)
  return value
}

/** The words of a text as a set. */
export function names(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/))
}
