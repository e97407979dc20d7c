import { describe, expect, onTestFinished, test } from 'vitest'
import { openInstance } from '../behaviour/stores/instance.ts'
import { expectToBeTold, expectToEnd, waiting } from '../behaviour/stores/removals.ts'
import { isInstalled } from '../support/binary.ts'
import { NEWEST, SENTINEL_CLIENTS } from '../support/redis-clients.ts'
import { MASTER, openSentinel, type RedisSentinel } from '../support/redis-sentinel.ts'
import { openCluster, redisCli } from '../support/redis-server.ts'
import { startProvider } from '../support/start-provider.ts'

const SLOW = { timeout: 120_000 }
const PATIENT = { timeout: 60_000 }

describe.skipIf(!isInstalled('redis-server'))('removals from Redis', () => {
  test.for(NEWEST)(
    'are told by the node of a cluster that has them, also when they move: $name',
    SLOW,
    async (client) => {
      const [{ ports }, provider] = await Promise.all([openedCluster(), startProvider()])
      const one = openInstance(client.openCluster(ports), provider)
      const two = openInstance(client.openCluster(ports), provider)
      await Promise.all([one.ask('b'), two.ask('b')])
      const counts = (): Promise<number[]> => Promise.all(ports.map(waiting))
      await expect.poll(counts, PATIENT).toContain(2)
      await expectToBeTold(one, two)
      const from = ports[(await counts()).indexOf(2)] ?? 0
      const to = ports.find((port) => port !== from) ?? 0
      await moveSlot('llm-cache:removals', from, to, ports)
      await expectToBeTold(one, two)
      await expect.poll(() => waiting(to), PATIENT).toBe(2)
      await expectToBeTold(one, two)
    },
  )

  test.for(SENTINEL_CLIENTS)(
    'are told by the new master when sentinels have made one: $name',
    SLOW,
    async ({ open }) => {
      const [sentinel, provider] = await Promise.all([openedSentinel(), startProvider()])
      const one = openInstance(open(sentinel.port), provider)
      const two = openInstance(open(sentinel.port), provider)
      await Promise.all([one.ask('b'), two.ask('b')])
      await expect.poll(() => waiting(sentinel.master.port), PATIENT).toBe(2)
      await expectToBeTold(one, two)
      await sentinel.master.kill()
      await expect.poll(() => waiting(sentinel.replica.port), PATIENT).toBe(2)
      await expectToBeTold(one, two)
    },
  )

  test.for([
    [
      'redis',
      (port: number) => `(await import('redis')).createCluster({ rootNodes: [{ socket: { port: ${port} } }] })`,
    ],
    ['ioredis', (port: number) => `new (await import('ioredis')).Cluster([{ host: '127.0.0.1', port: ${port} }])`],
  ] as const)(
    'keep no process alive whose cluster is closed, and its cache is not: %s',
    SLOW,
    async ([_name, make]) => {
      const [{ ports }, { origin }] = await Promise.all([openedCluster(), startProvider()])
      await expectToEnd(origin, make(ports[0] ?? 0), ports)
    },
  )

  test.for([
    [
      'redis',
      (nodes: string) => `(await import('redis')).createSentinel({ name: '${MASTER}', sentinelRootNodes: ${nodes} })`,
    ],
    ['ioredis', (nodes: string) => `new (await import('ioredis')).Redis({ name: '${MASTER}', sentinels: ${nodes} })`],
  ] as const)(
    'keep no process alive whose sentinel is closed, and its cache is not: %s',
    SLOW,
    async ([_name, make]) => {
      const [sentinel, { origin }] = await Promise.all([openedSentinel(), startProvider()])
      await expectToEnd(origin, make(`[{ host: '127.0.0.1', port: ${sentinel.port} }]`), [sentinel.master.port])
    },
  )
})

async function openedCluster(): Promise<{ readonly ports: readonly number[] }> {
  const cluster = await openCluster()
  onTestFinished(() => cluster[Symbol.asyncDispose]())
  return cluster
}

async function openedSentinel(): Promise<RedisSentinel> {
  const sentinel = await openSentinel()
  onTestFinished(() => sentinel[Symbol.asyncDispose]())
  return sentinel
}

/** Gives a key's slot, with what is in it, to another node. https://redis.io/docs/latest/commands/cluster-setslot/ */
async function moveSlot(key: string, from: number, to: number, ports: readonly number[]): Promise<void> {
  const ask = async (port: number, ...words: string[]): Promise<string> => (await redisCli(port, ...words)).trim()
  const slot = await ask(from, 'cluster', 'keyslot', key)
  const [fromId, toId] = await Promise.all([ask(from, 'cluster', 'myid'), ask(to, 'cluster', 'myid')])
  await ask(to, 'cluster', 'setslot', slot, 'importing', fromId)
  await ask(from, 'cluster', 'setslot', slot, 'migrating', toId)
  const keys = (await ask(from, 'cluster', 'getkeysinslot', slot, '1000')).split('\n')
  await ask(from, 'migrate', '127.0.0.1', String(to), '', '0', '5000', 'keys', ...keys)
  for (const port of [to, from, ...ports]) await ask(port, 'cluster', 'setslot', slot, 'node', toId)
}
