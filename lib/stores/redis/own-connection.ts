import type { Command } from './command.ts'

/** A connection beside the client's own, for commands that wait at the server and would hold up all others. */
export interface OwnConnection {
  send(command: Command): Promise<unknown>
  /** Closes the connection. Commands without a reply reject. */
  close(): void
}

/** Milliseconds to wait for the connection. */
const CONNECT = 5_000

/** What is needed of a client of `redis`; its sentinel has `duplicate` since version 6. */
export interface NodeRedisOwner {
  duplicate?(overrides: object): NodeRedisDuplicate
  /** Not of a sentinel. */
  readonly options?: { readonly socket?: object }
}

interface NodeRedisDuplicate {
  readonly isOpen: boolean
  on(event: 'error', listener: () => void): unknown
  connect(): Promise<unknown>
  sendCommand(...args: unknown[]): Promise<unknown>
  /** Not of a sentinel. */
  unref?(): void
  destroy(): void | Promise<void>
}

/**
 * Another connection of a client of `redis`. It is not opened again when it is lost, and keeps no process alive, except
 * a sentinel's. `before` and `options` are the arguments before and after each command.
 */
export async function openNodeRedis(
  owner: NodeRedisOwner,
  before: readonly unknown[],
  options: object,
): Promise<OwnConnection> {
  if (owner.duplicate === undefined) throw new TypeError('The sentinels of redis 5 make no other connection')
  const own = owner.duplicate({
    // Time-outs that the app has set are for commands that do not wait.
    socket: { ...owner.options?.socket, connectTimeout: CONNECT, socketTimeout: undefined, reconnectStrategy: false },
    commandOptions: {},
    pingInterval: undefined,
    disableOfflineQueue: false,
    // The client's cache would be shared, and emptied when this connection is lost.
    clientSideCache: undefined,
    emitInvalidate: undefined,
  })
  own.on('error', () => undefined)
  own.unref?.()
  const close = (): void => {
    if (own.isOpen) void Promise.resolve(own.destroy()).catch(() => undefined)
  }
  try {
    await own.connect()
  } catch (error) {
    close()
    throw error
  }
  return { send: (command) => own.sendCommand(...before, command, options), close }
}

/** What is needed of a client of `ioredis`: one server's. */
export interface IoRedisOwner {
  duplicate(overrides: object): IoRedisDuplicate
}

interface IoRedisDuplicate {
  on(event: 'error' | 'connect', listener: () => void): unknown
  connect(): Promise<void>
  callBuffer(command: string, ...args: (string | Buffer)[]): Promise<unknown>
  disconnect(): void
  readonly stream?: { unref(): unknown }
}

/** Another connection of a client of `ioredis`, as {@link openNodeRedis} makes one. */
export async function openIoRedis(owner: IoRedisOwner, keyPrefix: string): Promise<OwnConnection> {
  const own = owner.duplicate({
    lazyConnect: true,
    connectTimeout: CONNECT,
    // For so long a connection that was closed keeps the process alive.
    disconnectTimeout: 1,
    retryStrategy: () => null,
    sentinelRetryStrategy: () => null,
    failoverDetector: false,
    reconnectOnError: null,
    enableOfflineQueue: true,
    enableAutoPipelining: false,
    commandTimeout: undefined,
    blockingTimeout: undefined,
    socketTimeout: undefined,
    // A node of a cluster has none.
    keyPrefix,
  })
  own.on('error', () => undefined)
  own.on('connect', () => void own.stream?.unref())
  try {
    await own.connect()
  } catch (error) {
    own.disconnect()
    throw error
  }
  return { send: ([name, ...args]) => own.callBuffer(name, ...args), close: () => own.disconnect() }
}
