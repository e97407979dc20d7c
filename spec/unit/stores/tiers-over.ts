import { type Mock, vi } from 'vitest'
import type { Entry } from '../../../lib/stores/entry.ts'
import { MemoryStore } from '../../../lib/stores/memory.ts'
import type { CacheStore } from '../../../lib/stores/store.ts'
import { Tiers } from '../../../lib/stores/tiers.ts'

const memory = (): MemoryStore => new MemoryStore({ maxSize: 1e6, maxEntries: 100 })

/** A second tier over a Map whose members can be replaced by ones that misbehave. */
export function secondTier(members: Partial<CacheStore> = {}): CacheStore & { kept: Map<string, Entry> } {
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

/** What the cache is told of its second tier. */
export interface Heard {
  readonly onError: Mock<(error: unknown) => void>
  readonly onNotice: Mock<(notice: string) => void>
}

/** Memory over a store, which may be given 20 ms. */
export function tiersOver(store: CacheStore | undefined): Heard & { tiers: Tiers } {
  const heard: Heard = { onError: vi.fn(), onNotice: vi.fn() }
  return { tiers: new Tiers(memory(), store, { timeout: 20, ...heard }), ...heard }
}

/** A member of a store that is gone. */
export const gone = (): never => {
  throw new Error('gone')
}
