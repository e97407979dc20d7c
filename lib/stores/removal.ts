import { type Filter, type FilterTarget, matches } from './filter.ts'

/** Entries were taken out: those that `filter` picks at the time `at` (milliseconds since the epoch), none stored later. */
export interface Removal {
  readonly filter: Filter
  readonly at: number
}

/** Whether a removal concerns an entry. */
export function isRemoved(entry: FilterTarget, { filter, at }: Removal): boolean {
  return entry.storedAt <= at && matches(entry, filter, at)
}
