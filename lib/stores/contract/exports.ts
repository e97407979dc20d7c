import { deepStrictEqual, equal } from 'node:assert/strict'
import type { StoredRecord } from '../codec.ts'
import type { CacheStore } from '../store.ts'
import { CALLER, makeEntry } from './example-entry.ts'
import { assertSame } from './same-entry.ts'
import { keysOf, type StoreCase, withStore } from './store-case.ts'

const KEY = makeEntry().key

/** A store with `records` and `restore` accepts its own records. Any other store passes these cases. */
export const exportCases: readonly StoreCase[] = [
  {
    title: 'takes an export back after a clear, and a later clear takes it out again',
    needs: 'listing',
    run: withStore(async (store) => {
      if (store.records === undefined || store.restore === undefined) return
      const entry = makeEntry({ storedAt: Date.now() - 1_000 })
      await store.set(entry, CALLER)
      const records = await recordsOf(store)
      equal(records.length, 1)
      equal(await store.clear({ model: 'gpt-5' }), 1)
      for (const record of records) equal(await store.restore(record), undefined)
      assertSame(await store.get(KEY, CALLER), entry)
      deepStrictEqual(await keysOf(store, {}), [KEY])
      await nextMillisecond()
      equal(await store.clear({ model: 'gpt-5' }), 1)
      equal((await store.get(KEY, CALLER)) ?? undefined, undefined)
    }),
  },
  {
    title: 'keeps a newer entry where an export has an older one',
    needs: 'listing',
    run: withStore(async (store) => {
      if (store.records === undefined || store.restore === undefined) return
      const storedAt = Date.now() - 2_000
      await store.set(makeEntry({ storedAt, statusText: 'Old' }), CALLER)
      const records = await recordsOf(store)
      await store.set(makeEntry({ storedAt: storedAt + 1_000, statusText: 'New' }), CALLER)
      for (const record of records) equal(await store.restore(record), undefined)
      equal((await store.get(KEY, CALLER))?.statusText, 'New')
    }),
  },
  {
    title: 'takes an older entry of an export for one that was stored while a clock was ahead',
    needs: 'listing',
    run: withStore(async (store) => {
      if (store.records === undefined || store.restore === undefined) return
      const [past, future] = [Date.now() - 1_000, Date.now() + 3_600_000]
      await store.set(makeEntry({ storedAt: past, statusText: 'Old' }), CALLER)
      const records = await recordsOf(store)
      const until = { expiresAt: future + 60_000, keptUntil: future + 60_000 }
      await store.set(makeEntry({ storedAt: future, ...until, statusText: 'Ahead' }), CALLER)
      for (const record of records) equal(await store.restore(record), undefined)
      equal((await store.get(KEY, CALLER))?.statusText, 'Old')
    }),
  },
  {
    title: 'keeps its entry if an export has one that was stored while a clock was ahead',
    needs: 'listing',
    run: withStore(async (store) => {
      if (store.records === undefined || store.restore === undefined) return
      const [past, future] = [Date.now() - 1_000, Date.now() + 3_600_000]
      const until = { expiresAt: future + 60_000, keptUntil: future + 60_000 }
      await store.set(makeEntry({ storedAt: future, ...until, statusText: 'Ahead' }), CALLER)
      const records = await recordsOf(store)
      await store.set(makeEntry({ storedAt: past, statusText: 'There' }), CALLER)
      for (const record of records) equal(await store.restore(record), undefined)
      equal((await store.get(KEY, CALLER))?.statusText, 'There')
    }),
  },
]

async function recordsOf(store: CacheStore): Promise<StoredRecord[]> {
  const records: StoredRecord[] = []
  for await (const record of store.records?.() ?? []) records.push(record)
  return records
}

/** Waits, because an entry stored in the same millisecond as a removal counts as removed. */
async function nextMillisecond(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 2))
}
