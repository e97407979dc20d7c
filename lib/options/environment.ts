import { type Check, fail, isText, nearest } from '../base/check.ts'
import { CASSETTE_MODES, type CassetteMode } from '../cassettes/mode.ts'
import { parseStoreAddress, type StoreAddress } from '../stores/address.ts'
import type { LlmCacheOptions } from './options.ts'
import { resolveOptions } from './resolve-options.ts'

/** Format of the log on stderr: for people, or one JSON object on each line. */
export type LogFormat = 'text' | 'json'

/** Settings from the `LLM_CACHE_*` variables. */
export interface Environment {
  /** `false` with `LLM_CACHE=off`. */
  readonly enabled: boolean
  /** Whether a problem ends the process (exit code 78) instead of being ignored. */
  readonly strict: boolean
  readonly log: LogFormat | 'off'
  /** Path of a JS, TS or JSON file with options, as given. */
  readonly config?: string
  readonly store?: StoreAddress
  readonly encryptionKey?: string
  readonly namespace?: string
  /** Path of a cassette that answers instead of the cache. */
  readonly cassette?: string
  readonly cassetteMode?: CassetteMode
  readonly cassettePrune?: boolean
  /** Options that have their own variable. */
  readonly options: LlmCacheOptions
  /** One line for each unknown or wrong variable, which is ignored. No line shows a value. */
  readonly problems: readonly string[]
}

type Settings = Omit<Environment, 'problems'>

/** Reads one variable. Throws a `TypeError` that says what was expected. */
type Read = (text: string, name: string) => Partial<Settings>

/** Variables by name. Adding one is a row here and a line in lib/cli/README.md. */
const VARIABLES: Readonly<Record<string, Read>> = {
  LLM_CACHE: (text, name) => ({ enabled: isOn(text, name) }),
  LLM_CACHE_STRICT: (text, name) => ({ strict: isOn(text, name) }),
  LLM_CACHE_TTL: option('ttl', number),
  LLM_CACHE_POLICY: option('policy', asIs),
  LLM_CACHE_HOSTED: option('hosted', asIs),
  LLM_CACHE_HOSTS: option('hosts', list),
  LLM_CACHE_EXPLAIN: (text, name) => ({ options: { explain: isOn(text, name) } }),
  LLM_CACHE_MAX_SIZE: option('maxSize', number),
  LLM_CACHE_REPLAY: option('replay', replayMode),
  LLM_CACHE_NAMESPACE: (text, name) => ({ namespace: checked(text, name, isText) }),
  LLM_CACHE_STORE: (text, name) => ({ store: parseStoreAddress(text, name) }),
  LLM_CACHE_ENCRYPTION_KEY: (text, name) => ({ encryptionKey: checked(text, name, isSecret) }),
  LLM_CACHE_CONFIG: (config) => ({ config }),
  LLM_CACHE_LOG: (text, name) => ({ log: logFormat(text, name) }),
  LLM_CACHE_CASSETTE: (cassette) => ({ cassette }),
  LLM_CACHE_CASSETTE_MODE: (text, name) => ({ cassetteMode: cassetteMode(text, name) }),
  LLM_CACHE_CASSETTE_PRUNE: (text, name) => ({ cassettePrune: isOn(text, name) }),
}

/** Reads `LLM_CACHE` (`on`, `off`) and the `LLM_CACHE_*` variables; an empty one counts as unset. Never throws. */
export function readEnvironment(environment: NodeJS.ProcessEnv): Environment {
  const settings: Settings = { enabled: true, strict: false, log: 'off', options: {} }
  const problems: string[] = []
  for (const [name, text] of Object.entries(environment)) {
    if (text === undefined || text === '' || !/^LLM_CACHE(_|$)/.test(name)) continue
    const found = readVariable(name, text)
    if (typeof found === 'string') problems.push(found)
    else Object.assign(settings, found, { options: Object.assign(settings.options, found.options) })
  }
  return { ...settings, problems }
}

function readVariable(name: string, text: string): Partial<Settings> | string {
  const read = Object.hasOwn(VARIABLES, name) ? VARIABLES[name] : undefined
  if (read === undefined) return `${name} does not exist; ${nearest(name, Object.keys(VARIABLES))}`
  try {
    return read(text, name)
  } catch (error) {
    return `${withoutValue(error).replace(/^options\.\w+/, name)}`
  }
}

/** The message of a check without the value, which may be a secret in the wrong variable. */
export function withoutValue(error: unknown): string {
  return error instanceof TypeError ? error.message.replace(/, (?:not|got) .*$/s, '') : 'options can not be read'
}

function option<Name extends keyof LlmCacheOptions>(name: Name, read: (text: string) => unknown): Read {
  return (text) => {
    const options: LlmCacheOptions = { [name]: read(text) }
    resolveOptions(options)
    return { options }
  }
}

function asIs(text: string): string {
  return text
}

function number(text: string): number {
  return text.trim() === '' ? NaN : Number(text)
}

function list(text: string): string[] {
  const items = text.split(',').map((item) => item.trim())
  return items.filter((item) => item !== '')
}

/** `instant`, `recorded`, or a number: the speed relative to the recording. */
function replayMode(text: string): unknown {
  const speed = number(text)
  return Number.isNaN(speed) ? text : { speed }
}

function checked(text: string, name: string, check: Check): string {
  check(text, name)
  return text
}

const LEAST_SECRET = 32

function isSecret(text: unknown, name: string): void {
  if (typeof text !== 'string' || text.length < LEAST_SECRET)
    fail(name, `a string of ${LEAST_SECRET} characters or more`, '')
}

const SWITCHES: ReadonlyMap<string, boolean> = new Map([
  ['on', true],
  ['true', true],
  ['1', true],
  ['off', false],
  ['false', false],
  ['0', false],
])

function isOn(text: string, name: string): boolean {
  return SWITCHES.get(text.toLowerCase()) ?? fail(name, 'on or off', text)
}

function cassetteMode(text: string, name: string): CassetteMode {
  return CASSETTE_MODES.find((mode) => mode === text.toLowerCase()) ?? fail(name, CASSETTE_MODES.join(', '), text)
}

function logFormat(text: string, name: string): LogFormat | 'off' {
  if (text.toLowerCase() === 'json') return 'json'
  const isTold = SWITCHES.get(text.toLowerCase()) ?? fail(name, '1, json or off', text)
  return isTold ? 'text' : 'off'
}
