import { equal, ok } from 'node:assert/strict'
import { CALLER, keyOf, makeEntry } from './example-entry.ts'
import { type StoreCase, withStore } from './store-case.ts'

const KEY = makeEntry().key

/** Deleted and cleared entries are gone, and no others. */
export const removalCases: readonly StoreCase[] = [
  {
    title: 'deletes one entry, and says whether there was one',
    run: withStore(async (store) => {
      await store.set(makeEntry(), CALLER)
      equal(await store.delete(KEY), true)
      equal(await store.delete(KEY), false)
      equal((await store.get(KEY, CALLER)) ?? undefined, undefined)
    }),
  },
  {
    title: 'clears everything without a filter, and says how many went',
    run: withStore(async (store) => {
      for (const key of ['1', '2', '3']) await store.set(makeEntry({ key: keyOf(key) }), CALLER)
      equal(await store.clear(), 3)
      equal(await store.clear(), 0)
      equal((await store.get(keyOf('1'), CALLER)) ?? undefined, undefined)
    }),
  },
  {
    title: 'clears one key',
    run: withStore(async (store) => {
      for (const key of ['1', '2']) await store.set(makeEntry({ key: keyOf(key) }), CALLER)
      equal(await store.clear({ key: keyOf('1') }), 1)
      equal((await store.get(keyOf('1'), CALLER)) ?? undefined, undefined)
      ok(await store.get(keyOf('2'), CALLER))
    }),
  },
  {
    title: 'clears and deletes what was stored while a clock was ahead, or it would be back when the time is there',
    run: withStore(async (store) => {
      for (const ahead of [5_000, 3_600_000]) {
        const storedAt = Date.now() + ahead
        const entry = makeEntry({ storedAt, expiresAt: storedAt + 60_000, keptUntil: storedAt + 60_000 })
        await store.set(entry, CALLER)
        equal(await store.clear(), 1)
        await store.set(entry, CALLER)
        equal(await store.delete(KEY), true)
        equal((await store.get(KEY, CALLER)) ?? undefined, undefined)
      }
    }),
  },
  {
    title: 'keeps what is set after a clear',
    run: withStore(async (store) => {
      await store.set(makeEntry(), CALLER)
      await store.clear()
      const later = Date.now() + 1
      await store.set(makeEntry({ storedAt: later }), CALLER)
      ok(await store.get(KEY, CALLER))
    }),
  },
]
