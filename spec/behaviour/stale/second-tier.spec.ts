import { Agent, fetch } from 'undici'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { CacheStore, LlmCache, LlmCacheOptions } from '../../../lib/index.ts'
import { sealedStore } from '../../../lib/stores/seal.ts'
import { openCache } from '../../support/cache.ts'
import { MapRecords } from '../../support/map-records.ts'
import { startProvider } from '../../support/start-provider.ts'
import { elapse } from './clock.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

interface Instance {
  readonly cache: LlmCache
  readonly ask: () => Promise<string | null>
}

/** Opens instances of an app that share a store. */
async function open(
  count: number,
  options: LlmCacheOptions,
): Promise<{ instances: Instance[]; calls: readonly unknown[] }> {
  const provider = await startProvider()
  const records = new MapRecords()
  const instances = Array.from({ length: count }, () => {
    const store: CacheStore = sealedStore(records, 'none')
    const cache = openCache({ hosts: [provider.origin], storeTimeout: 5, ...options, store })
    const dispatcher = new Agent().compose(cache.interceptor)
    onTestFinished(() => dispatcher.close())
    const ask = async (): Promise<string | null> => {
      const response = await fetch(`${provider.origin}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer sk-one' },
        body: JSON.stringify({ model: 'm', messages: [] }),
        dispatcher,
      })
      await response.text()
      await cache.flush()
      return response.headers.get('x-llm-cache')
    }
    return { cache, ask }
  })
  return { instances, calls: provider.calls }
}

test.for<LlmCacheOptions>([{ staleIfError: 600 }, { staleWhileRevalidate: 600 }])(
  'what another instance has refreshed takes the place of a stale answer in memory: %j',
  async (options) => {
    const { instances, calls } = await open(3, { ttl: 60, ...options })
    const [one, two, three] = instances
    expect([await one?.ask(), await two?.ask(), await three?.ask()]).toEqual(['MISS', 'HIT', 'HIT'])
    elapse(61)
    await one?.ask()
    await expect.poll(() => calls.length).toBe(2)
    await expect.poll(() => one?.ask()).toBe('HIT')
    expect([await two?.ask(), await three?.ask()]).toEqual(['HIT', 'HIT'])
    expect(calls).toHaveLength(2)
  },
)

test('an imported answer takes the place of one in memory that was stored while the clock was ahead', async () => {
  const { instances, calls } = await open(2, { ttl: 60 })
  const [one, two] = instances
  expect(await one?.ask()).toBe('MISS')
  const lines: string[] = []
  for await (const line of one?.cache.export() ?? []) lines.push(line)
  elapse(3600)
  expect(await two?.ask()).toBe('MISS')
  elapse(-3600)
  await two?.cache.import(lines)
  expect(await two?.ask()).toBe('HIT')
  expect(calls).toHaveLength(2)
})

test('a store that fails leaves the stale answer in memory to its use', async () => {
  const { instances } = await open(1, { ttl: 60, staleWhileRevalidate: 600 })
  const [one] = instances
  expect(await one?.ask()).toBe('MISS')
  vi.spyOn(MapRecords.prototype, 'read').mockImplementation(() => {
    throw new Error('gone')
  })
  onTestFinished(() => void vi.restoreAllMocks())
  elapse(61)
  expect(await one?.ask()).toBe('STALE')
})
