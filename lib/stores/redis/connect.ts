import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { IoRedisClient, NodeRedisClient, RedisClient } from './commands.ts'

/** A connection of our own, for an app that has none. */
export interface RedisConnection {
  readonly client: RedisClient
  /** Whether the connection keeps the process alive; at first it does not. */
  hold(isHeld: boolean): void
  close(): Promise<void>
}

/** Milliseconds for a connection to be made: a server that is gone must not hold up the end of the process. */
const CONNECT_TIMEOUT = 1_000

/**
 * Makes a client of the package `redis`, or else `ioredis`, of the app in `folder`, or else of this package's own place.
 * It connects at once, since the first lookup will not wait for long, and again when it is used after a loss.
 *
 * @throws TypeError where neither is installed. `name` is who asked for it.
 */
export function connectRedis(url: string, folder: string, name: string): RedisConnection {
  for (const from of [join(folder, 'package.json'), import.meta.url]) {
    const redis = load('redis', from) as NodeRedisPackage | undefined // the package of that name
    if (redis !== undefined) return connectNodeRedis(redis, url)
    const ioredis = load('ioredis', from) as IoRedisPackage | undefined // the package of that name
    if (ioredis !== undefined) return connectIoRedis(ioredis, url)
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

/** What is needed of `redis`. */
interface NodeRedisPackage {
  createClient(options: object): NodeRedisClient & {
    ref(): void
    unref(): void
    destroy(): void
    close(): Promise<void>
  }
}

function connectNodeRedis({ createClient }: NodeRedisPackage, url: string): RedisConnection {
  // It never tries again by itself: its timers would keep the process alive. The store opens what is closed.
  const socket = { reconnectStrategy: false, connectTimeout: CONNECT_TIMEOUT }
  const client = createClient({ url, socket })
  client.on('error', () => undefined)
  client.unref()
  client.connect().catch(() => undefined)
  return {
    client,
    hold: (isHeld) => (isHeld ? client.ref() : client.unref()),
    close: async () => {
      if (client.isOpen) await client.close().catch(() => client.destroy())
    },
  }
}

/** What is needed of `ioredis`. */
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
  ref(): unknown
  unref(): unknown
}

function connectIoRedis({ Redis }: IoRedisPackage, url: string): RedisConnection {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT,
    maxRetriesPerRequest: 0,
    retryStrategy: (times: number) => Math.min(times * 200, 5_000),
  })
  let isHeld = false
  const apply = (): void => {
    for (const handle of [client.stream, client.reconnectTimeout]) {
      if (isHeld) handle?.ref()
      else handle?.unref()
    }
  }
  client.on('error', () => undefined)
  client.on('connect', apply)
  client.on('reconnecting', apply)
  client.connect().catch(() => undefined)
  return {
    client,
    hold: (held) => {
      isHeld = held
      apply()
    },
    close: async () => {
      if (client.status === 'ready') await client.quit().catch(() => undefined)
      client.disconnect()
    },
  }
}
