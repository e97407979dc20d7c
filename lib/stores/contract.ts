import { deepStrictEqual, equal, ok } from 'node:assert/strict'
import type { StoredRecord } from './codec.ts'
import type { Entry, EntryInfo } from './entry.ts'
import { HOUR, type HourFigures } from './figures.ts'
import type { Filter } from './filter.ts'
import { answerInfo, type Question } from './question.ts'
import type { Awaitable, CacheStore, QuestionStore } from './store.ts'
import { CALLER, keyOf, makeEntry, OTHER_CALLER } from './example-entry.ts'

export { accessOf, makeEntry } from './example-entry.ts'

/** One thing that every store does. It rejects with an AssertionError where the store doesn't. */
export interface StoreCase {
  /** A sentence about a store. */
  readonly title: string
  /** What it needs beside finding a key again; for a store that can't. */
  readonly needs?: 'listing'
  /** `open` gives an empty store, which is closed afterwards. */
  run(open: () => Awaitable<CacheStore>): Promise<void>
}

const KEY = makeEntry().key

/**
 * What every store does, to be run by any test runner (vitest, jest, node:test):
 *
 * ```ts
 * for (const { title, run } of storeContract) test(title, () => run(openStore))
 * ```
 */
export const storeContract: readonly StoreCase[] = [
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
    title: 'keeps what is set after a clear',
    run: withStore(async (store) => {
      await store.set(makeEntry(), CALLER)
      await store.clear()
      const later = Date.now() + 1
      await store.set(makeEntry({ storedAt: later }), CALLER)
      ok(await store.get(KEY, CALLER))
    }),
  },
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
  ...filterCases(),
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
    title: 'adds figures up by hour and name, each batch once, if it keeps any',
    run: withStore(async (store) => {
      if (store.addFigures === undefined || store.figures === undefined) return
      const now = Math.floor(Date.now() / HOUR) * HOUR
      const all = { at: now, kind: 'all', name: '', counts: { hits: 2, cost: 0.25 } } as const
      const model = { at: now, kind: 'model', name: 'a "b" {c}', counts: { misses: 1 } } as const
      await store.addFigures({ id: '1', figures: [all, model] })
      await store.addFigures({ id: '1', figures: [all, model] })
      const other = { ...model, name: '' }
      const earlier = { ...all, at: now - HOUR }
      await store.addFigures({ id: '2', figures: [all, other, earlier] })
      const whole = { ...all, counts: { hits: 4, cost: 0.5 } }
      deepStrictEqual(sorted(await store.figures(now)), sorted([whole, model, other]))
      deepStrictEqual(sorted(await store.figures(now - HOUR)), sorted([whole, model, other, earlier]))
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
  ...questionCases(),
]

/** The cases of a store that keeps questions. Any other store passes them. */
function questionCases(): StoreCase[] {
  const cases: Record<string, (questions: QuestionStore, store: CacheStore) => Promise<void>> = {
    'gives back a question with its vector, and what its entry says': async (questions, store) => {
      const entry = makeEntry({ key: keyOf('1'), tags: ['evals'], namespace: 'x' })
      const question = makeQuestion(entry, 'Where? \u00e9\u{1f600}\ud800', [0.5, -1, 3e-9])
      await store.set(entry, CALLER)
      await questions.add(question, CALLER)
      const { newest, ...page } = await questions.read(PARTITION, ALL, CALLER)
      deepStrictEqual(page, { questions: [question], next: undefined })
      deepStrictEqual((await questions.read(PARTITION, { ...ALL, after: newest }, CALLER)).questions, [])
    },
    'gives questions newest first, page by page, and later what is new': async (questions, store) => {
      const add = async (name: string): Promise<void> => {
        const entry = makeEntry({ key: keyOf(name) })
        await store.set(entry, CALLER)
        await questions.add(makeQuestion(entry, name, [1]), CALLER)
      }
      for (let at = 0; at < 70; at++) await add(String(at))
      const { texts, newest } = await readAll(questions, undefined)
      deepStrictEqual(
        texts,
        Array.from({ length: 70 }, (_, at) => String(69 - at)),
      )
      await add('new')
      await add('3')
      deepStrictEqual((await readAll(questions, newest)).texts, ['3', 'new'])
    },
    'keeps a question as long as its entry, and none without one': async (questions, store) => {
      const [one, two, three] = ['1', '2', '3'].map((name) => makeEntry({ key: keyOf(name), tags: [`tag ${name}`] }))
      for (const entry of [one, two]) await store.set(entry ?? makeEntry(), CALLER)
      for (const entry of [one, two, three]) await questions.add(makeQuestion(entry ?? makeEntry(), 'a', []), CALLER)
      await store.delete(keyOf('1'))
      const { texts, keys } = await readAll(questions, undefined)
      deepStrictEqual([texts, keys], [['a'], [keyOf('2')]])
      await store.delete(keyOf('2'))
      deepStrictEqual((await readAll(questions, undefined)).texts, [])
      // What is stored later under that key has no question yet.
      await store.set(makeEntry({ key: keyOf('3'), storedAt: Date.now() + 10 }), CALLER)
      deepStrictEqual((await readAll(questions, undefined)).texts, [])
    },
    'gives a question to nobody else': async (questions, store) => {
      await store.set(makeEntry(), CALLER)
      await questions.add(makeQuestion(makeEntry(), 'a', [1]), CALLER)
      deepStrictEqual((await questions.read(keyOf('another'), ALL, CALLER)).questions, [])
      if (store.needsSecret !== true) return
      deepStrictEqual((await questions.read(PARTITION, ALL, OTHER_CALLER)).questions, [])
      deepStrictEqual((await questions.read(PARTITION, ALL)).questions, [])
    },
    'remembers pairs that were rejected': async (questions) => {
      equal(await questions.isRejected('a-b'), false)
      await questions.reject('a-b')
      await questions.reject('a-b')
      deepStrictEqual([await questions.isRejected('a-b'), await questions.isRejected('a-c')], [true, false])
    },
  }
  return Object.entries(cases).map(([title, check]) => ({
    title,
    run: withStore(async (store) => {
      if (store.questions !== undefined) await check(store.questions, store)
    }),
  }))
}

const PARTITION = keyOf('a partition')
const ALL = { after: undefined, before: undefined }

function makeQuestion(entry: Entry, text: string, vector: readonly number[]): Question {
  return { partition: PARTITION, text, vector: Float32Array.from(vector), entry: answerInfo(entry) }
}

async function readAll(
  questions: QuestionStore,
  after: string | undefined,
): Promise<{ readonly texts: string[]; readonly keys: string[]; readonly newest: string | undefined }> {
  const first = await questions.read(PARTITION, { after, before: undefined }, CALLER)
  const found = [...first.questions]
  for (let { next } = first; next !== undefined;) {
    const page = await questions.read(PARTITION, { after, before: next }, CALLER)
    found.push(...page.questions)
    next = page.next
  }
  return { texts: found.map(({ text }) => text), keys: found.map(({ entry }) => entry.key), newest: first.newest }
}

/** The cases that need more of a store than to find a key again: one for each member of a filter. */
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

function withStore(check: (store: CacheStore) => Promise<void>): StoreCase['run'] {
  return async (open) => {
    const store = await open()
    try {
      await check(store)
    } finally {
      await store.close()
    }
  }
}

async function list(store: CacheStore, filter: Filter): Promise<EntryInfo[]> {
  const entries: EntryInfo[] = []
  for await (const entry of store.entries(filter)) entries.push(entry)
  return entries
}

async function recordsOf(store: CacheStore): Promise<StoredRecord[]> {
  const records: StoredRecord[] = []
  for await (const record of store.records?.() ?? []) records.push(record)
  return records
}

/** Waits, as an entry that is stored in the millisecond of a removal counts as removed. */
async function nextMillisecond(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 2))
}

async function keysOf(store: CacheStore, filter: Filter): Promise<string[]> {
  return (await list(store, filter)).map(({ key }) => key).toSorted()
}

/** Figures as texts in one order, whatever the order of their members. */
function sorted(figures: readonly HourFigures[]): string[] {
  return figures
    .map(({ at, kind, name, counts }) => JSON.stringify([at, kind, name, Object.entries(counts).toSorted()]))
    .toSorted()
}

/** Compares member by member. Bytes are compared as bytes, whatever kind of array holds them. */
function assertSame(found: Entry | null | undefined, entry: Entry): void {
  ok(found, 'the entry is found')
  const { body: foundBody, ends: foundEnds, gaps: foundGaps, ...foundRest } = found
  const { body, ends, gaps, ...rest } = entry
  deepStrictEqual(foundRest, rest)
  ok(Buffer.from(foundBody).equals(body), 'the body is the same to the last byte')
  deepStrictEqual([...foundEnds], [...ends])
  deepStrictEqual(foundGaps && [...foundGaps], gaps && [...gaps])
}
