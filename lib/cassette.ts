import { fail } from './base/check.ts'
import { type Cassette, OpenCassette, openSession } from './cassettes/cassette.ts'
import { insertCassette as insertIntoProcess } from './cassettes/process-cassette.ts'
import type { LlmCacheOptions } from './options/options.ts'
import { resolveOptions } from './options/resolve-options.ts'
import { type OpenCassetteOptions, resolveCassetteOptions } from './options/cassette-options.ts'

/**
 * Opens a cassette: a committed file of recorded answers, which tests replay without a network or an API key. The file
 * need not exist.
 *
 * @throws TypeError for a wrong option; LlmCacheError `ERR_LLM_CACHE_CASSETTE`, naming file and line, if the file is
 * not a cassette.
 */
export async function openCassette(path: string, options?: OpenCassetteOptions): Promise<Cassette> {
  if (typeof path !== 'string' || path === '') fail('path', 'the path of a file', path)
  return new OpenCassette(openSession(path, resolveCassetteOptions(options)))
}

/**
 * Implements `LLM_CACHE_CASSETTE` for `register`: a cassette for the whole process, saved repeatedly and when the
 * process ends. The cache's options `hosts`, `providers`, `ignoreFields`, `ignoreHeaders` and `replay` apply to it.
 */
export function insertCassette(path: string, options: LlmCacheOptions): void {
  const { hosts, providers, ignoreFields, ignoreHeaders, replay } = resolveOptions(options)
  insertIntoProcess(path, resolveCassetteOptions({ hosts, providers, ignoreFields, ignoreHeaders, replay }))
}

export type { Cassette } from './cassettes/cassette.ts'
export type {
  CassetteEntry,
  CassetteRequest,
  CassetteResponse,
  EntryName,
  RecordedBody,
  StreamPart,
} from './cassettes/entry.ts'
export type { RecordPolicy } from './cassettes/log.ts'
export type { CassetteMode } from './cassettes/mode.ts'
export type { OpenCassetteOptions } from './options/cassette-options.ts'
export { LlmCacheError, type LlmCacheErrorCode } from './base/errors.ts'
