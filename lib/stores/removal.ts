import { type Filter, type FilterTarget, matches } from './filter.ts'
import { CLOCK_SKEW } from './freshness.ts'

/** A removal of the entries that match `filter` and were stored at `at` (milliseconds since the epoch) or before. */
export interface Removal {
  readonly filter: Filter
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Whether this process has made it: by the same clock as its entries. Default `false`. */
  readonly isOwn?: boolean
}

/**
 * Whether a removal applies to an entry. `back` is when an import brought the entry, in milliseconds since the epoch:
 * only later removals apply then.
 */
export function isRemoved(entry: FilterTarget, { filter, at }: Removal, back = 0): boolean {
  return Math.max(entry.storedAt, back) <= at && matches(entry, filter, at)
}

/**
 * Whether a removal applies to an entry as it is now. In case of doubt it does, since clocks differ: a miss at worst.
 * Entries stored while a clock was ahead are removed too, because otherwise they would be back when that time comes.
 */
export function takesOut({ filter, at, isOwn = false }: Removal, entry: FilterTarget): boolean {
  const isBefore = entry.storedAt <= (isOwn ? at : at + CLOCK_SKEW)
  return (isBefore || entry.storedAt > Date.now() + CLOCK_SKEW) && matches(entry, filter, at)
}
