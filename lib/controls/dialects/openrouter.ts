import type { Directives, DirectivesDraft } from '../directives.ts'
import { readBoolean, readText } from '../header-value.ts'

/** Seconds; https://openrouter.ai/docs/guides/features/response-caching */
const TTL = { min: 1, max: 86_400 }

/** Seconds an answer lives if `X-OpenRouter-Cache: true` switched caching on and nothing sets a time to live. */
const OPENROUTER_DEFAULT_TTL = 300

/** OpenRouter's cache controls, in lower case. */
export const OPENROUTER_HEADERS = ['x-openrouter-cache', 'x-openrouter-cache-ttl', 'x-openrouter-cache-clear'] as const

/** Reads OpenRouter's cache controls; `undefined` if there are none. `get` returns a header by its lower-case name. */
export function readOpenRouter(get: (name: string) => string | undefined): Directives | undefined {
  const [cache, ttl, clear] = OPENROUTER_HEADERS.map(get)
  if (cache === undefined && ttl === undefined && clear === undefined) return undefined
  const draft: DirectivesDraft = { dialect: 'openrouter' }
  const enabled = cache === undefined ? undefined : (readBoolean(cache) ?? null)
  const cleared = clear === undefined ? false : (readBoolean(clear) ?? null)
  const seconds = ttl === undefined ? undefined : readOpenRouterTtl(ttl)
  if (enabled === null) return { ...draft, problem: 'x-openrouter-cache' }
  if (cleared === null) return { ...draft, problem: 'x-openrouter-cache-clear' }
  if (seconds === null) return { ...draft, problem: 'x-openrouter-cache-ttl' }
  if (enabled === true) Object.assign(draft, { mode: 'on', defaultTtl: OPENROUTER_DEFAULT_TTL } satisfies Directives)
  if (enabled === false) draft.mode = 'bypass'
  if (seconds !== undefined) draft.ttl = seconds
  if (cleared) draft.clear = true
  return draft
}

/**
 * Follows OpenRouter's rules: the leading digits count (`60abc` is 60, `1.5` is 1), and the range is 1 … 86 400. A
 * value that does not start with a digit is ignored (`undefined`). `null` if it can't be a value: not ASCII, or far too
 * long.
 */
function readOpenRouterTtl(value: string): number | undefined | null {
  if (value.trim() === '') return undefined
  const text = readText(value)
  if (text === undefined) return null
  const digits = /^\d+/.exec(text)?.[0]
  return digits === undefined ? undefined : Math.min(Math.max(Number(digits), TTL.min), TTL.max)
}

/** The status of an answer to a call in OpenRouter's dialect. */
export interface OpenRouterStatus {
  readonly hit: boolean
  /** Seconds since the entry was stored; hits only. */
  readonly age: number
  /** Seconds: the remaining time to live of a hit, the full one of a miss. */
  readonly ttl: number
}

/** The status headers of OpenRouter's answers, as names and values; `-Age` on hits only. */
export function openRouterStatusHeaders(status: OpenRouterStatus): readonly (readonly [name: string, value: string])[] {
  const seconds = (value: number): string => String(Math.max(0, Math.floor(value)))
  const ttl = ['X-OpenRouter-Cache-TTL', seconds(status.ttl)] as const
  if (!status.hit) return [['X-OpenRouter-Cache-Status', 'MISS'], ttl]
  return [['X-OpenRouter-Cache-Status', 'HIT'], ['X-OpenRouter-Cache-Age', seconds(status.age)], ttl]
}
