import { type Filter, type FilterTarget, matches } from './filter.ts'

/**
 * A removal of the entries that `filter` picks and that were stored at `at` (milliseconds since the epoch) or before.
 */
export interface Removal {
  readonly filter: Filter
  /** Milliseconds since the epoch. */
  readonly at: number
}

/**
 * Whether a removal applies to an entry. `back` is when an import brought the entry, in milliseconds since the epoch:
 * only later removals apply then.
 */
export function isRemoved(entry: FilterTarget, { filter, at }: Removal, back = 0): boolean {
  return Math.max(entry.storedAt, back) <= at && matches(entry, filter, at)
}
