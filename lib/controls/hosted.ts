import type { BypassReason } from '../base/reasons.ts'

/** The values of the option `hosted`. */
export const HOSTED = ['bypass', 'cache'] as const

/**
 * What happens to a call whose answer depends on more than the request: it has a tool that the provider runs, goes to a
 * model that searches, or refers to a text that is edited at the provider. `bypass`: it goes live. `cache`: it is
 * cached like any other call, for a test suite or a demo.
 */
export type Hosted = (typeof HOSTED)[number]

/** The remaining reason against caching. State that the provider keeps (a conversation, a container) always is one. */
export function vetoUnder(hosted: Hosted, veto: BypassReason | undefined): BypassReason | undefined {
  return hosted === 'cache' && (veto === 'hosted-tool' || veto === 'hosted-text') ? undefined : veto
}
