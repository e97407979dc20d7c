import { type Check, checkMembers, fail, isBoolean, isInteger, isList, isOneOf } from '../base/check.ts'
import type { CassetteEntry } from '../cassettes/entry.ts'
import type { RecordPolicy } from '../cassettes/log.ts'
import { CASSETTE_MODES, type CassetteMode, defaultMode } from '../cassettes/mode.ts'
import type { CassetteOptions } from '../cassettes/options.ts'
import { isFieldPath } from '../key/field-paths.ts'
import { readEnvironment } from './environment.ts'
import type { LlmCacheOptions } from './options.ts'
import { resolveOptions } from './resolve-options.ts'

type Shared = Pick<LlmCacheOptions, 'hosts' | 'providers' | 'ignoreFields' | 'ignoreHeaders' | 'replay'>

/**
 * Options of `openCassette`; `hosts`, `providers`, `ignoreFields`, `ignoreHeaders` and `replay` are the cache's own.
 */
export interface OpenCassetteOptions extends Shared {
  /**
   * `'once'`: records if there is no file yet, otherwise replays and fails new calls; `'new'`: replays, and records new
   * calls; `'all'`: records everything again; `'none'`: only replays; `'off'`: does nothing. Default
   * `LLM_CACHE_CASSETTE_MODE`, then `'none'` if `CI` is set, then `'once'`.
   */
  readonly mode?: CassetteMode
  /** `'success'` (default): answers, and retryable failures that a success follows; `'all'`: everything. */
  readonly record?: RecordPolicy
  /**
   * Changes what is recorded. It gets a copy of an entry and returns the entry to keep. It is also applied to a call
   * before the call is matched (with an empty response of status 0), so that no key depends on what it removes.
   */
  readonly redact?: (entry: CassetteEntry) => CassetteEntry
  /** Body paths whose values are replaced in calls and answers: `user`, `messages[*].name`. Default none. */
  readonly redactFields?: readonly string[]
  /** Seconds after which an entry counts as missing. Default none. */
  readonly maxAge?: number
  /** Whether `close()` removes entries that no call used. Default `false`; `LLM_CACHE_CASSETTE_PRUNE=1` sets it. */
  readonly prune?: boolean
  /** Origins whose calls are all recorded, LLM calls or not: `https://api.example.com`. Default none. */
  readonly also?: readonly string[]
}

/** A placeholder for options that are checked with the cache's own. */
const shared: Check = () => {}

const CHECKS: { readonly [Name in keyof OpenCassetteOptions]-?: Check } = {
  mode: isOneOf(CASSETTE_MODES),
  record: isOneOf(['success', 'all']),
  redact(value, path) {
    if (typeof value !== 'function') fail(path, 'a function', value)
  },
  redactFields: isList(isPath),
  maxAge: isInteger({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  prune: isBoolean,
  also: isList(isOrigin),
  hosts: shared,
  providers: shared,
  ignoreFields: shared,
  ignoreHeaders: shared,
  replay: shared,
}

/**
 * Checks the options of a cassette and fills in defaults.
 *
 * @param environment provides `LLM_CACHE_CASSETTE_MODE`, `LLM_CACHE_CASSETTE_PRUNE` and `CI`.
 * @throws TypeError naming the path, what was expected and what came; also for an unknown option.
 */
export function resolveCassetteOptions(
  options: OpenCassetteOptions = {},
  environment: NodeJS.ProcessEnv = process.env,
): CassetteOptions {
  checkMembers(options, CHECKS, 'options')
  const { cassetteMode, cassettePrune = false, problems } = readEnvironment(environment)
  const problem = problems.find((one) => one.startsWith('LLM_CACHE_CASSETTE'))
  if (problem !== undefined) throw new TypeError(problem)
  const { record = 'success', redact, redactFields = [], maxAge = Infinity, also = [], ...more } = options
  const { mode = cassetteMode ?? defaultMode(environment), prune = cassettePrune, ...rest } = more
  const { hosts, providers, ignoreFields, ignoreHeaders, replay } = resolveOptions(rest)
  return Object.freeze({
    mode,
    record,
    redact,
    redactFields,
    maxAge,
    prune,
    also,
    hosts,
    providers,
    ignoreFields,
    ignoreHeaders,
    replay,
  })
}

function isPath(value: unknown, path: string): void {
  const isRight = typeof value === 'string' && isFieldPath(value)
  if (!isRight) fail(path, 'a body path such as messages[*].id', value)
}

function isOrigin(value: unknown, path: string): void {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '') {
    fail(path, 'an origin such as https://api.example.com', value)
  }
}
