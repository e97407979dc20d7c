import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { isObject } from '../base/json.ts'
import { withoutValue } from './environment.ts'
import type { LlmCacheOptions } from './options.ts'
import { resolveOptions } from './resolve-options.ts'

/** The options in a file. */
export interface ConfigFile {
  readonly options: LlmCacheOptions
  /** One line for each wrong option, which is ignored. No line shows a value. */
  readonly problems: readonly string[]
}

/**
 * Reads the file that `LLM_CACHE_CONFIG` names: JSON, or a JS or TS module whose default export (or `module.exports`)
 * is the options. Loaded by `require`, since the app may start before any promise settles; a module with a top-level
 * `await` is a problem. Never throws.
 *
 * @param path relative to `folder`.
 */
export function readConfigFile(path: string, folder: string): ConfigFile {
  const file = resolve(folder, path)
  let loaded: unknown
  try {
    loaded = createRequire(file)(file)
  } catch (error) {
    return { options: {}, problems: [`LLM_CACHE_CONFIG ${unreadable(error)}`] }
  }
  const config = isObject(loaded) && 'default' in loaded ? loaded['default'] : loaded
  if (!isObject(config)) return { options: {}, problems: ['LLM_CACHE_CONFIG must export an object'] }
  return checkEach(config)
}

/** Checks each option on its own, so that one mistake does not invalidate the others. */
function checkEach(config: Readonly<Record<string, unknown>>): ConfigFile {
  const options: LlmCacheOptions = {}
  const problems: string[] = []
  for (const [name, value] of Object.entries(config)) {
    const option: LlmCacheOptions = { [name]: value }
    try {
      resolveOptions(option)
      Object.assign(options, option)
    } catch (error) {
      problems.push(`LLM_CACHE_CONFIG: ${withoutValue(error)}`)
    }
  }
  return { options, problems }
}

/** The name of an error. Its message may quote the file, which may have a secret in it. */
function unreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  switch (code) {
    case 'MODULE_NOT_FOUND':
    case 'ERR_MODULE_NOT_FOUND':
      return 'names a file that does not exist, or that imports one that does not'
    case 'ERR_REQUIRE_ASYNC_MODULE':
      return 'must be a module without a top-level await'
    default:
      return `names a file that can not be loaded (${code === '' && error instanceof Error ? error.name : code})`
  }
}
