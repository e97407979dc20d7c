import { resolve } from 'node:path'
import type { Rule } from '../controls/rules.ts'
import { readConfigFile } from './config-file.ts'
import { type Environment, readEnvironment } from './environment.ts'
import type { LlmCacheOptions } from './options.ts'

/** A process's settings from its environment. */
export interface ProcessOptions extends Omit<Environment, 'config' | 'namespace'> {
  /** Options from the variables and the file. */
  readonly options: LlmCacheOptions
  /** One line for each wrong setting, which is ignored. No line shows a value. */
  readonly problems: readonly string[]
}

/**
 * Reads the `LLM_CACHE_*` variables and the file that one of them names. A variable wins over the file. Relative paths
 * are below `folder`. Never throws.
 */
export function readProcessOptions(variables: NodeJS.ProcessEnv, folder: string): ProcessOptions {
  const { config, cassette, namespace, options: own, problems, ...settings } = readEnvironment(variables)
  const file = config === undefined || !settings.enabled ? undefined : readConfigFile(config, folder)
  const options: { -readonly [Name in keyof LlmCacheOptions]: LlmCacheOptions[Name] } = { ...file?.options, ...own }
  if (settings.store !== undefined) delete options.store
  return {
    ...settings,
    ...(cassette !== undefined && { cassette: resolve(folder, cassette) }),
    options: namespace === undefined ? options : { ...options, rules: inNamespace(namespace, options.rules) },
    problems: [...problems, ...(file?.problems ?? [])],
  }
}

/** Since there is no option for a namespace, it becomes a rule for every call, and the default in the other rules. */
function inNamespace(namespace: string, rules: readonly Rule[] = []): Rule[] {
  return [...rules.map((rule) => ({ namespace, ...rule })), { match: {}, namespace }]
}

/** The variables with absolute paths, for a process that may run in another folder. */
export function absoluteVariables(variables: NodeJS.ProcessEnv, folder: string): NodeJS.ProcessEnv {
  const { store, config, cassette } = readEnvironment(variables)
  return {
    ...variables,
    ...(store?.kind === 'sqlite' && { LLM_CACHE_STORE: `sqlite:${resolve(folder, store.path)}` }),
    ...(config !== undefined && { LLM_CACHE_CONFIG: resolve(folder, config) }),
    ...(cassette !== undefined && { LLM_CACHE_CASSETTE: resolve(folder, cassette) }),
  }
}
