import type { Json, JsonObject } from '../../base/json.ts'
import { type BodyProblem, readSeconds } from './dialect.ts'

/** Seconds; https://docs.fastrouter.ai/response-caching */
const EXPIRATION = { min: 60, max: 86_400 }

/** Seconds an answer lives if `cache_key` switched caching on and the body has no `expiration_time`. */
export const FASTROUTER_DEFAULT_TTL = 3600

const CONVERSATION_MODES = ['full_conversation', 'last_message_only', 'last_n_turns'] as const

/** How much of a conversation FastRouter compares. */
export type ConversationMode = (typeof CONVERSATION_MODES)[number]

/** FastRouter's body member `cache`. It tunes the cache; only the `cache_key` header switches it on. */
export interface FastRouterControl {
  readonly dialect: 'fastrouter'
  /** Seconds, 60 … 86 400; `undefined` if the body names none. */
  readonly ttl: number | undefined
  /** `false`: calls to different models share answers. Default `true`. */
  readonly filterOnModel: boolean
  /** `false`, the default: calls to the same model on other hosts share answers. */
  readonly filterOnProvider: boolean
  readonly conversationMode: ConversationMode
  /** 0 … 1; 1 is an exact match. Default 1. */
  readonly similarityThreshold: number
}

type Member =
  'expiration_time' | 'filter_on_model' | 'filter_on_provider' | 'conversation_mode' | 'similarity_threshold'

/** Whether a member's value is one that FastRouter documents. */
const VALID: Record<Member, (value: Json | undefined) => boolean> = {
  expiration_time: (value) => readSeconds(value, EXPIRATION.min, EXPIRATION.max) !== undefined,
  filter_on_model: (value) => typeof value === 'boolean',
  filter_on_provider: (value) => typeof value === 'boolean',
  conversation_mode: (value) => CONVERSATION_MODES.some((mode) => mode === value),
  similarity_threshold: (value) => typeof value === 'number' && value >= 0,
}

/**
 * Reads FastRouter's `cache` object; `undefined` if it is empty or has a member that is not one of FastRouter's five.
 */
export function readFastRouter(cache: JsonObject): FastRouterControl | BodyProblem | undefined {
  const names = Object.keys(cache)
  if (names.length === 0 || !names.every(isMember)) return undefined
  const wrong = names.find((name) => !VALID[name](cache[name]))
  if (wrong !== undefined) return { dialect: 'fastrouter', problem: `cache.${wrong}` }
  const threshold = cache.similarity_threshold
  return {
    dialect: 'fastrouter',
    ttl: readSeconds(cache.expiration_time, EXPIRATION.min, EXPIRATION.max),
    filterOnModel: cache.filter_on_model !== false,
    filterOnProvider: cache.filter_on_provider === true,
    conversationMode: CONVERSATION_MODES.find((mode) => mode === cache.conversation_mode) ?? 'full_conversation',
    similarityThreshold: typeof threshold === 'number' ? Math.min(threshold, 1) : 1,
  }
}

function isMember(name: string): name is Member {
  return Object.hasOwn(VALID, name)
}
