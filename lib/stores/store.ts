import type { Entry, EntryMeta } from './entry.ts'
import type { Filter } from './filter.ts'

/** What `entries()` yields. */
export interface EntryInfo extends Omit<EntryMeta, 'keptUntil' | 'duration' | 'itemKeys'> {
  /** How often the entry was served. */
  readonly hits: number
}

/** A value now, or later. */
export type Awaitable<T> = T | PromiseLike<T>

/**
 * Where whole answers are kept. Members may be synchronous or asynchronous; an expired entry may be returned or not
 * (the cache looks at `expiresAt` and `keptUntil` itself). A store may lose an entry at any time.
 */
export interface CacheStore {
  get(key: string): Awaitable<Entry | undefined>
  set(entry: Entry): Awaitable<void>
  /** Whether there was one. */
  delete(key: string): Awaitable<boolean>
  /** How many went. */
  clear(filter?: Filter): Awaitable<number>
  entries(filter?: Filter): Iterable<EntryInfo> | AsyncIterable<EntryInfo>
  close(): Awaitable<void>
}
