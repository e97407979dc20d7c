import { distance } from 'fastest-levenshtein'
import { type LlmCacheOptions, resolveOptions } from './options.ts'

/** What the `LLM_CACHE_*` variables say. */
export interface Environment {
  /** `false` with `LLM_CACHE=off`. */
  readonly enabled: boolean
  readonly options: LlmCacheOptions
  /** One line for each variable that is unknown or wrong; such a variable is left out. No line holds a value. */
  readonly problems: readonly string[]
}

type Read = (text: string) => LlmCacheOptions

const number = (text: string): number => (text.trim() === '' ? NaN : Number(text))
const list = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')

/** Variables by name; each gives the option that it sets. */
const VARIABLES: Readonly<Record<string, Read>> = {
  LLM_CACHE_TTL: (text) => ({ ttl: number(text) }),
  LLM_CACHE_HOSTS: (text) => ({ hosts: list(text) }),
}

const SWITCHES: ReadonlyMap<string, boolean> = new Map([
  ['on', true],
  ['true', true],
  ['1', true],
  ['off', false],
  ['false', false],
  ['0', false],
])

/** Reads `LLM_CACHE` (`on`, `off`) and the `LLM_CACHE_*` variables; an empty one counts as unset. */
export function readEnvironment(environment: NodeJS.ProcessEnv): Environment {
  let enabled = true
  const options: LlmCacheOptions = {}
  const problems: string[] = []
  for (const [name, text] of Object.entries(environment)) {
    if (text === undefined || text === '' || !/^LLM_CACHE(_|$)/.test(name)) continue
    if (name === 'LLM_CACHE') {
      const value = SWITCHES.get(text.toLowerCase())
      if (value === undefined) problems.push('LLM_CACHE must be on or off; it is ignored')
      else enabled = value
      continue
    }
    const option = readVariable(name, text)
    if (typeof option === 'string') problems.push(option)
    else Object.assign(options, option)
  }
  return { enabled, options, problems }
}

function readVariable(name: string, text: string): LlmCacheOptions | string {
  const read = Object.hasOwn(VARIABLES, name) ? VARIABLES[name] : undefined
  if (read === undefined) return `${name} does not exist; the nearest name is ${nearest(name)}`
  const option = read(text)
  try {
    resolveOptions(option)
    return option
  } catch (error) {
    const why = error instanceof TypeError ? error.message.replace(/, not .*$/s, '') : 'it is wrong'
    return `${name} is ignored: ${why}`
  }
}

function nearest(name: string): string {
  return Object.keys(VARIABLES).toSorted((a, b) => distance(name, a) - distance(name, b))[0] ?? 'LLM_CACHE'
}
