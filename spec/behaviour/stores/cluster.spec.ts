import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createLlmCache } from '../../../lib/index.ts'
import { isInstalled } from '../../support/binary.ts'
import { NEWEST } from '../../support/redis-clients.ts'
import { openRedis, type RedisServer } from '../../support/redis-server.ts'
import type { Provider } from '../../support/provider.ts'
import { startProvider } from '../../support/start-provider.ts'
import { type Instance, openInstance } from './instance.ts'

describe.skipIf(!isInstalled('redis-server')).for(NEWEST)("coalesce: 'cluster', with $name", ({ open }) => {
  let server: RedisServer
  let provider: Provider
  beforeEach(async () => {
    ;[server, provider] = await Promise.all([openRedis(), startProvider()])
    // After the caches: to be closed without it takes them two seconds.
    onTestFinished(() => server[Symbol.asyncDispose]())
  })

  const instances = (count: number): Instance[] =>
    Array.from({ length: count }, () => openInstance(open(server.port), provider, { coalesce: 'cluster' }))

  test('makes identical calls of several instances once', async () => {
    provider.always({ first: 300 })
    const crowd = instances(3).flatMap((one) => Array.from({ length: 10 }, () => one.ask('a')))
    const statuses = await Promise.all(crowd)
    expect(provider.calls).toHaveLength(1)
    expect(statuses.filter((status) => status === 'MISS')).toHaveLength(1)
    expect(statuses.filter((status) => status === 'COALESCED' || status === 'HIT')).toHaveLength(29)
  })

  test('lets the next call where the first one fails', async () => {
    provider.script({ status: 500, first: 200 })
    const statuses = await Promise.all(instances(2).map((one) => one.ask('a')))
    expect(statuses).toEqual(['MISS', 'MISS'])
    expect(provider.calls).toHaveLength(2)
    // Given back behind the answer.
    await expect.poll(() => server.cli('--raw', 'keys', 'llm-cache:lease:*')).toBe('\n')
  })

  test('lets a stream begin after a second, whoever holds the lease', async () => {
    const [one] = instances(1)
    await server.cli('set', `llm-cache:lease:${await keyOf(one, true)}`, 'somebody', 'px', '60000')
    const before = provider.calls.length
    expect(await one?.ask('a', { 'x-llm-cache-namespace': 'n' }, true)).toBe('MISS')
    expect(provider.calls).toHaveLength(before + 1)
  })

  test('goes on at once when the lease expires', async () => {
    const [one] = instances(1)
    await server.cli('set', `llm-cache:lease:${await keyOf(one, false)}`, 'somebody', 'px', '500')
    expect(await one?.ask('a', { 'x-llm-cache-namespace': 'n' })).toBe('MISS')
  })

  test('gives the lease back where the caller has left before its call was made', async () => {
    const [one, two] = instances(2)
    server.freeze()
    const abort = new AbortController()
    const left = one?.ask('a', {}, false, abort.signal).catch(() => 'left')
    abort.abort()
    expect(await left).toBe('left')
    server.thaw()
    expect(await two?.ask('a')).toBe('MISS')
  })

  test('makes calls live where the store can not be asked', async () => {
    const one = openInstance(open(server.port), provider, { coalesce: 'cluster', storeTimeout: 0.05 })
    await server.kill()
    expect(await one.ask('a')).toBe('MISS')
  })

  /** The key of the call that is about to be made, learned from one that a bypass of the store made. */
  async function keyOf(instance: Instance | undefined, stream: boolean): Promise<string> {
    await instance?.ask('a', { 'x-llm-cache-namespace': 'n' }, stream)
    const key = instance?.lastKey ?? ''
    await instance?.cache.clear()
    return key
  }
})

test('needs a store that has leases, and says so', () => {
  expect(() => createLlmCache({ coalesce: 'cluster' })).toThrow(/options\.coalesce .*leases/)
  expect(() => createLlmCache({ coalesce: 'all' as never })).toThrow("true, false or 'cluster'")
})
