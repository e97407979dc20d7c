import { afterAll, beforeAll, describe } from 'vitest'
import { redisStore } from '../../../lib/stores/redis.ts'
import { isInstalled } from '../../support/binary.ts'
import { CLIENTS, type OpenClient } from '../../support/redis-clients.ts'
import { openCluster, openRedis } from '../../support/redis-server.ts'
import { describeStore } from '../../unit/stores/describe-store.ts'

const [{ open: redisClient }] = CLIENTS
const hasRedis = isInstalled('redis-server')
let prefixes = 0

/** Runs the contract over stores that share a client, each under a prefix of its own. */
function describeRedis(name: string, open: () => OpenClient, encryption?: 'none'): void {
  const opened: OpenClient[] = []
  afterAll(() => opened.forEach((one) => one[Symbol.dispose]()))
  describeStore(name, () => {
    const { client } = opened[0] ?? (opened[0] = open())
    return redisStore({ client, prefix: `spec-${prefixes++}:[*`, ...(encryption && { encryption }) })
  })
}

describe.skipIf(!hasRedis)('one server', () => {
  let server: Awaited<ReturnType<typeof openRedis>>
  beforeAll(async () => void (server = await openRedis()))
  afterAll(() => server[Symbol.asyncDispose]())
  for (const { name, open } of CLIENTS) describeRedis(name, () => open(server.port))
  describeRedis('redis 6, without encryption', () => redisClient(server.port), 'none')
})

describe.skipIf(!hasRedis)('a cluster', () => {
  let cluster: Awaited<ReturnType<typeof openCluster>>
  beforeAll(async () => void (cluster = await openCluster()), 60_000)
  afterAll(() => cluster[Symbol.asyncDispose]())
  for (const one of CLIENTS) describeRedis(one.name, () => one.openCluster(cluster.ports))
})
