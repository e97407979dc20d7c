import { deepStrictEqual, equal, ok } from 'node:assert/strict'
import { CALLER, keyOf, makeEntry, OTHER_CALLER } from './example-entry.ts'
import { assertSame } from './same-entry.ts'
import { type StoreCase, withStore } from './store-case.ts'

const KEY = makeEntry().key

/** An entry is returned as it was set. */
export const answerCases: readonly StoreCase[] = [
  {
    title: 'gives back every byte and every member of what was set',
    run: withStore(async (store) => {
      const entry = makeEntry({ tags: ['a', 'b'], namespace: 'v7', itemKeys: [keyOf('x'), keyOf('y')] })
      await store.set(entry, CALLER)
      assertSame(await store.get(entry.key, CALLER), entry)
    }),
  },
  {
    title: 'gives back what is empty, odd or not there as it was',
    run: withStore(async (store) => {
      const nothing = new Uint8Array()
      for (const [at, given] of [
        { body: nothing, size: 0, ends: new Uint32Array(), gaps: undefined },
        { model: undefined, usage: undefined, statusText: '', headers: [], acceptEncoding: '' },
        { namespace: "Robert'); DROP TABLE entries;--", tags: ['%', '_', '"', "'", '{a}', 'é\u{1f600}', '\n\0'] },
        { headers: ['x-tag', 'given'], rawHeaders: ['X-Tag', 'raw'] },
        { headers: ['X-Latin', '\u00ff', 'Set', 'a, b', 'set', ''], gaps: Uint32Array.of(0, 4_294_967_295) },
        { body: Uint8Array.from({ length: 256 }, (_, byte) => byte), size: 256, ends: Uint32Array.of(1, 256) },
      ].entries()) {
        const entry = makeEntry({ key: keyOf(String(at)), ...given })
        await store.set(entry, CALLER)
        assertSame(await store.get(entry.key, CALLER), entry)
      }
    }),
  },
  {
    title: 'keeps an entry of 8 MiB',
    run: withStore(async (store) => {
      const body = new Uint8Array(8 * 1024 * 1024).fill(7)
      body.set([1, 2, 3], body.length - 3)
      const entry = makeEntry({ body, size: body.length, ends: Uint32Array.of(5, body.length) })
      await store.set(entry, CALLER)
      assertSame(await store.get(entry.key, CALLER), entry)
    }),
  },
  {
    title: 'has nothing under another key',
    run: withStore(async (store) => {
      await store.set(makeEntry(), CALLER)
      equal((await store.get(keyOf('other'), CALLER)) ?? undefined, undefined)
    }),
  },
  {
    title: 'keeps the newest entry of one key',
    run: withStore(async (store) => {
      await store.set(makeEntry({ tags: ['old'] }), CALLER)
      await store.set(makeEntry({ statusText: 'Fine', tags: ['new'] }), CALLER)
      equal((await store.get(KEY, CALLER))?.statusText, 'Fine')
    }),
  },
  {
    title: 'keeps entries that are set at once',
    run: withStore(async (store) => {
      const entries = Array.from({ length: 50 }, (_, at) => makeEntry({ key: keyOf(String(at)), statusText: `${at}` }))
      await Promise.all(entries.map((entry) => store.set(entry, CALLER)))
      const found = await Promise.all(entries.map(({ key }) => store.get(key, CALLER)))
      deepStrictEqual(
        found.map((entry) => entry?.statusText),
        entries.map(({ statusText }) => statusText),
      )
    }),
  },
  {
    title: 'opens an entry for nobody but the caller whose secret it is sealed under, if it needs one',
    run: withStore(async (store) => {
      if (store.needsSecret !== true) return
      await store.set(makeEntry(), CALLER)
      equal((await store.get(KEY, OTHER_CALLER)) ?? undefined, undefined)
      equal((await store.get(KEY)) ?? undefined, undefined)
      ok(await store.get(KEY, CALLER), 'the entry is still there for its own caller')
    }),
  },
  {
    title: 'flushes, and is closed once everything has ended',
    run: async (open) => {
      const store = await open()
      await store.set(makeEntry(), CALLER)
      await store.flush?.()
      store.hit?.(KEY)
      await store.close()
    },
  },
]
