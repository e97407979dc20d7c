import * as ioredis from 'ioredis'
import * as ioredis5 from 'ioredis5'
import * as redis from 'redis'
import * as redis5 from 'redis5'
import { MASTER } from './redis-sentinel.ts'
import type { IoRedisClient, NodeRedisClient, RedisClient } from '../../lib/stores/redis.ts'

/** A client under test, and how it is closed. */
export interface OpenClient extends Disposable {
  readonly client: RedisClient
}

/** How a client is made otherwise than by default. */
export interface ClientOptions {
  readonly password?: string
  /** Version of the protocol; each package has its own default. */
  readonly protocol?: 2 | 3
  /** Milliseconds after which the client itself gives a command up. */
  readonly timeout?: number
  /** Whether commands go out together in pipelines: `redis` does so in any case. */
  readonly pipelining?: boolean
}

/** A client that is supported. */
export interface Client {
  readonly name: string
  readonly open: (port: number, options?: ClientOptions) => OpenClient
  readonly openCluster: (ports: readonly number[]) => OpenClient
}

const urlOf = (port: number): string => `redis://127.0.0.1:${port}`
const nodesOf = (ports: readonly number[]): { url: string }[] => ports.map((port) => ({ url: urlOf(port) }))
const hostsOf = (ports: readonly number[]): { host: string; port: number }[] =>
  ports.map((port) => ({ host: '127.0.0.1', port }))

/** `createClient` makes a class of its own for each address, which takes 20 ms; duplicates are of the same class. */
const [FIRST_6, FIRST_5] = [redis.createClient(), redis5.createClient()]

/** Each of them. */
export const CLIENTS: readonly [Client, ...Client[]] = [
  {
    name: 'redis 6',
    open: (port, options) => {
      const url = urlOf(port)
      return closing(options ? redis.createClient({ url, ...nodeRedis(options) }) : FIRST_6.duplicate({ url }))
    },
    openCluster: (ports) => closing(redis.createCluster({ rootNodes: nodesOf(ports) })),
  },
  {
    name: 'redis 5',
    open: (port, options) => {
      const url = urlOf(port)
      return closing(options ? redis5.createClient({ url, ...nodeRedis(options) }) : FIRST_5.duplicate({ url }))
    },
    openCluster: (ports) => closing(redis5.createCluster({ rootNodes: nodesOf(ports) })),
  },
  {
    name: 'ioredis 6',
    open: (port, options) => disconnecting(new ioredis.Redis(port, '127.0.0.1', ioRedis(options))),
    openCluster: (ports) => disconnecting(new ioredis.Cluster(hostsOf(ports))),
  },
  {
    name: 'ioredis 5',
    open: (port, options) => disconnecting(new ioredis5.Redis(port, '127.0.0.1', ioRedis(options))),
    openCluster: (ports) => disconnecting(new ioredis5.Cluster(hostsOf(ports))),
  },
]

/** The newest clients, as they are told of sentinels, which know where the master of that name is. */
export const SENTINEL_CLIENTS: readonly { readonly name: string; readonly open: (port: number) => OpenClient }[] = [
  {
    name: 'redis 6',
    open: (port) => closing(redis.createSentinel({ name: MASTER, sentinelRootNodes: hostsOf([port]) })),
  },
  { name: 'ioredis 6', open: (port) => disconnecting(new ioredis.Redis({ name: MASTER, sentinels: hostsOf([port]) })) },
]

/** The newest of each package: the older ones differ in how they are called, which the contract of stores looks at. */
export const NEWEST: readonly Client[] = CLIENTS.filter(({ name }) => name.endsWith(' 6'))

function nodeRedis({ password, protocol, timeout }: ClientOptions = {}): object {
  return {
    ...(password && { password }),
    ...(protocol && { RESP: protocol }),
    ...(timeout && { commandOptions: { timeout } }),
  }
}

function ioRedis({ password, protocol, timeout, pipelining = false }: ClientOptions = {}): object {
  return {
    enableAutoPipelining: pipelining,
    ...(password && { password }),
    ...(protocol && { protocol }),
    ...(timeout && { commandTimeout: timeout }),
  }
}

function closing(client: NodeRedisClient & { destroy(): void }): OpenClient {
  return { client, [Symbol.dispose]: () => void (client.isOpen && client.destroy()) }
}

function disconnecting(client: IoRedisClient & { disconnect(): void }): OpenClient {
  return { client, [Symbol.dispose]: () => client.disconnect() }
}
