import type { Command } from './command.ts'

/** A connection besides the client's own, for commands that block at the server and would delay all others. */
export interface OwnConnection {
  send(command: Command): Promise<unknown>
  /** Closes the connection. Commands without a reply reject. */
  close(): void
}

/** Milliseconds to wait for the connection. */
const CONNECT = 5_000

/** The members of a client of `redis` that are used here; its sentinel has `duplicate` since version 6. */
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
 * Opens another connection of a client of `redis`. It is not reopened after a loss, and does not keep the process
 * alive, except for a sentinel. `before` and `options` are the arguments before and after each command.
 */
export async function openNodeRedis(
  owner: NodeRedisOwner,
  before: readonly unknown[],
  options: object,
): Promise<OwnConnection> {
  if (owner.duplicate === undefined) throw new TypeError('The sentinels of redis 5 make no other connection')
  const own = owner.duplicate({
    // The app's timeouts are for commands that don't block.
    socket: { ...owner.options?.socket, connectTimeout: CONNECT, socketTimeout: undefined, reconnectStrategy: false },
    commandOptions: {},
    pingInterval: undefined,
    disableOfflineQueue: false,
    // The client's cache would be shared, and cleared when this connection is lost.
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

/** The members of an `ioredis` client for one server that are used here. */
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

/** Opens another connection of a client of `ioredis`; see {@link openNodeRedis}. */
export async function openIoRedis(owner: IoRedisOwner, keyPrefix: string): Promise<OwnConnection> {
  const own = owner.duplicate({
    lazyConnect: true,
    connectTimeout: CONNECT,
    // A closed connection keeps the process alive this long.
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
