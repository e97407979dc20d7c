import { readCacheControl } from './cache-control.ts'
import { type Dialect, DIALECTS } from './dialects/dialect.ts'
import { FASTROUTER_DEFAULT_TTL } from './dialects/fastrouter.ts'
import { OPENROUTER_HEADERS, readOpenRouter } from './dialects/openrouter.ts'
import {
  type Directives,
  type DirectivesDraft,
  MODES,
  NO_DIRECTIVES,
  SAMPLES_RANGE,
  TTL_RANGE,
  VARIANT_RANGE,
} from './directives.ts'
import { readBoolean, readInteger, readList, readShare, readText } from './header-value.ts'
import { SEMANTIC_SWITCHES } from './semantic.ts'

const OWN_PREFIX = 'x-llm-cache'
const CACHE_KEY = 'cache_key'

/** What the meaning of the headers depends on, besides themselves. */
export interface ControlContext {
  /** Id of the provider's row. */
  readonly provider: string
  /** The enabled dialects; headers of others are left to the provider. */
  readonly dialects: readonly Dialect[]
}

/** Writes one of our own controls into the draft; `false` if its value can't be understood. */
type OwnControl = (value: string, draft: DirectivesDraft) => boolean

/** Our own controls; lib/controls/README.md describes them. */
const OWN: Readonly<Record<string, OwnControl>> = {
  'x-llm-cache': (value, draft) => {
    const text = readText(value)?.toLowerCase()
    return put(
      draft,
      'mode',
      MODES.find((mode) => mode === text),
    )
  },
  'x-llm-cache-ttl': (value, draft) => put(draft, 'ttl', readInteger(value, 0, TTL_RANGE.max)),
  'x-llm-cache-clear': (value, draft) => put(draft, 'clear', readBoolean(value)),
  'x-llm-cache-semantic': (value, draft) => {
    const text = readText(value)?.toLowerCase()
    return put(
      draft,
      'semantic',
      SEMANTIC_SWITCHES.find((word) => word === text),
    )
  },
  'x-llm-cache-threshold': (value, draft) => put(draft, 'threshold', readShare(value)),
  'x-llm-cache-explain': (value, draft) => put(draft, 'explain', readBoolean(value)),
  'x-llm-cache-namespace': (value, draft) => put(draft, 'namespace', readText(value)),
  'x-llm-cache-tags': (value, draft) => put(draft, 'tags', readList(value)),
  'x-llm-cache-variant': (value, draft) =>
    put(draft, 'variant', readInteger(value, VARIANT_RANGE.min, VARIANT_RANGE.max)),
  'x-llm-cache-samples': (value, draft) =>
    put(draft, 'samples', readInteger(value, SAMPLES_RANGE.min, SAMPLES_RANGE.max)),
}

/**
 * Whether a header controls a cache and not the answer, so that it is not part of the key. That includes headers of a
 * disabled dialect: they control a cache further on.
 */
export function isControlHeader(lowerName: string): boolean {
  return (
    isOwn(lowerName) || lowerName === 'cache-control' || lowerName === 'pragma' || dialectOf(lowerName) !== undefined
  )
}

/**
 * Whether a header is removed before the call goes on. Our own controls always are; those of a dialect, unless the call
 * goes to its gateway or the dialect is disabled. `cache-control` and `pragma` are passed on (RFC 9111 section 5.2).
 */
export function isStripped(lowerName: string, provider: string, dialects: readonly Dialect[] = DIALECTS): boolean {
  if (isOwn(lowerName)) return true
  const dialect = dialectOf(lowerName)
  return dialect !== undefined && dialect !== provider && dialects.includes(dialect)
}

/**
 * Reads the header layer. `controls` are the names (in lower case) and values of all control headers, in order. A
 * malformed or repeated one gives a `problem`. Our own headers win over `cache-control`, which wins over dialects.
 * Among dialects, off wins over on.
 */
export function readControls(
  controls: readonly (readonly [name: string, value: string])[],
  context: ControlContext,
): Directives {
  if (controls.length === 0) return NO_DIRECTIVES
  const headers = new Map<string, string>()
  for (const [name, value] of controls) {
    const before = headers.get(name)
    if (before === undefined) headers.set(name, value)
    else if (LISTS.has(name)) headers.set(name, `${before}, ${value}`)
    else if (isUnderstood(name, context.dialects)) return { problem: name }
  }
  const own = readOwn(headers)
  const { noCache, ...standard } = readStandard(headers, context.provider)
  // Some SDKs add `no-cache` by themselves. A mode in our own header was set on purpose, so it wins.
  const skipRead: Directives = noCache === true && own.mode === undefined ? { noCache } : NO_DIRECTIVES
  return combine([readDialects(headers, context.dialects), standard, skipRead, own])
}

/** Headers that are lists, and may come in several lines (RFC 9110 section 5.3). */
const LISTS: ReadonlySet<string> = new Set(['cache-control', 'pragma', 'x-llm-cache-tags'])

/** Later layers win, but a problem stays one. */
function combine(layers: readonly Directives[]): Directives {
  const problem = layers.findLast((layer) => layer.problem !== undefined)?.problem
  const combined: DirectivesDraft = {}
  for (const layer of layers) Object.assign(combined, layer)
  if (problem !== undefined) combined.problem = problem
  return combined
}

function readOwn(headers: ReadonlyMap<string, string>): Directives {
  const draft: DirectivesDraft = {}
  for (const [name, value] of headers) {
    if (!isOwn(name)) continue
    const control = Object.hasOwn(OWN, name) ? OWN[name] : undefined
    // An unknown name with our prefix is a typo (`-namspace`). Ignoring it could share what must not be shared.
    if (control?.(value, draft) !== true) draft.problem ??= name.slice(0, 64)
  }
  return draft
}

function readStandard(headers: ReadonlyMap<string, string>, provider: string): Directives {
  const value = headers.get('cache-control')
  if (value === undefined) return NO_DIRECTIVES
  return readCacheControl(value, {
    pragma: headers.get('pragma')?.trim().toLowerCase() === 'no-cache',
    // Cohere's SDK adds `no-cache` to every stream.
    honourNoCache: provider !== 'cohere',
  })
}

function readDialects(headers: ReadonlyMap<string, string>, dialects: readonly Dialect[]): Directives {
  const fastRouter = dialects.includes('fastrouter') ? readCacheKey(headers.get(CACHE_KEY)) : undefined
  const openRouter = dialects.includes('openrouter') ? readOpenRouter((name) => headers.get(name)) : undefined
  return combine([fastRouter ?? NO_DIRECTIVES, openRouter ?? NO_DIRECTIVES])
}

/** FastRouter's `cache_key` switches caching on, and is the namespace. */
function readCacheKey(value: string | undefined): Directives | undefined {
  if (value === undefined) return undefined
  const cacheKey = readText(value)
  if (cacheKey === undefined) return { dialect: 'fastrouter', problem: CACHE_KEY }
  return { dialect: 'fastrouter', mode: 'on', defaultTtl: FASTROUTER_DEFAULT_TTL, namespace: cacheKey, cacheKey }
}

function put<Name extends keyof DirectivesDraft>(
  draft: DirectivesDraft,
  name: Name,
  value: DirectivesDraft[Name] | undefined,
): boolean {
  if (value === undefined) return false
  draft[name] = value
  return true
}

function isOwn(lowerName: string): boolean {
  return lowerName === OWN_PREFIX || lowerName.startsWith(`${OWN_PREFIX}-`)
}

function isUnderstood(lowerName: string, dialects: readonly Dialect[]): boolean {
  const dialect = dialectOf(lowerName)
  return dialect === undefined || dialects.includes(dialect)
}

function dialectOf(lowerName: string): Dialect | undefined {
  if (lowerName === CACHE_KEY) return 'fastrouter'
  return OPENROUTER_HEADERS.some((name) => name === lowerName) ? 'openrouter' : undefined
}
