import type { Answers } from './stats.ts'

/** How many calls were answered. */
export function answersOf({ hits, misses, coalesced, stale, refreshes }: Answers): number {
  return hits + misses + coalesced + stale + refreshes
}

/**
 * The share of calls, 0 … 1, that needed no provider call of their own; a coalesced call is one of them. `undefined`
 * if there was no call.
 */
export function hitRateOf(answers: Answers): number | undefined {
  const all = answersOf(answers)
  return all === 0 ? undefined : (answers.hits + answers.coalesced + answers.stale) / all
}
