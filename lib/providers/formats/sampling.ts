import type { JsonObject } from '../../base/json.ts'
import { isFilled } from './read.ts'
import type { Value } from './read.ts'

/**
 * Whether a call is meant to be repeatable: it has a temperature of 0, or a seed. A missing temperature is not 0. In a
 * form both are text.
 */
export function isSteady(temperature: Value, seed?: Value): boolean {
  return isNumber(seed) || (isNumber(temperature) && Number(temperature) === 0)
}

/** {@link isSteady} for `temperature` and `seed` (Mistral: `random_seed`) in a body or a part of one. */
export function isSteadyBody(body: JsonObject): boolean {
  return isSteady(body.temperature, body.seed ?? body.random_seed)
}

function isNumber(value: Value): boolean {
  return typeof value === 'number' || (typeof value === 'string' && isFilled(value.trim()) && !Number.isNaN(+value))
}
