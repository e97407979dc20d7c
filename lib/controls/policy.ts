import type { RequestFacts } from '../providers/provider.ts'

/** The values of the option `policy`. */
export const POLICIES = ['all', 'deterministic', 'opt-in'] as const

/**
 * Which calls use the cache without asking for it. `all`: every call. `deterministic`: calls whose answer is meant to
 * repeat (explicit `temperature: 0`, a seed, or no sampling at all). `opt-in`: none.
 */
export type Policy = (typeof POLICIES)[number]

/**
 * Whether a policy covers a call. A call that asks for the cache by header, body, scope or rule (`asked`) is always
 * covered.
 */
export function isCovered(policy: Policy, facts: RequestFacts, asked: boolean): boolean {
  if (asked) return true
  switch (policy) {
    case 'all':
      return true
    case 'deterministic':
      return facts.deterministic
    case 'opt-in':
      return false
    default:
      return policy satisfies never
  }
}
