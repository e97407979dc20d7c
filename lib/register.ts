import { createRequire } from 'node:module'
import { extname } from 'node:path'
import { REGISTERED } from './base/registered.ts'
import { writeStderr } from './base/stderr.ts'
import { createLlmCache, type LlmCache } from './cache.ts'
import { withoutValue } from './options/environment.ts'
import type { LlmCacheOptions } from './options/options.ts'
import { type ProcessOptions, readProcessOptions } from './options/process-options.ts'
import { type OpenedStore, openStore } from './stores/open-store.ts'
import { startLog } from './telemetry/log.ts'

interface Globals {
  /** Set by the first copy of this module in the process. */
  [REGISTERED]?: { readonly cache: LlmCache | undefined }
}

/** The members of the door `cassette` that are used here. */
interface CassetteDoor {
  insertCassette(path: string, options: LlmCacheOptions): void
}

/** `EX_CONFIG` of sysexits: a wrong setting. */
const WRONG_SETTING = 78

/**
 * `node --import undici-llm-cache/register app.js`: creates a cache from `LLM_CACHE_*` variables and installs it, once
 * in each process (and worker thread), however often and from however many copies it is imported or required. A wrong
 * or unknown variable is ignored, with a line on stderr; the app runs in any case. Only with `LLM_CACHE_STRICT=1` does
 * the process end with exit code 78 instead.
 */
function register(): LlmCache | undefined {
  const globals = globalThis as Globals // symbol-keyed globals have no type
  globals[REGISTERED] ??= { cache: start() }
  return globals[REGISTERED].cache
}

function start(): LlmCache | undefined {
  const settings = readProcessOptions(process.env, process.cwd())
  const { enabled, strict, log, cassette, options, problems } = settings
  // Otherwise the app would record, or go live, instead of replaying.
  const isWrongMode = problems.some((problem) => problem.startsWith('LLM_CACHE_CASSETTE_MODE '))
  report(problems, strict || (cassette !== undefined && isWrongMode))
  if (!enabled) return undefined
  if (cassette !== undefined) return void insert(cassette, options)
  const opened = open(settings)
  try {
    const cache = createLlmCache({ ...options, ...(opened && { store: opened.store }) })
    cache.install()
    if (log !== 'off') startLog(log, () => cache.stats())
    return cache
  } catch (error) {
    writeStderr(`undici-llm-cache: the app runs without a cache: ${withoutValue(error)}`)
    if (strict) process.exit(WRONG_SETTING)
    return undefined
  }
}

function open({ store, encryptionKey, strict }: ProcessOptions): OpenedStore | undefined {
  if (store === undefined) return undefined
  try {
    return openStore(store, { folder: process.cwd(), encryptionKey, keepsAlive: false, name: 'LLM_CACHE_STORE', door })
  } catch (error) {
    report([withoutValue(error)], strict)
    return undefined
  }
}

/** Loads another door, in lib or in dist, only if it is needed. Synchronous, since an app does not wait. */
function door(name: string): unknown {
  return createRequire(import.meta.url)(`./${name}${extname(import.meta.url)}`)
}

/**
 * Installs a cassette instead of the cache. If it can't be opened, the process ends: otherwise a test would make live
 * calls.
 */
function insert(path: string, options: LlmCacheOptions): void {
  const { insertCassette } = door('cassette') as CassetteDoor // what that door exports
  try {
    insertCassette(path, options)
  } catch (error) {
    report([`LLM_CACHE_CASSETTE: ${error instanceof Error ? error.message : 'it can not be opened'}`], true)
  }
}

function report(problems: readonly string[], strict: boolean): void {
  for (const problem of problems) writeStderr(`undici-llm-cache: ${problem}${strict ? '' : '; it is ignored'}`)
  if (strict && problems.length > 0) process.exit(WRONG_SETTING)
}

/** The cache of this process; `undefined` with `LLM_CACHE=off`, or if a cassette answers instead. */
export const cache: LlmCache | undefined = register()
