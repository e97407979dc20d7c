import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { isInstalled } from '../../support/binary.ts'
import type { Provider } from '../../support/provider.ts'
import { CLIENTS } from '../../support/redis-clients.ts'
import { openRedis, type RedisServer } from '../../support/redis-server.ts'
import { startProvider } from '../../support/start-provider.ts'
import { openInstance } from './instance.ts'

const CLOSED = 'The Redis client is closed; await cache.flush() before you close it'

describe.skipIf(!isInstalled('redis-server')).for(CLIENTS)('a client that the app closes first: $name', ({ open }) => {
  let server: RedisServer
  let provider: Provider
  beforeEach(async () => {
    ;[server, provider] = await Promise.all([openRedis(), startProvider()])
    // After the caches: to be closed without it takes them two seconds.
    onTestFinished(() => server[Symbol.asyncDispose]())
  })

  function watchWarnings(): () => string[] {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    onTestFinished(() => warn.mockRestore())
    return () => warn.mock.calls.map(([text]) => String(text))
  }

  test('is no trouble where everything was stored', async () => {
    const warnings = watchWarnings()
    const connection = open(server.port)
    const one = openInstance(connection, provider)
    await one.ask('a')
    await one.cache.flush()
    await one.ask('a')
    connection[Symbol.dispose]()
    await one.cache.close()
    expect(warnings()).toEqual([])
  })

  test('is told, with the remedy, where an answer was on its way', async () => {
    const warnings = watchWarnings()
    const connection = open(server.port)
    const one = openInstance(connection, provider, { storeTimeout: 0.05 })
    await one.ask('a')
    await one.cache.flush()
    server.freeze()
    await one.ask('b')
    connection[Symbol.dispose]()
    await expect(one.cache.flush()).rejects.toMatchObject({ cause: { message: CLOSED } })
    expect(warnings()).toContainEqual(expect.stringContaining(CLOSED))
  })

  test('is not opened again by what comes later', async () => {
    watchWarnings()
    const connection = open(server.port)
    const one = openInstance(connection, provider)
    await one.ask('a')
    await one.cache.flush()
    connection[Symbol.dispose]()
    expect(await one.ask('a')).toBe('HIT')
    expect(await one.ask('b')).toBe('MISS')
    expect(await one.ask('b')).toBe('HIT')
    await expect(one.cache.clear()).resolves.toBe(2)
    await expect(one.cache.flush()).rejects.toMatchObject({ cause: { message: CLOSED } })
    // The one that asks.
    await expect.poll(async () => (await server.cli('client', 'list')).trim().split('\n')).toHaveLength(1)
  })
})
