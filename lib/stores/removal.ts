import { type Filter, type FilterTarget, matches } from './filter.ts'
import { CLOCK_SKEW } from './freshness.ts'

/** A removal of the entries that match `filter` and were stored at `at` (milliseconds since the epoch) or before. */
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

/**
 * Whether a removal that is carried out now takes an entry out of where it is. One that was stored while a clock was
 * ahead goes too, if the filter picks it: otherwise it would be back once the time is there.
 */
export function takesOut(removal: Removal, entry: FilterTarget, back?: number): boolean {
  const isFromFuture = entry.storedAt - Date.now() > CLOCK_SKEW
  return isRemoved(entry, removal, back) || (isFromFuture && matches(entry, removal.filter, removal.at))
}
