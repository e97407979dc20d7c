import type { JsonObject } from '../../base/json.ts'
import { type BodyProblem, readSeconds } from './dialect.ts'

/** Seconds; https://docs.orq.ai/docs/ai-gateway/cache */
const TTL = { min: 1, max: 259_200 }

/** Seconds an answer lives if orq's control switched caching on and has no `ttl`. */
export const ORQ_DEFAULT_TTL = 1800

/** orq's body member `cache: { type: 'exact_match', ttl }`, which switches caching on. */
export interface OrqControl {
  readonly dialect: 'orq'
  /** Seconds, 1 … 259 200; `undefined` if the body names none. */
  readonly ttl: number | undefined
}

/** Reads orq's `cache` object; `undefined` if it has another `type`, or other members. */
export function readOrq(cache: JsonObject): OrqControl | BodyProblem | undefined {
  if (cache.type !== 'exact_match') return undefined
  if (!Object.keys(cache).every((name) => name === 'type' || name === 'ttl')) return undefined
  if (!Object.hasOwn(cache, 'ttl')) return { dialect: 'orq', ttl: undefined }
  const ttl = readSeconds(cache.ttl, TTL.min, TTL.max)
  return ttl === undefined ? { dialect: 'orq', problem: 'cache.ttl' } : { dialect: 'orq', ttl }
}
