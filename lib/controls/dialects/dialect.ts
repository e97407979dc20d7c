/** A gateway whose cache controls are understood in calls to any provider; see lib/controls/README.md. */
export type Dialect = 'openrouter' | 'fastrouter' | 'orq'

/** Every {@link Dialect}: the default of the option `dialects`. */
export const DIALECTS: readonly Dialect[] = ['openrouter', 'fastrouter', 'orq']

/** A body `cache` of a known dialect with a wrong value. The call goes live, uncached, and the answer says so. */
export interface BodyProblem {
  readonly dialect: Dialect
  /** Path of the member that is wrong (`cache.ttl`), never its value. */
  readonly problem: string
}

/**
 * Reads seconds from a body member: an integer from `min` on; above `max` it becomes `max`. `undefined` for anything
 * else.
 */
export function readSeconds(value: unknown, min: number, max: number): number | undefined {
  if (typeof value !== 'number' || value < min) return undefined
  // A number too large for a double parses as Infinity, which is above the range as well.
  if (value >= max) return max
  return Number.isInteger(value) ? value : undefined
}
