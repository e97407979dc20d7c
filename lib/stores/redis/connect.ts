import { createRequire } from 'node:module'
import { join } from 'node:path'
import { commandsOf, type IoRedisClient, type NodeRedisClient, type RedisClient } from './commands.ts'

/** Our own connection, for an app without one. */
export interface RedisConnection {
  readonly client: RedisClient
  /** The server's clock in milliseconds since the epoch. https://redis.io/docs/latest/commands/time/ */
  serverTime(): Promise<number>
  /** Whether the server is one node of a cluster. https://redis.io/docs/latest/commands/info/ */
  isClusterNode(): Promise<boolean>
  close(): Promise<void>
}

/** How to connect. */
export interface ConnectOptions {
  /** The folder for finding packages. */
  readonly folder: string
  /** Whether the connection keeps the process alive. */
  readonly keepsAlive: boolean
  /** The source of the address, for errors: `LLM_CACHE_STORE`. */
  readonly name: string
}

/**
 * Milliseconds to wait for a connection. A command must not wait long for a server that is gone. An app does not wait:
 * its lookups have their own timeout, and while it starts, it may be busy for seconds, in which it can't notice a
 * connection.
 */
const connectTimeout = (keepsAlive: boolean): number => (keepsAlive ? 1_000 : 10_000)

/** Milliseconds until a lost connection is opened again; a lookup opens it at once. */
const RECONNECT = 500

/**
 * Creates a client of the package `redis`, or `ioredis`, found from the app's `folder` or else from this package. It
 * connects at once, since the first lookup will not wait for long, and again when it is used after a lost connection.
 *
 * @throws TypeError if neither is installed.
 */
export function connectRedis(url: string, { folder, keepsAlive, name }: ConnectOptions): RedisConnection {
  for (const from of [join(folder, 'package.json'), import.meta.url]) {
    const redis = load('redis', from) as NodeRedisPackage | undefined // the package of that name
    if (redis !== undefined) return connectNodeRedis(redis, url, keepsAlive)
    const ioredis = load('ioredis', from) as IoRedisPackage | undefined // the package of that name
    if (ioredis !== undefined) return connectIoRedis(ioredis, url, keepsAlive)
  }
  throw new TypeError(`${name} must have the package redis or ioredis beside it (npm install redis)`)
}

function load(name: string, from: string): unknown {
  try {
    return createRequire(from)(name)
  } catch {
    return undefined // not installed there
  }
}

/** The members of `redis` that are used here. */
interface NodeRedisPackage {
  createClient(options: object): NodeRedisClient & {
    unref(): void
    readonly isReady: boolean
    destroy(): void
    close(): Promise<void>
  }
}

function connectNodeRedis({ createClient }: NodeRedisPackage, url: string, keepsAlive: boolean): RedisConnection {
  // It never reconnects by itself, since its timers would keep the process alive.
  const socket = { reconnectStrategy: false, connectTimeout: connectTimeout(keepsAlive) }
  const client = createClient({ url, socket })
  const connect = (): void => void (client.isOpen || client.connect().catch(() => undefined))
  let again: NodeJS.Timeout | undefined
  client.on('error', () => {
    clearTimeout(again)
    again = setTimeout(connect, RECONNECT).unref()
  })
  if (!keepsAlive) client.unref()
  connect()
  return {
    client,
    serverTime: () => serverTime(client),
    isClusterNode: () => isClusterNode(client),
    close: async () => {
      clearTimeout(again)
      if (client.isReady) await client.close()
      else if (client.isOpen) client.destroy()
    },
  }
}

/** The members of `ioredis` that are used here. */
interface IoRedisPackage {
  Redis: new (
    url: string,
    options: object,
  ) => IoRedisClient & {
    on(event: 'connect' | 'reconnecting', listener: () => void): unknown
    connect(): Promise<void>
    disconnect(): void
    quit(): Promise<unknown>
    readonly status: string
    readonly stream?: Handle
    readonly reconnectTimeout?: Handle | null
  }
}

interface Handle {
  unref(): unknown
}

function connectIoRedis({ Redis }: IoRedisPackage, url: string, keepsAlive: boolean): RedisConnection {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: connectTimeout(keepsAlive),
    maxRetriesPerRequest: 0,
    retryStrategy: (times: number) => Math.min(times * 200, 5_000),
  })
  const letGo = (): void => {
    client.stream?.unref()
    client.reconnectTimeout?.unref()
  }
  client.on('error', () => undefined)
  if (!keepsAlive) client.on('connect', letGo)
  if (!keepsAlive) client.on('reconnecting', letGo)
  client.connect().catch(() => undefined)
  return {
    client,
    serverTime: () => serverTime(client),
    isClusterNode: () => isClusterNode(client),
    close: async () => {
      if (client.status === 'ready') await client.quit().catch(() => undefined)
      client.disconnect()
    },
  }
}

async function serverTime(client: RedisClient): Promise<number> {
  const reply = await commandsOf(client).send('', ['TIME'])
  const [seconds, micros] = Array.isArray(reply) ? reply.map(Number) : []
  return (seconds ?? 0) * 1000 + (micros ?? 0) / 1000
}

async function isClusterNode(client: RedisClient): Promise<boolean> {
  return String(await commandsOf(client).send('', ['INFO', 'cluster'])).includes('cluster_enabled:1')
}
