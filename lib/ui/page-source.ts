import type { Entry, EntryInfo } from '../stores/entry.ts'
import type { Filter } from '../stores/filter.ts'
import type { Awaitable } from '../stores/store.ts'
import type { Minute, Stats } from '../telemetry/stats.ts'

/** The figures that the page shows. */
export interface PageStats extends Stats {
  /** With a store that keeps figures: hits and misses of all processes by hour, oldest first, instead of `minutes`. */
  readonly hours?: readonly Minute[]
}

/** The source of the page's data. */
export interface PageSource {
  /** Whether calls go through this cache; `false` if the page only looks into a store. */
  readonly isLive: boolean
  stats(): Awaitable<PageStats>
  entries(filter: Filter): AsyncIterable<EntryInfo>
  /**
   * The whole entry under a key; `undefined` if there is none, or the credential does not unseal it. With a store, the
   * entry is read from there and never from memory, so that a credential is needed.
   */
  entry(key: string, credential: string | undefined): Promise<Entry | undefined>
  /** Deletes entries; resolves to their number. */
  clear(filter: Filter): Promise<number>
}
