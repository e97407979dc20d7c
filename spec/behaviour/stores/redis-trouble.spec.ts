import { inspect } from 'node:util'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { CALLER, keyOf, makeEntry } from '../../../lib/stores/contract/example-entry.ts'
import { redisStore } from '../../../lib/stores/redis.ts'
import { isInstalled } from '../../support/binary.ts'
import type { Provider } from '../../support/provider.ts'
import { type ClientOptions, NEWEST, type OpenClient } from '../../support/redis-clients.ts'
import { openRedis, type RedisServer } from '../../support/redis-server.ts'
import { startProvider } from '../../support/start-provider.ts'
import { type Instance, openInstance } from './instance.ts'

// Memory keeps nothing: each hit is Redis's.
const NO_MEMORY = { maxSize: 1 }

describe.skipIf(!isInstalled('redis-server')).for(NEWEST)('a Redis in trouble, with $name', ({ open }) => {
  let server: RedisServer
  let provider: Provider
  beforeEach(async () => {
    ;[server, provider] = await Promise.all([openRedis(), startProvider()])
    // After the caches: to be closed without it takes them two seconds.
    onTestFinished(() => server[Symbol.asyncDispose]())
  })

  const openOne = (options?: ClientOptions, port = server.port): Instance =>
    openInstance(open(port, options), provider, NO_MEMORY)

  test('that is frozen is asked no more once the first calls have waited', async () => {
    const connection = open(server.port)
    const commands = countCommands(connection)
    const one = openInstance(connection, provider, { ...NO_MEMORY, storeTimeout: 0.05 })
    await one.ask('a')
    await one.cache.flush()
    server.freeze()
    const ask = (count: number): Promise<unknown[]> =>
      Promise.all(Array.from({ length: count }, (_, at) => one.ask(`${count}-${at}`)))
    expect(new Set(await ask(300))).toEqual(new Set(['MISS']))
    const before = commands()
    expect(new Set(await ask(200))).toEqual(new Set(['MISS']))
    // Probes, and looks for removals.
    expect(commands() - before).toBeLessThan(20)
    server.thaw()
    await expect.poll(() => one.ask('a'), { timeout: 30_000, interval: 200 }).toBe('HIT')
  }, 60_000)

  test('that is full goes on answering, and takes answers again when there is room', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    onTestFinished(() => warn.mockRestore())
    const one = openOne()
    await one.ask('a')
    await one.cache.flush()
    await server.cli('config', 'set', 'maxmemory', '1')
    expect(await one.ask('a')).toBe('HIT')
    expect(await one.ask('b')).toBe('MISS')
    const told = await one.cache.flush().catch((error: unknown) => error)
    expect(told).toMatchObject({ code: 'ERR_LLM_CACHE_STORE' })
    expect(warn.mock.calls.map(([text]) => String(text))).toEqual([expect.stringContaining('The store fails (OOM)')])
    // What was to be written is nobody's to see.
    expect(inspect(told, { depth: 9 })).not.toMatch(/llm-cache:entry|assistant|choices/)
    expect(await one.ask('b')).toBe('MISS')
    await server.cli('config', 'set', 'maxmemory', '0')
    await one.ask('c')
    await expect.poll(() => one.ask('c')).toBe('HIT')
  })

  test('that is a replica, which takes no writes, answers and passes clears on', async () => {
    const replica = await openRedis('--replicaof', '127.0.0.1', String(server.port))
    onTestFinished(() => replica[Symbol.asyncDispose]())
    const one = openOne()
    await one.ask('a')
    await one.cache.flush()
    const two = openOne({}, replica.port)
    await expect.poll(() => two.ask('a', { 'x-llm-cache': 'only' }), { interval: 100 }).toBe('HIT')
    expect(await two.ask('b')).toBe('MISS')
    await expect(two.cache.flush()).rejects.toMatchObject({ cause: { message: expect.stringContaining('READONLY') } })
    await one.cache.clear()
    await expect.poll(() => two.ask('a')).toBe('MISS')
  })

  test('whose password is wrong or missing is not used', async () => {
    await server.cli('config', 'set', 'requirepass', 'right')
    for (const options of [{ password: 'wrong' }, {}]) {
      const one = openOne(options)
      for (const prompt of ['a', 'b', 'a']) expect(await one.ask(prompt)).toBe('MISS')
      await expect(one.cache.flush()).rejects.toMatchObject({ code: 'ERR_LLM_CACHE_STORE' })
    }
    const other = openOne({ password: 'right' })
    expect(await other.ask('c')).toBe('MISS')
    await other.cache.flush()
    expect(await other.ask('c')).toBe('HIT')
  })

  test('that was frozen never gives one answer for another, though the client gave its commands up', async () => {
    const [patient, connection] = [open(server.port), open(server.port, { timeout: 100 })]
    onTestFinished(() => {
      patient[Symbol.dispose]()
      connection[Symbol.dispose]()
    })
    const keys = Array.from({ length: 20 }, (_, at) => keyOf(String(at)))
    const writer = redisStore({ client: patient.client })
    for (const key of keys) await writer.set(makeEntry({ key, statusText: key }), CALLER)
    const store = redisStore({ client: connection.client })
    // On a busy machine it gives commands up later too.
    const untilAnswered = async (key: string): Promise<string | undefined> => {
      const [given] = await Promise.allSettled([store.get(key, CALLER)])
      return given.status === 'fulfilled' ? given.value?.statusText : untilAnswered(key)
    }
    server.freeze()
    const given = Promise.allSettled(keys.map((key) => store.get(key, CALLER)))
    // `redis` gives up what it has not sent yet, and no other command.
    await Promise.race([given, new Promise((resolve) => setTimeout(resolve, 200))])
    server.thaw()
    for (const key of keys.toReversed()) expect(await untilAnswered(key)).toBe(key)
    for (const [at, one] of (await given).entries()) {
      if (one.status === 'fulfilled') expect(one.value?.statusText).toBe(keys[at])
    }
  })

  test("whose keys for removals and leases hold another program's values is not used", async () => {
    await server.cli('set', 'llm-cache:removals', 'not ours')
    const one = openOne()
    expect(await one.ask('a')).toBe('MISS')
    await expect(one.cache.clear()).resolves.toBe(0)
    expect(await one.ask('a')).toBe('MISS')
    expect(await server.cli('get', 'llm-cache:removals')).toBe('not ours\n')
    await server.cli('del', 'llm-cache:removals')
    await one.ask('b')
    await expect.poll(() => one.ask('b'), { timeout: 10_000, interval: 200 }).toBe('HIT')
  })

  test('that speaks either version of the protocol finds, lists and clears alike', async () => {
    for (const protocol of [2, 3] as const) {
      const connection = open(server.port, { protocol })
      onTestFinished(() => connection[Symbol.dispose]())
      const store = redisStore({ client: connection.client, prefix: `protocol ${protocol}:` })
      const entry = makeEntry()
      await store.set(entry, CALLER)
      expect(await store.get(entry.key, CALLER)).toMatchObject({ headers: entry.headers })
      expect(await store.lease?.('a')).toBeDefined()
      expect(await store.lease?.('a')).toBeUndefined()
      expect(await store.clear({ model: 'gpt-5' })).toBe(1)
      expect(await store.get(entry.key, CALLER)).toBeUndefined()
    }
  })
})

/** How many commands the client was given so far; of `ioredis`, lookups. */
function countCommands({ client }: OpenClient): () => number {
  const calls = 'callBuffer' in client ? vi.spyOn(client as never, 'hmgetBuffer') : vi.spyOn(client, 'sendCommand')
  return () => calls.mock.calls.length
}
