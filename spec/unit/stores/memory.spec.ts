import { afterEach, describe, expect, it, vi } from 'vitest'
import { MemoryStore } from '../../../lib/stores/memory.ts'
import { makeEntry } from '../../../lib/stores/contract.ts'
import { describeStore } from './describe-store.ts'

const MEBIBYTE = 1024 * 1024

describeStore('memory', () => new MemoryStore({ maxSize: 16 * MEBIBYTE, maxEntries: 100 }))

describe('memory', () => {
  afterEach(() => void vi.useRealTimers())

  it('forgets with a removal elsewhere what was stored before, by whichever clock, and nothing of a minute later', () => {
    const store = new MemoryStore({ maxSize: MEBIBYTE, maxEntries: 1000 })
    const now = Date.now()
    for (const [key, storedAt] of Object.entries({ past: now - 1, slow: now + 1_000, ahead: now + 3_600_000 })) {
      store.set(makeEntry({ key, storedAt }))
    }
    store.forget({ filter: { model: 'other' }, at: now })
    expect(store.count).toBe(3)
    store.forget({ filter: { model: 'gpt-5' }, at: now })
    expect(store.count).toBe(0)
    store.set(makeEntry({ storedAt: now }))
    store.forget({ filter: { model: 'gpt-5' }, at: now - 60_001 })
    expect(store.count).toBe(1)
  })

  it('stays within its bytes, the least recently used entries going first', () => {
    const onEvict = vi.fn<() => void>()
    const store = new MemoryStore({ maxSize: MEBIBYTE, maxEntries: 1000, onEvict })
    const body = Buffer.alloc(MEBIBYTE / 8)
    for (let i = 0; i < 8; i++) {
      store.set(makeEntry({ key: String(i), body }))
      store.get('0')
      expect(store.size).toBeLessThanOrEqual(MEBIBYTE)
    }
    expect([...store.entries()].map(({ key }) => key)).toContain('0')
    expect(store.get('1')).toBeUndefined()
    expect(onEvict).toHaveBeenCalledTimes(1)
    expect(store.count).toBe(7)
  })

  it('counts headers and an overhead, so that empty answers are bounded too', () => {
    const store = new MemoryStore({ maxSize: 10_000, maxEntries: 1000 })
    for (let i = 0; i < 100; i++) store.set(makeEntry({ key: String(i), body: Buffer.alloc(0) }))
    expect(store.count).toBeLessThan(20)
  })

  it('stays within its number of entries', () => {
    const store = new MemoryStore({ maxSize: MEBIBYTE, maxEntries: 3 })
    for (const key of ['1', '2', '3', '4']) store.set(makeEntry({ key }))
    expect([...store.entries()].map(({ key }) => key).toSorted()).toEqual(['2', '3', '4'])
  })

  it('does not keep an entry that is larger than all of it', () => {
    const store = new MemoryStore({ maxSize: 1000, maxEntries: 3 })
    store.set(makeEntry({ body: Buffer.alloc(2000) }))
    expect(store.count).toBe(0)
  })

  it('drops an entry when it is kept no longer, stale time included', () => {
    vi.useFakeTimers()
    const store = new MemoryStore({ maxSize: MEBIBYTE, maxEntries: 3 })
    const now = Date.now()
    store.set(makeEntry({ key: '1', expiresAt: now + 1000, keptUntil: now + 5000 }))
    vi.setSystemTime(now + 4999)
    expect(store.get('1')).toBeDefined()
    vi.setSystemTime(now + 5001)
    expect(store.get('1')).toBeUndefined()
    expect([...store.entries()]).toEqual([])
  })

  it('has nothing left of expired entries after a clear', () => {
    vi.useFakeTimers()
    const store = new MemoryStore({ maxSize: MEBIBYTE, maxEntries: 3 })
    store.set(makeEntry({ keptUntil: Date.now() + 1000 }))
    vi.setSystemTime(Date.now() + 2000)
    expect(store.clear({ namespace: 'other' })).toBe(0)
    expect([store.count, store.size]).toEqual([0, 0])
  })

  it('counts how often an entry was served', () => {
    const store = new MemoryStore({ maxSize: MEBIBYTE, maxEntries: 3 })
    store.set(makeEntry({ key: '1' }))
    store.hit('1')
    store.hit('1')
    store.hit('2')
    expect([...store.entries()]).toMatchObject([{ key: '1', hits: 2 }])
  })
})
