import { describe, expect, it } from 'vitest'
import type { Entry } from '../../../lib/stores/entry.ts'
import type { CacheStore, EntryInfo } from '../../../lib/stores/store.ts'

/** An entry with everything a store has to keep; members given win. */
export function entryOf(given: Partial<Entry> = {}): Entry {
  const body = given.body ?? Buffer.from('data: {"a":"\u00e9"}\n\ndata: [DONE]\n\n')
  return {
    key: 'a'.repeat(64),
    provider: 'openai',
    model: 'gpt-5',
    endpoint: '/v1/chat/completions',
    namespace: '',
    tags: [],
    stream: true,
    size: body.length,
    storedAt: Date.now(),
    expiresAt: Date.now() + 60_000,
    keptUntil: Date.now() + 60_000,
    usage: { inputTokens: 3, outputTokens: 4 },
    duration: 1234,
    status: 200,
    statusText: 'OK',
    headers: ['Content-Type', 'text/event-stream', 'X-Request-Id', 'req_1'],
    acceptEncoding: 'gzip',
    body,
    ends: Uint32Array.of(18, body.length),
    gaps: Uint32Array.of(600, 20),
    ...given,
  }
}

/** What every store must do. `open` makes an empty one and sees to its end. */
export function describeStore(name: string, open: () => CacheStore | Promise<CacheStore>): void {
  const list = async (store: CacheStore, filter = {}): Promise<EntryInfo[]> => {
    const entries: EntryInfo[] = []
    for await (const entry of store.entries(filter)) entries.push(entry)
    return entries
  }

  describe(`${name} as a CacheStore`, () => {
    it('gives back every byte and every member of what was set', async () => {
      const store = await open()
      const entry = entryOf({ tags: ['a', 'b'], namespace: 'v7' })
      await store.set(entry)
      const found = await store.get(entry.key)
      expect(found).toEqual(entry)
      expect(Buffer.from(found?.body ?? []).equals(Buffer.from(entry.body))).toBe(true)
    })

    it('has nothing under another key', async () => {
      const store = await open()
      await store.set(entryOf())
      expect(await store.get('b'.repeat(64))).toBeUndefined()
    })

    it('keeps the newest entry of one key', async () => {
      const store = await open()
      await store.set(entryOf())
      await store.set(entryOf({ statusText: 'Fine' }))
      expect(await store.get('a'.repeat(64))).toMatchObject({ statusText: 'Fine' })
      expect(await list(store)).toHaveLength(1)
    })

    it('deletes one entry, and says whether there was one', async () => {
      const store = await open()
      await store.set(entryOf())
      expect(await store.delete('a'.repeat(64))).toBe(true)
      expect(await store.delete('a'.repeat(64))).toBe(false)
      expect(await store.get('a'.repeat(64))).toBeUndefined()
    })

    it.each<[string, object, string[]]>([
      ['everything without a filter', {}, ['1', '2', '3']],
      ['a namespace', { namespace: 'x' }, ['2']],
      ['a provider', { provider: 'anthropic' }, ['3']],
      ['a model', { model: 'gpt-5' }, ['1', '2']],
      ['a tag', { tag: 'evals' }, ['1', '3']],
      ['a key', { key: '2' }, ['2']],
      ['what is old', { olderThan: 50 }, ['3']],
      ['what every member picks', { model: 'gpt-5', tag: 'evals' }, ['1']],
      ['nothing where one member picks nothing', { model: 'gpt-5', provider: 'anthropic' }, []],
    ])('lists and clears %s', async (_what, filter, expected) => {
      const store = await open()
      await store.set(entryOf({ key: '1', tags: ['evals'] }))
      await store.set(entryOf({ key: '2', namespace: 'x' }))
      const storedAt = Date.now() - 55_000
      await store.set(entryOf({ key: '3', provider: 'anthropic', model: 'claude', tags: ['evals', 'b'], storedAt }))
      expect((await list(store, filter)).map(({ key }) => key).toSorted()).toEqual(expected)
      expect(await store.clear(filter)).toBe(expected.length)
      expect((await list(store)).map(({ key }) => key).toSorted()).toEqual(
        ['1', '2', '3'].filter((key) => !expected.includes(key)),
      )
    })

    it('lists what is known of an entry, without its bytes', async () => {
      const store = await open()
      const { key, provider, model, endpoint, namespace, tags, stream, size, storedAt, expiresAt, usage } = entryOf()
      await store.set(entryOf({ storedAt, expiresAt }))
      expect(await list(store)).toEqual([
        { key, provider, model, endpoint, namespace, tags, stream, size, storedAt, expiresAt, hits: 0, usage },
      ])
    })
  })
}
