import { isObject, type Json, type JsonObject } from '../../base/json.ts'

/** A member of a JSON object; `undefined` if it is missing. */
export type Value = Json | undefined

const NOTHING: JsonObject = Object.freeze({})

/** `value` if it is an object, otherwise an empty one: what providers leave out reads as absent. */
export function object(value: Value): JsonObject {
  return isObject(value) ? value : NOTHING
}

/** `value` if it is an array, otherwise an empty one. */
export function list(value: Value): readonly Json[] {
  return Array.isArray(value) ? value : []
}

/** `value` if it is a string, otherwise `undefined`. */
export function text(value: Value): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** `value` if it is a finite number, otherwise `undefined`. */
export function number(value: Value): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** Whether a member is present: many providers and SDKs write `null` for "absent". */
export function isGiven(value: Value): boolean {
  return value !== undefined && value !== null
}

/** Whether `value` is a non-empty string, array or object. */
export function isFilled(value: Value): boolean {
  if (typeof value === 'string' || Array.isArray(value)) return value.length > 0
  return isObject(value) && Object.keys(value).length > 0
}
