import type { EntryInfo } from '../entry.ts'
import type { Filter } from '../filter.ts'
import type { Awaitable, CacheStore } from '../store.ts'

/** One requirement of every store. It rejects with an AssertionError if the store fails it. */
export interface StoreCase {
  /** A sentence about a store. */
  readonly title: string
  /** What it needs besides finding a key, for stores that can't do that. */
  readonly needs?: 'listing'
  /** Runs the case with the empty store that `open` returns, which is closed afterwards. */
  run(open: () => Awaitable<CacheStore>): Promise<void>
}

/** Makes a case's `run`: opens a store, runs `check`, and closes the store. */
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

/** The entries that the store lists. */
export async function list(store: CacheStore, filter: Filter): Promise<EntryInfo[]> {
  const entries: EntryInfo[] = []
  for await (const entry of store.entries(filter)) entries.push(entry)
  return entries
}

/** The sorted keys of the entries that the store lists. */
export async function keysOf(store: CacheStore, filter: Filter): Promise<string[]> {
  return (await list(store, filter)).map(({ key }) => key).toSorted()
}
