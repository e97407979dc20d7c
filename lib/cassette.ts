import { type Cassette, OpenCassette, openSession } from './cassettes/cassette.ts'
import { insertCassette as insertIntoProcess } from './cassettes/process-cassette.ts'
import type { LlmCacheOptions } from './options/options.ts'
import { resolveOptions } from './options/resolve-options.ts'
import { type OpenCassetteOptions, resolveCassetteOptions } from './options/cassette-options.ts'

/**
 * Opens a cassette: a file of recorded answers that is committed, and replayed by tests without a network and without a
 * key. The file need not exist.
 *
 * @throws TypeError for a wrong option; LlmCacheError `ERR_LLM_CACHE_CASSETTE`, naming file and line, if the file is no
 * cassette.
 */
export async function openCassette(path: string, options?: OpenCassetteOptions): Promise<Cassette> {
  return new OpenCassette(openSession(path, resolveCassetteOptions(options)))
}

/**
 * What `LLM_CACHE_CASSETTE` does under `register`: a cassette over the whole process, saved as it goes and when it
 * ends. The cache's options `hosts`, `providers`, `ignoreFields`, `ignoreHeaders` and `replay` hold for it.
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
