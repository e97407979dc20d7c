import { deepStrictEqual, equal } from 'node:assert/strict'
import type { Entry } from '../entry.ts'
import type { Filter } from '../filter.ts'
import { CALLER, keyOf, makeEntry } from './example-entry.ts'
import { keysOf, list, type StoreCase, withStore } from './store-case.ts'

const KEY = makeEntry().key

/** Entries are listed, and selected by each member of a filter. */
export const listingCases: readonly StoreCase[] = [
  {
    title: 'lists only the newest entry of one key',
    needs: 'listing',
    run: withStore(async (store) => {
      await store.set(makeEntry({ tags: ['old'] }), CALLER)
      await store.set(makeEntry({ statusText: 'Fine', tags: ['new'] }), CALLER)
      deepStrictEqual(await keysOf(store, {}), [KEY])
      deepStrictEqual(await keysOf(store, { tag: 'old' }), [])
    }),
  },
  {
    title: 'lists what is known of an entry, without its bytes',
    needs: 'listing',
    run: withStore(async (store) => {
      const entry = makeEntry({ tags: ['a'] })
      await store.set(entry, CALLER)
      const { key, provider, model, endpoint, namespace, tags, stream, size, storedAt, expiresAt, usage } = entry
      const info = {
        key,
        provider,
        model,
        endpoint,
        namespace,
        tags,
        stream,
        size,
        storedAt,
        expiresAt,
        hits: 0,
        usage,
      }
      deepStrictEqual(await list(store, {}), [info])
    }),
  },
  ...filterCases(),
]

/** Cases for stores that can do more than find keys: one for each member of a filter. */
function filterCases(): StoreCase[] {
  const filters: readonly [what: string, filter: Filter, picked: readonly string[]][] = [
    ['a namespace', { namespace: 'x' }, ['2']],
    ['the default namespace', { namespace: '' }, ['1', '3']],
    ['a provider', { provider: 'anthropic' }, ['3']],
    ['a model', { model: 'gpt-5' }, ['1', '2']],
    ['a tag', { tag: 'evals' }, ['1', '3']],
    ['a key', { key: keyOf('2') }, ['2']],
    ['what is old', { olderThan: 50 }, ['3']],
    ['what every member picks', { model: 'gpt-5', tag: 'evals' }, ['1']],
    ['nothing where one member picks nothing', { model: 'gpt-5', provider: 'anthropic' }, []],
  ]
  return filters.map(([what, filter, picked]) => ({
    title: `lists and clears ${what}`,
    needs: 'listing',
    run: withStore(async (store) => {
      for (const entry of threeEntries()) await store.set(entry, CALLER)
      const kept = ['1', '2', '3'].filter((key) => !picked.includes(key))
      deepStrictEqual(await keysOf(store, filter), picked.map(keyOf).toSorted())
      equal(await store.clear(filter), picked.length)
      deepStrictEqual(await keysOf(store, {}), kept.map(keyOf).toSorted())
    }),
  }))
}

function threeEntries(): Entry[] {
  const now = Date.now()
  return [
    makeEntry({ key: keyOf('1'), tags: ['evals'] }),
    makeEntry({ key: keyOf('2'), namespace: 'x' }),
    makeEntry({
      key: keyOf('3'),
      provider: 'anthropic',
      model: 'claude',
      tags: ['evals', 'b'],
      storedAt: now - 55_000,
    }),
  ]
}
