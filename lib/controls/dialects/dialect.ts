/** A gateway whose cache controls are understood here, against any provider; design.md section 6. */
export type Dialect = 'openrouter' | 'fastrouter' | 'orq'

/** Every {@link Dialect}, which is the default of the option `dialects`. */
export const DIALECTS: readonly Dialect[] = ['openrouter', 'fastrouter', 'orq']

/** A recognised body `cache` with a wrong value inside: the call goes live, uncached, and the answer says so. */
export interface BodyProblem {
  readonly dialect: Dialect
  /** Path of the member that is wrong (`cache.ttl`), never its value. */
  readonly problem: string
}

/**
 * Reads seconds from a body member: an integer from `min` on; above `max` it is clamped. `undefined` where it is
 * anything else.
 */
export function readSeconds(value: unknown, min: number, max: number): number | undefined {
  if (typeof value !== 'number' || value < min) return undefined
  // A number too large for a double parses as Infinity: above the range like any other.
  if (value >= max) return max
  return Number.isInteger(value) ? value : undefined
}
