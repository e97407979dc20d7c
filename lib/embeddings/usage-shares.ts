import type { JsonObject } from '../base/json.ts'

/**
 * The usage of each text in a call: a share of the call's usage by size. The shares add up to what the provider billed.
 * Exact for a single text, and for token arrays, whose size is their number of tokens.
 *
 * `usage` has only numbers and `null`s; a `null` stays one. Integers stay integers.
 */
export function shareUsage(usage: JsonObject, sizes: readonly number[]): JsonObject[] {
  const whole = sizes.reduce((sum, size) => sum + size, 0)
  let before = 0
  return sizes.map((size) => {
    const start = before / whole
    const end = (before += size) / whole
    return mapNumbers(usage, (value) =>
      Number.isInteger(value) ? Math.round(value * end) - Math.round(value * start) : value * (end - start),
    )
  })
}

/** The usage of a call assembled from others: the sum, member by member. `undefined` if they count different things. */
export function sumUsage(usages: readonly JsonObject[]): JsonObject | undefined {
  const [first] = usages
  if (first === undefined || !usages.every((usage) => kindOf(usage) === kindOf(first))) return undefined
  return Object.fromEntries(
    Object.entries(first).map(([name, value]) => [
      name,
      value === null ? null : usages.reduce((sum, usage) => sum + Number(usage[name]), 0),
    ]),
  )
}

function mapNumbers(usage: JsonObject, map: (value: number) => number): JsonObject {
  return Object.fromEntries(
    Object.entries(usage).map(([name, value]) => [name, typeof value === 'number' ? map(value) : null]),
  )
}

/** The names and types of the members. */
function kindOf(usage: JsonObject): string {
  return JSON.stringify(
    Object.entries(usage)
      .map(([name, value]) => [name, typeof value])
      .toSorted(),
  )
}
