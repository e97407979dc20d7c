import type { JsonObject } from '../base/json.ts'

/** A copy of `whole` in which members that `values` also has take their value from there. Adds no members. */
export function opened(whole: JsonObject, values: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(whole).map(([name, value]) => [name, Object.hasOwn(values, name) ? values[name] : value]),
  )
}

/** A copy of `whole` with only these members. */
export function pick(whole: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(whole).filter(([name]) => names.has(name)))
}

/** A copy of `whole` without these members. */
export function omit(whole: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(whole).filter(([name]) => !names.has(name)))
}
