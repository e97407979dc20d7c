import { describe, expect, it, vi } from 'vitest'
import type { Entry } from '../../../lib/stores/entry.ts'
import { MemoryStore } from '../../../lib/stores/memory.ts'
import type { CacheStore } from '../../../lib/stores/store.ts'
import { Tiers } from '../../../lib/stores/tiers.ts'
import { makeEntry } from '../../../lib/stores/contract.ts'

const memory = (): MemoryStore => new MemoryStore({ maxSize: 1e6, maxEntries: 100 })

/** A second tier over a Map whose members can be replaced by ones that misbehave. */
function secondTier(members: Partial<CacheStore> = {}): CacheStore & { kept: Map<string, Entry> } {
  const kept = new Map<string, Entry>()
  return {
    kept,
    get: async (key) => kept.get(key),
    set: async (entry) => void kept.set(entry.key, entry),
    delete: async (key) => kept.delete(key),
    clear: async () => kept.size,
    entries: () => [],
    close: () => undefined,
    ...members,
  }
}

function tiersOver(store: CacheStore | undefined): { tiers: Tiers; onError: ReturnType<typeof vi.fn> } {
  const onError = vi.fn()
  return { tiers: new Tiers(memory(), store, { timeout: 20, onError }), onError }
}

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

  it('leave a second tier alone after five failures in a row, then try it again', async () => {
    vi.useFakeTimers()
    try {
      const get = vi.fn<CacheStore['get']>(async () => Promise.reject(new Error('gone')))
      const { tiers } = tiersOver(secondTier({ get }))
      for (let i = 0; i < 10; i++) await tiers.get('1')
      expect(get).toHaveBeenCalledTimes(5)
      vi.setSystemTime(Date.now() + 6000)
      get.mockResolvedValue(makeEntry({ key: '1' }))
      expect(await tiers.get('1')).toMatchObject({ key: '1' })
    } finally {
      vi.useRealTimers()
    }
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
