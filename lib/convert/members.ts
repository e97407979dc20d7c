import type { JsonObject } from '../base/json.ts'

/** `whole` with other values for those of its members that `values` names. */
export function opened(whole: JsonObject, values: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(whole).map(([name, value]) => [name, Object.hasOwn(values, name) ? values[name] : value]),
  )
}

/** The members of `whole` that have one of these names. */
export function pick(whole: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(whole).filter(([name]) => names.has(name)))
}

/** The other members of `whole`. */
export function omit(whole: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(whole).filter(([name]) => !names.has(name)))
}
