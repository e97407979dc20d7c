import type { EntryInfo } from '../entry.ts'
import type { Filter } from '../filter.ts'
import type { Awaitable, CacheStore } from '../store.ts'

/** One thing that every store does. It rejects with an AssertionError if the store doesn't. */
export interface StoreCase {
  /** A sentence about a store. */
  readonly title: string
  /** What it needs beside finding a key again; for a store that can't. */
  readonly needs?: 'listing'
  /** `open` gives an empty store, which is closed afterwards. */
  run(open: () => Awaitable<CacheStore>): Promise<void>
}

/** A case's run: opens a store, does what `check` says, and closes the store. */
export function withStore(check: (store: CacheStore) => Promise<void>): StoreCase['run'] {
  return async (open) => {
    const store = await open()
    try {
      await check(store)
    } finally {
      await store.close()
    }
  }
}

/** What the store lists. */
export async function list(store: CacheStore, filter: Filter): Promise<EntryInfo[]> {
  const entries: EntryInfo[] = []
  for await (const entry of store.entries(filter)) entries.push(entry)
  return entries
}

/** The keys of what the store lists, sorted. */
export async function keysOf(store: CacheStore, filter: Filter): Promise<string[]> {
  return (await list(store, filter)).map(({ key }) => key).toSorted()
}
