import { expect, test, vi } from 'vitest'
import { makeEntry } from '../../../lib/stores/contract.ts'
import { MemoryStore } from '../../../lib/stores/memory.ts'
import type { CacheStore } from '../../../lib/stores/store.ts'
import { Tiers } from '../../../lib/stores/tiers.ts'

test('a store that takes no figures (a Redis without scripts) takes answers all the same, and is reported once', async () => {
  const kept: string[] = []
  const store: CacheStore = {
    get: () => undefined,
    set: (entry) => void kept.push(entry.key),
    delete: () => false,
    clear: () => 0,
    entries: () => [],
    close: () => undefined,
    addFigures: () => Promise.reject(new Error('NOPERM')),
    figures: () => [],
  }
  const onError = vi.fn<(error: unknown) => void>()
  const memory = new MemoryStore({ maxSize: 1e6, maxEntries: 100 })
  const tiers = new Tiers(memory, store, { timeout: 20, onError, onNotice: () => undefined })
  for (let time = 0; time < 10; time++) expect(await tiers.addFigures({ id: '1', figures: [] })).toBe(false)
  tiers.set(makeEntry())
  expect(kept).toEqual([makeEntry().key])
  expect(onError).toHaveBeenCalledTimes(1)
})

test('an outage that a call has met is not reported again for the figures', async () => {
  const away = (): Promise<never> => Promise.reject(new Error('ECONNREFUSED'))
  const store: CacheStore = {
    get: away,
    set: away,
    delete: away,
    clear: away,
    entries: () => [],
    close: () => undefined,
    addFigures: away,
    figures: () => [],
  }
  const onError = vi.fn<(error: unknown) => void>()
  const memory = new MemoryStore({ maxSize: 1e6, maxEntries: 100 })
  const tiers = new Tiers(memory, store, { timeout: 20, onError, onNotice: () => undefined })
  expect(await tiers.get('a')).toBeUndefined()
  expect(await tiers.addFigures({ id: '1', figures: [] })).toBe(false)
  expect(onError).toHaveBeenCalledTimes(1)
})

test('what fails once the cache is closed (the app then closes its client) is not reported', async () => {
  const failing = Promise.withResolvers<never>()
  const store: CacheStore = {
    get: () => failing.promise,
    set: () => undefined,
    delete: () => false,
    clear: () => 0,
    entries: () => [],
    close: () => undefined,
    addFigures: () => failing.promise,
    figures: () => [],
  }
  const onError = vi.fn<(error: unknown) => void>()
  const memory = new MemoryStore({ maxSize: 1e6, maxEntries: 100 })
  const tiers = new Tiers(memory, store, { timeout: 10_000, onError, onNotice: () => undefined })
  const under = [tiers.get('a'), tiers.addFigures({ id: '1', figures: [] })]
  await tiers.close()
  failing.reject(new Error('Connection is closed.'))
  expect(await Promise.all(under)).toEqual([undefined, false])
  expect(onError).not.toHaveBeenCalled()
})
