import type { Directives, DirectivesDraft } from '../directives.ts'
import { readBoolean, readText } from '../header-value.ts'

/** Seconds; https://openrouter.ai/docs/guides/features/response-caching */
const TTL = { min: 1, max: 86_400 }

/** Seconds an answer lives when `X-OpenRouter-Cache: true` switched caching on and nothing names a time to live. */
export const OPENROUTER_DEFAULT_TTL = 300

/** OpenRouter's cache controls, in lower case. */
export const OPENROUTER_HEADERS = ['x-openrouter-cache', 'x-openrouter-cache-ttl', 'x-openrouter-cache-clear'] as const

/**
 * Reads OpenRouter's cache controls; `undefined` if there is none. `get` looks a header up by its lower-case name.
 */
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
 * By OpenRouter's own rules: the leading digits count (`60abc` is 60, `1.5` is 1), and the range is 1 … 86 400. A value
 * that does not start with a digit is ignored (`undefined`). `null` for what is not a value at all: not ASCII, or far
 * too long.
 */
function readOpenRouterTtl(value: string): number | undefined | null {
  if (value.trim() === '') return undefined
  const text = readText(value)
  if (text === undefined) return null
  const digits = /^\d+/.exec(text)?.[0]
  return digits === undefined ? undefined : Math.min(Math.max(Number(digits), TTL.min), TTL.max)
}

/** What an answer to a call in OpenRouter's dialect says of itself. */
export interface OpenRouterStatus {
  readonly hit: boolean
  /** Seconds since the entry was stored; of a hit only. */
  readonly age: number
  /** Seconds: what is left of a hit's time to live, the whole of a miss's. */
  readonly ttl: number
}

/** The status headers that OpenRouter's answers carry, as name and value; `-Age` on hits only. */
export function openRouterStatusHeaders(status: OpenRouterStatus): readonly (readonly [name: string, value: string])[] {
  const seconds = (value: number): string => String(Math.max(0, Math.floor(value)))
  const ttl = ['X-OpenRouter-Cache-TTL', seconds(status.ttl)] as const
  if (!status.hit) return [['X-OpenRouter-Cache-Status', 'MISS'], ttl]
  return [['X-OpenRouter-Cache-Status', 'HIT'], ['X-OpenRouter-Cache-Age', seconds(status.age)], ttl]
}
