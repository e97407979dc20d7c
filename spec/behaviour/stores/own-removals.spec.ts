import { describe, expect, onTestFinished, test } from 'vitest'
import { makeEntry } from '../../../lib/stores/contract.ts'
import { CALLER, keyOf } from '../../../lib/stores/contract/example-entry.ts'
import { MemoryStore } from '../../../lib/stores/memory.ts'
import { redisStore } from '../../../lib/stores/redis.ts'
import type { Removal } from '../../../lib/stores/removal.ts'
import { sqliteStore } from '../../../lib/stores/sqlite.ts'
import type { CacheStore } from '../../../lib/stores/store.ts'
import { isInstalled } from '../../support/binary.ts'
import { NEWEST } from '../../support/redis-clients.ts'
import { openRedis } from '../../support/redis-server.ts'
import { makeFolder } from '../../support/run-node.ts'

/** Opens a store over which this process hears of its own removals too. */
type Open = () => Promise<CacheStore>

async function overRedis(): Promise<CacheStore> {
  const server = await openRedis()
  onTestFinished(() => server[Symbol.asyncDispose]())
  const [one] = NEWEST
  const connection = one?.open(server.port)
  if (connection === undefined) throw new Error('There is no client')
  onTestFinished(() => connection[Symbol.dispose]())
  return redisStore({ client: connection.client })
}

const overSqlite: Open = async () => sqliteStore({ path: `${await makeFolder({})}/cache.db` })

describe.for<[string, boolean, Open]>([
  ['SQLite', false, overSqlite],
  ['Redis', true, overRedis],
])('memory over %s', ([, needsRedis, open]) => {
  test.skipIf(needsRedis && !isInstalled('redis-server')).for([
    ['clear', (store: CacheStore) => store.clear({ model: 'gpt-5' })],
    ['delete', (store: CacheStore) => store.delete(makeEntry().key)],
  ] as const)('keeps what was stored just after a %s of its own, when it hears of that', async ([, remove]) => {
    const store = await open()
    onTestFinished(() => store.close())
    const memory = new MemoryStore({ maxSize: 1e6, maxEntries: 100 })
    const told: Removal[] = []
    store.watch?.((removal) => {
      told.push(removal)
      memory.forget(removal)
    })
    await store.get(keyOf('other'), CALLER)
    await remove(store)
    memory.set(makeEntry({ storedAt: Date.now() + 1 }))
    await expect.poll(() => told.length, { timeout: 10_000 }).toBe(1)
    expect(memory.count).toBe(1)
  })
})
