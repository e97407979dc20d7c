import { resolveSemanticOptions } from '../semantic/semantic-options.ts'
import { checkOptions } from './check-options.ts'
import { DEFAULTS, type LlmCacheOptions, type ResolvedOptions } from './options.ts'

/**
 * Checks options and fills in defaults. The only place that does so.
 *
 * @throws TypeError as `checkOptions` does.
 */
export function resolveOptions(options: LlmCacheOptions = {}): ResolvedOptions {
  checkOptions(options)
  return Object.freeze({
    ...DEFAULTS,
    ...definedOf(options),
    refuse: { ...DEFAULTS.refuse, ...definedOf(options.refuse) },
    ...(options.semantic !== undefined && { semantic: resolveSemanticOptions(options.semantic) }),
  })
}

function definedOf(value: object | undefined): object {
  return Object.fromEntries(Object.entries(value ?? {}).filter(([, one]) => one !== undefined))
}
