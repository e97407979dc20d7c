import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { EntryInfo, LlmCache, LlmCacheOptions } from '../../../lib/index.ts'
import { isInstalled } from '../../support/binary.ts'
import { NEWEST } from '../../support/redis-clients.ts'
import { openRedis, type RedisServer } from '../../support/redis-server.ts'
import { startProvider } from '../../support/start-provider.ts'
import type { Provider } from '../../support/provider.ts'
import { type Instance, openInstance } from './instance.ts'

const hasRedis = isInstalled('redis-server')

describe.skipIf(!hasRedis).for(NEWEST)('answers in Redis, with $name', ({ open }) => {
  let server: RedisServer
  let provider: Provider
  beforeEach(async () => {
    ;[server, provider] = await Promise.all([openRedis(), startProvider()])
    // After the caches: to be closed without it takes them two seconds.
    onTestFinished(() => server[Symbol.asyncDispose]())
  })

  const openOne = (options?: LlmCacheOptions): Instance => openInstance(open(server.port), provider, options)

  test('are there for another instance, and fill its memory', async () => {
    const [one, two] = [openOne(), openOne()]
    expect(await one.ask('a')).toBe('MISS')
    await one.cache.flush()
    expect(await two.ask('a')).toBe('HIT')
    await server.kill()
    expect(await two.ask('a')).toBe('HIT')
    expect(provider.calls).toHaveLength(1)
  })

  test('live as long as the entry is kept', async () => {
    const one = openOne({ ttl: 100, staleIfError: 50 })
    await one.ask('a')
    await one.cache.flush()
    const [key = ''] = (await server.cli('--raw', 'keys', 'llm-cache:entry:*')).split('\n')
    expect(Number(await server.cli('ttl', key))).toBeGreaterThan(140)
    expect(Number(await server.cli('ttl', key))).toBeLessThanOrEqual(150)
  })

  test('are kept by a Redis whose clock is hours ahead', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 7_200_000 })
    onTestFinished(() => void vi.useRealTimers())
    const [one, two] = [openOne(), openOne()]
    await one.ask('a')
    await one.cache.flush()
    expect(await two.ask('a')).toBe('HIT')
  })

  test('can be read by nobody without the key that paid for them, in any encoding', async () => {
    const one = openOne()
    await one.ask('the secret prompt')
    await one.cache.flush()
    const [key = ''] = (await server.cli('--raw', 'keys', 'llm-cache:entry:*')).split('\n')
    const dump = await server.cli('hgetall', key)
    expect(dump).not.toContain('secret')
    expect(dump).not.toContain('assistant')
    expect(dump).not.toContain('sk-one')
    const other = openOne()
    expect(await other.ask('the secret prompt', { authorization: 'Bearer sk-two' })).toBe('MISS')
  })

  test('that one instance deletes or clears are gone from the memory of the others within a second', async () => {
    const [one, two] = [openOne(), openOne()]
    for (const prompt of ['a', 'b']) await one.ask(prompt, { 'x-llm-cache-namespace': prompt })
    await one.cache.flush()
    for (const prompt of ['a', 'b']) expect(await two.ask(prompt, { 'x-llm-cache-namespace': prompt })).toBe('HIT')
    expect(await one.cache.clear({ namespace: 'a' })).toBe(1)
    await expect.poll(() => two.cache.stats().entries, { timeout: 1_000 }).toBe(1)
    expect(await two.ask('b', { 'x-llm-cache-namespace': 'b' })).toBe('HIT')
    expect(await two.ask('a', { 'x-llm-cache-namespace': 'a' })).toBe('MISS')
  })

  test('that were cleared while an instance could not reach Redis are dropped when it is back', async () => {
    const [one, two] = [openOne(), openOne()]
    await one.ask('a')
    await one.cache.flush()
    expect(await two.ask('a')).toBe('HIT')
    await server.kill()
    void one.cache.clear()
    expect(await two.ask('a')).toBe('HIT')
    await server.restart()
    await expect.poll(() => two.cache.stats().entries).toBe(0)
  })

  test('are not waited for where Redis is frozen, and come back by themselves', async () => {
    const one = openOne({ storeTimeout: 0.05, maxEntries: 1 })
    await one.ask('a')
    await one.cache.flush()
    server.freeze()
    for (let i = 0; i < 30; i++) expect(await one.ask(`${i}`)).toBe('MISS')
    server.thaw()
    await expect
      .poll(async () => [await one.ask('other'), await one.ask('a')], { interval: 200 })
      .toEqual([expect.anything(), 'HIT'])
  })

  test('are a miss where Redis is killed, and nothing ends the process', async () => {
    const one = openOne({ storeTimeout: 0.05 })
    await one.ask('a')
    await one.cache.flush()
    await server.kill()
    for (let i = 0; i < 10; i++) expect(await one.ask(`${i}`)).toBe('MISS')
    await server.restart()
    await expect
      .poll(async () => {
        await one.ask('again', { 'x-llm-cache': 'refresh' })
        return (await server.cli('--raw', 'keys', 'llm-cache:entry:*')).trim()
      })
      .not.toBe('')
  })

  test("are a miss where another program's value has their key, and replace it", async () => {
    const [one, two] = [openOne(), openOne()]
    await one.ask('a')
    await one.cache.flush()
    const [key = ''] = (await server.cli('--raw', 'keys', 'llm-cache:entry:*')).split('\n')
    await server.cli('set', key, 'not ours')
    await server.cli('set', 'llm-cache:entry:odd', 'not ours')
    expect(await two.ask('a')).toBe('MISS')
    await two.cache.flush()
    expect(await server.cli('hlen', key)).toBe('3\n')
    expect(await listed(two.cache)).toHaveLength(1)
  })

  test('are not stored where Redis is read-only, full or asks for a password', async () => {
    await server.cli('config', 'set', 'maxmemory', '1')
    const one = openOne()
    expect(await one.ask('a')).toBe('MISS')
    await expect(one.cache.flush()).rejects.toMatchObject({ code: 'ERR_LLM_CACHE_STORE' })
    await server.cli('config', 'set', 'maxmemory', '0')
    await server.cli('config', 'set', 'requirepass', 'secret')
    const two = openOne()
    expect(await two.ask('b')).toBe('MISS')
    expect(await two.ask('b')).toBe('HIT')
  })

  test('are found, listed and cleared where the client sends commands in pipelines by itself', async () => {
    const [one, two] = [1, 2].map(() => openInstance(open(server.port, { pipelining: true }), provider))
    expect(await one?.ask('a')).toBe('MISS')
    await one?.cache.flush()
    expect(await two?.ask('a')).toBe('HIT')
    expect(await two?.cache.clear({ model: 'm' })).toBe(1)
    await expect.poll(() => one?.cache.stats().entries).toBe(0)
  })

  test('are as large as an answer may be', async () => {
    const [one, two] = [openOne({ maxEntrySize: 30_000_000 }), openOne({ maxEntrySize: 30_000_000 })]
    provider.always({ words: 2_500_000 })
    expect(await one.ask('a')).toBe('MISS')
    await one.cache.flush()
    await expect.poll(() => two.ask('a', { 'x-llm-cache': 'only' })).toBe('HIT')
    expect((await listed(two.cache))[0]?.size).toBeGreaterThan(9_000_000)
  })
})

async function listed(cache: LlmCache): Promise<readonly EntryInfo[]> {
  const entries: EntryInfo[] = []
  for await (const entry of cache.entries()) entries.push(entry)
  return entries
}
