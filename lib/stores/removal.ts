import { type Filter, type FilterTarget, matches } from './filter.ts'

/** Entries were taken out: those that `filter` picks at the time `at` (milliseconds since the epoch), none stored later. */
export interface Removal {
  readonly filter: Filter
  readonly at: number
}

/** Whether a removal concerns an entry; one that an import brought `back` (milliseconds since the epoch) only if it is later. */
export function isRemoved(entry: FilterTarget, { filter, at }: Removal, back = 0): boolean {
  return Math.max(entry.storedAt, back) <= at && matches(entry, filter, at)
}
