import { isObject, type Json, type JsonObject } from '../../base/json.ts'

/** A member of a JSON object as it reads: the value, or `undefined` if there is none. */
export type Value = Json | undefined

const NOTHING: JsonObject = Object.freeze({})

/** `value` where it is an object, else one without members: what providers leave out reads as absent. */
export function object(value: Value): JsonObject {
  return isObject(value) ? value : NOTHING
}

/** `value` where it is an array, else an empty one. */
export function list(value: Value): readonly Json[] {
  return Array.isArray(value) ? value : []
}

/** `value` where it is a string, else `undefined`. */
export function text(value: Value): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** `value` where it is a finite number, else `undefined`. */
export function number(value: Value): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** Whether a member is there: `null` is how many providers and SDKs write "absent". */
export function isGiven(value: Value): boolean {
  return value !== undefined && value !== null
}

/** Whether `value` is a string, an array or an object with something in it. */
export function isFilled(value: Value): boolean {
  if (typeof value === 'string' || Array.isArray(value)) return value.length > 0
  return isObject(value) && Object.keys(value).length > 0
}
