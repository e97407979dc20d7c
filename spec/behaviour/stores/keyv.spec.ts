import KeyvRedis from '@keyv/redis'
import { Keyv } from 'keyv'
import { Keyv as Keyv6 } from 'keyv6'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CALLER, makeEntry } from '../../../lib/stores/contract/example-entry.ts'
import { fromKeyv, type KeyvLike } from '../../../lib/stores/keyv.ts'
import { isInstalled } from '../../support/binary.ts'
import { openCache } from '../../support/cache.ts'
import { openRedis, type RedisServer } from '../../support/redis-server.ts'
import { describeStore } from '../../unit/stores/describe-store.ts'

describeStore('Keyv 5 in memory', () => fromKeyv(new Keyv()))
describeStore('Keyv 6 in memory', () => fromKeyv(new Keyv6()))
describeStore('Keyv 5 in memory, without encryption', () => fromKeyv(new Keyv(), { encryption: 'none' }))

describe.skipIf(!isInstalled('redis-server'))('over @keyv/redis', () => {
  let server: RedisServer
  let adapter: KeyvRedis<unknown>
  let namespaces = 0
  beforeAll(async () => {
    server = await openRedis()
    adapter = new KeyvRedis(server.url)
  })
  afterAll(async () => {
    await adapter.disconnect(true)
    await server[Symbol.asyncDispose]()
  })
  describeStore('Keyv 5 in Redis', () => fromKeyv(new Keyv({ store: adapter, namespace: `n${namespaces++}` })))
})

test('an adapter that can not list says so where a filter needs it, and does the rest', async () => {
  const keyv: KeyvLike = Object.assign(new Keyv({ store: new Map() }), { iterator: undefined })
  const store = fromKeyv(keyv)
  const entry = makeEntry()
  await store.set(entry, CALLER)
  const cache = openCache({ store })
  const error = { code: 'ERR_LLM_CACHE_STORE', message: expect.stringContaining("can't list") }
  await expect(cache.clear({ model: 'm' })).rejects.toMatchObject(error)
  expect(await store.get(entry.key, CALLER)).toBeDefined()
  expect(await cache.delete(entry.key)).toBe(true)
  await store.set(entry, CALLER)
  await cache.clear()
  expect(await store.get(entry.key, CALLER)).toBeUndefined()
})

test('a write that a Keyv reports only as an event fails', async () => {
  const fails = new Error('the database is gone')
  class Database extends Map<string, unknown> {
    override set(): this {
      throw fails
    }
  }
  const store = fromKeyv(new Keyv({ store: new Database() }))
  await expect(store.set(makeEntry(), CALLER)).rejects.toBe(fails)
})

test('a read that fails does so where the Keyv throws its errors', async () => {
  const fails = new Error('the database is gone')
  class Database extends Map<string, unknown> {
    override get(): unknown {
      throw fails
    }
  }
  const store = fromKeyv(new Keyv({ store: new Database(), throwOnErrors: true }))
  await expect(store.get(makeEntry().key, CALLER)).rejects.toBe(fails)
})

test('an entry lives as long as it is kept, in milliseconds', async () => {
  const ttls: unknown[] = []
  const keyv = new Keyv()
  const set = keyv.set.bind(keyv)
  Object.assign(keyv, { set: (key: string, value: string, ttl: number) => (ttls.push(ttl), set(key, value, ttl)) })
  const now = Date.now()
  await fromKeyv(keyv).set(makeEntry({ storedAt: now, expiresAt: now + 10_000, keptUntil: now + 20_000 }), CALLER)
  expect(ttls[0]).toBeGreaterThan(10_000)
  expect(ttls[0]).toBeLessThanOrEqual(20_000)
})

test.for([undefined, null, {}, { get() {} }])('%j is no Keyv', (given) => {
  expect(() => fromKeyv(given as unknown as KeyvLike)).toThrow(TypeError)
})
