import { describe, expect, it, vi } from 'vitest'
import { accessOf, makeEntry } from '../../../lib/stores/contract.ts'
import type { Entry } from '../../../lib/stores/entry.ts'
import type { CacheStore } from '../../../lib/stores/store.ts'
import type { Tiers } from '../../../lib/stores/tiers.ts'
import { gone, secondTier, tiersOver } from './tiers-over.ts'

describe('tiers', () => {
  it('answer synchronously where memory stands alone', () => {
    const { tiers } = tiersOver(undefined)
    tiers.set(makeEntry())
    expect(tiers.get(makeEntry().key)).toMatchObject({ status: 200 })
    expect(tiers.get('b')).toBeUndefined()
  })

  it('bring an entry of the second tier into memory', async () => {
    const store = secondTier()
    await store.set(makeEntry({ key: '1' }))
    const { tiers } = tiersOver(store)
    expect(await tiers.get('1')).toMatchObject({ key: '1' })
    expect(tiers.memory.has('1')).toBe(true)
  })

  it('write to both and delete from both', async () => {
    const store = secondTier()
    const { tiers } = tiersOver(store)
    tiers.set(makeEntry({ key: '1' }))
    expect(store.kept.has('1')).toBe(true)
    expect(await tiers.delete('1')).toBe(true)
    expect(store.kept.has('1')).toBe(false)
    expect(await tiers.get('1')).toBeUndefined()
  })

  it('take null for a miss, as stores of JavaScript apps say it', async () => {
    // A store may be written in JavaScript, where no type keeps it from saying null.
    const nothing = null as unknown as undefined
    const { tiers, onError } = tiersOver(secondTier({ get: async () => nothing }))
    expect(await tiers.get('1')).toBeUndefined()
    expect(onError).not.toHaveBeenCalled()
  })

  it('take an entry of another key for a miss, and keep it out of memory', async () => {
    const { tiers } = tiersOver(secondTier({ get: async () => makeEntry({ key: '2' }) }))
    expect(await tiers.get('1')).toBeUndefined()
    expect(tiers.memory.has('2')).toBe(false)
  })

  it('go on without a second tier that does not answer in time', async () => {
    const { tiers, onError } = tiersOver(secondTier({ get: () => new Promise(() => {}) }))
    expect(await tiers.get('1')).toBeUndefined()
    expect(onError).toHaveBeenCalledOnce()
  })

  it('never throw what the second tier throws', async () => {
    const fail = (): never => {
      throw new Error('gone')
    }
    const { tiers, onError } = tiersOver(secondTier({ get: fail, set: fail, delete: fail, clear: fail, close: fail }))
    tiers.set(makeEntry({ key: '1' }))
    expect(tiers.get('1')).toMatchObject({ key: '1' })
    expect(await tiers.get('2')).toBeUndefined()
    expect(await tiers.delete('1')).toBe(true)
    expect(await tiers.clear({})).toBe(0)
    await tiers.close()
    expect(onError).toHaveBeenCalled()
  })

  it('say once that an outage has begun', async () => {
    const { tiers, onError } = tiersOver(secondTier({ get: gone }))
    for (let i = 0; i < 10; i++) expect(await tiers.get('1')).toBeUndefined()
    expect(onError).toHaveBeenCalledOnce()
  })

  it('leave a second tier alone after five failures in a row, then probe it behind the answers', async () => {
    vi.useFakeTimers()
    try {
      const get = vi.fn<CacheStore['get']>(async () => Promise.reject(new Error('gone')))
      const { tiers } = tiersOver(secondTier({ get }))
      for (let i = 0; i < 10; i++) await tiers.get('1')
      expect(get).toHaveBeenCalledTimes(5)
      vi.advanceTimersByTime(1001)
      get.mockResolvedValue(makeEntry({ key: '1' }))
      expect(tiers.get('1')).toBeUndefined()
      await vi.advanceTimersByTimeAsync(0)
      expect(await tiers.get('1')).toMatchObject({ key: '1' })
    } finally {
      vi.useRealTimers()
    }
  })

  it('ask a frozen second tier no more once a thousand calls have waited for it at the same time', async () => {
    const get = vi.fn<CacheStore['get']>(() => new Promise(() => {}))
    const { tiers, onError } = tiersOver(secondTier({ get }))
    const first = Array.from({ length: 1000 }, (_, at) => tiers.get(String(at)))
    expect(await Promise.all(first)).toEqual(first.map(() => undefined))
    const asked = get.mock.calls.length
    for (let i = 0; i < 1000; i++) expect(tiers.get(String(i))).toBeUndefined()
    expect(get.mock.calls.length).toBe(asked)
    expect(onError).toHaveBeenCalledOnce()
  })

  it('go on reading from a second tier that is read-only or full', async () => {
    const store = secondTier({ set: gone })
    const { tiers } = tiersOver(store)
    for (let i = 0; i < 10; i++) tiers.set(makeEntry({ key: String(i) }))
    store.kept.set('x', makeEntry({ key: 'x' }))
    expect(await tiers.get('x')).toMatchObject({ key: 'x' })
  })

  it("hand the caller's access on, and tell of what can't be sealed or found again", async () => {
    const [get, set] = [vi.fn<CacheStore['get']>(), vi.fn<CacheStore['set']>()]
    const { tiers, onNotice } = tiersOver(secondTier({ get, set, needsSecret: true }))
    const access = accessOf('one')
    tiers.set(makeEntry({ key: '1' }), access)
    await tiers.get('2', access)
    expect(set).toHaveBeenCalledWith(
      makeEntry({
        key: '1',
        storedAt: expect.any(Number),
        expiresAt: expect.any(Number),
        keptUntil: expect.any(Number),
      }),
      access,
    )
    expect(get).toHaveBeenCalledWith('2', access)
    expect(onNotice).not.toHaveBeenCalled()
    tiers.set(makeEntry({ key: '3' }), { ...access, isRotating: () => true })
    tiers.set(makeEntry({ key: '4' }))
    expect(tiers.get('5')).toBeUndefined()
    expect(onNotice.mock.calls).toEqual([['rotating'], ['no-secret']])
    expect([set.mock.calls.length, get.mock.calls.length]).toEqual([2, 1])
  })

  it.each<[string, (tiers: Tiers) => Promise<unknown>]>([
    ['deleted', (tiers) => tiers.delete('1')],
    ['cleared', (tiers) => tiers.clear({})],
    ['closed', (tiers) => tiers.close()],
  ])('bring nothing back that was %s while the second tier was asked', async (_how, remove) => {
    const { promise, resolve } = Promise.withResolvers<Entry>()
    const { tiers } = tiersOver(secondTier({ get: () => promise }))
    const found = tiers.get('1')
    await remove(tiers)
    resolve(makeEntry({ key: '1' }))
    expect(await found).toBeUndefined()
    expect(tiers.memory.count).toBe(0)
  })

  it('delete only after a write that is under way, so that it brings nothing back', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const store = secondTier()
    store.set = async (entry) => {
      await promise
      store.kept.set(entry.key, entry)
    }
    const { tiers } = tiersOver(store)
    tiers.set(makeEntry({ key: '1' }))
    const deleted = tiers.delete('1')
    expect(tiers.memory.has('1')).toBe(false)
    resolve()
    await deleted
    expect(store.kept.size).toBe(0)
  })

  it.each<[string, (tiers: Tiers) => Promise<unknown>]>([
    ['deleted', (tiers) => tiers.delete('1')],
    ['cleared', (tiers) => tiers.clear({ provider: 'openai' })],
  ])(
    'serve nothing that was %s while the second tier could not be told, and tell it when it is back',
    async (_how, take) => {
      const isDown = { now: true }
      const store = secondTier()
      await store.set(makeEntry({ key: '1' }))
      const remove = async (): Promise<void> => {
        if (isDown.now) throw new Error('gone')
        store.kept.delete('1')
      }
      store.delete = async () => (await remove(), true)
      store.clear = async () => (await remove(), 1)
      const { tiers } = tiersOver(store)
      await take(tiers)
      expect(await tiers.get('1')).toBeUndefined()
      expect(store.kept.size).toBe(1)
      isDown.now = false
      tiers.set(makeEntry({ key: '2' }))
      await expect.poll(() => [...store.kept.keys()]).toEqual(['2'])
    },
  )

  it('pass a deletion on to a second tier that could not be written to, without waiting for another call', async () => {
    vi.useFakeTimers()
    try {
      const store = secondTier()
      await store.set(makeEntry({ key: '1' }))
      const { set } = store
      store.set = gone
      const { tiers } = tiersOver(store)
      for (let i = 0; i < 5; i++) tiers.set(makeEntry({ key: '2' }))
      expect(await tiers.delete('1')).toBe(false)
      expect(store.kept.has('1')).toBe(true)
      store.set = set
      await vi.advanceTimersByTimeAsync(2_000)
      expect(store.kept.has('1')).toBe(false)
    } finally {
      vi.useRealTimers()
    }
  })

  it('clear a second tier that could not be told of more than 1,000 deletions, once it is back', async () => {
    vi.useFakeTimers()
    try {
      const clear = vi.fn<CacheStore['clear']>(async () => 0)
      const { tiers } = tiersOver(secondTier({ clear, delete: gone }))
      for (let i = 0; i < 1000; i++) await tiers.delete(String(i))
      await vi.advanceTimersByTimeAsync(2_000)
      expect(clear).not.toHaveBeenCalled()
      await tiers.delete('one more')
      await vi.advanceTimersByTimeAsync(10_000)
      expect(clear.mock.calls).toEqual([[{}]])
    } finally {
      vi.useRealTimers()
    }
  })

  it('wait in a flush for a deletion that is under way', async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const { tiers } = tiersOver(secondTier({ delete: () => promise }))
    const deleted = tiers.delete('1')
    const flushed = expect(tiers.flush()).resolves.toBeUndefined()
    // Time enough for a flush that does not wait.
    await new Promise(setImmediate)
    resolve(true)
    await flushed
    expect(await deleted).toBe(true)
  })

  it('forget what another process took out, by whichever clock, not what came a minute later', () => {
    const { tiers } = tiersOver(undefined)
    tiers.set(makeEntry({ key: '1', storedAt: 1000 }))
    tiers.set(makeEntry({ key: '2', storedAt: 62_000 }))
    tiers.set(makeEntry({ key: '3', storedAt: 1000, provider: 'anthropic' }))
    tiers.forget({ filter: { provider: 'openai' }, at: 1500 })
    expect([...tiers.memory.entries()].map(({ key }) => key).toSorted()).toEqual(['2', '3'])
    tiers.forget({ filter: { key: '2' }, at: 62_000 })
    expect(tiers.memory.has('2')).toBe(false)
  })

  it('flush what is under way, and say so where something did not reach the second tier', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const store = secondTier({ set: () => promise, flush: vi.fn<() => void>() })
    const { tiers } = tiersOver(store)
    tiers.set(makeEntry({ key: '1' }))
    const flushed = vi.fn<() => void>()
    const flushing = tiers.flush().then(flushed)
    await Promise.resolve()
    expect(flushed).not.toHaveBeenCalled()
    resolve()
    await flushing
    expect(store.flush).toHaveBeenCalledOnce()
    store.set = gone
    tiers.set(makeEntry({ key: '2' }))
    await expect(tiers.flush()).rejects.toMatchObject({ code: 'ERR_LLM_CACHE_STORE', cause: new Error('gone') })
    store.set = async () => undefined
    tiers.set(makeEntry({ key: '3' }))
    await expect(tiers.flush()).resolves.toBeUndefined()
  })

  it('hold no more than 64 MiB that wait to be written', () => {
    const { promise } = Promise.withResolvers<void>()
    const set = vi.fn<CacheStore['set']>(() => promise)
    const { tiers, onError } = tiersOver(secondTier({ set }))
    const body = new Uint8Array(8 * 1024 * 1024)
    for (let i = 0; i < 12; i++) tiers.set(makeEntry({ key: String(i), body }))
    expect(set).toHaveBeenCalledTimes(8)
    expect(onError).toHaveBeenCalledOnce()
  })

  it('take back exactly the entry that is meant', () => {
    const { tiers } = tiersOver(undefined)
    const [older, newer] = [makeEntry({ statusText: 'older' }), makeEntry({ statusText: 'newer' })]
    tiers.set(older)
    tiers.set(newer)
    tiers.retract(older)
    expect(tiers.get(newer.key)).toBe(newer)
    tiers.retract(newer)
    expect(tiers.get(newer.key)).toBeUndefined()
  })
})
