import type { BypassReason } from '../base/reasons.ts'

/** The values of the option `hosted`. */
export const HOSTED = ['bypass', 'cache'] as const

/**
 * What becomes of a call with a tool that the provider runs, to a model that searches, or with text that is edited at the
 * provider: its answer is a function of more than the request. `bypass`: it goes live · `cache`: it is cached like any
 * other, for a test suite or a demo.
 */
export type Hosted = (typeof HOSTED)[number]

/** The reason against caching that is left. What a provider keeps (background, conversation, container) is never lifted. */
export function vetoUnder(hosted: Hosted, veto: BypassReason | undefined): BypassReason | undefined {
  return hosted === 'cache' && (veto === 'hosted-tool' || veto === 'hosted-text') ? undefined : veto
}
