import { createLlmCache, type LlmCache } from './cache.ts'
import { readEnvironment } from './options/environment.ts'

const REGISTERED = Symbol.for('undici-llm-cache.registered')
type Globals = Record<symbol, LlmCache | undefined>

/**
 * `node --import undici-llm-cache/register app.js`: makes a cache from `LLM_CACHE_*` variables and installs it, once a
 * process, however often it is imported or required. A variable that is wrong or unknown is named in one warning and
 * left out; the app runs in any case.
 */
function register(): LlmCache | undefined {
  const globals = globalThis as unknown as Globals // symbol-keyed globals have no type
  if (globals[REGISTERED] !== undefined) return globals[REGISTERED]
  const { enabled, options, problems } = readEnvironment(process.env)
  for (const problem of problems) process.emitWarning(problem, { type: 'LlmCacheWarning', code: 'LLM_CACHE_ENV' })
  if (!enabled) return undefined
  const cache = createLlmCache(options)
  cache.install()
  globals[REGISTERED] = cache
  return cache
}

/** The cache of this process; `undefined` with `LLM_CACHE=off`. */
export const cache: LlmCache | undefined = register()
