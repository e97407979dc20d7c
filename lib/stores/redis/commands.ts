import { isObject } from '../../base/json.ts'
import { ClientClosedError } from '../client-closed-error.ts'
import type { Command } from './command.ts'
import {
  type IoRedisOwner,
  type NodeRedisOwner,
  openIoRedis,
  openNodeRedis,
  type OwnConnection,
} from './own-connection.ts'

/**
 * The few operations that are needed of a Redis client. Replies have bytes as Buffers, numbers as numbers, nothing as
 * `null`. If the app has closed the client, each command rejects with {@link ClientClosedError}.
 */
export interface RedisCommands {
  /** Whether the client has been connected and was not closed since; it may have lost its connection. */
  readonly isOpen: boolean
  /** One command on one key. */
  send(key: string, command: Command): Promise<unknown>
  /** Several commands on one key, all of which take effect or none (MULTI, EXEC). */
  atomically(key: string, commands: readonly Command[]): Promise<void>
  /** Each server with a part of the keys. */
  nodes(): Promise<readonly RedisNode[]>
  /** Another connection to the server that has a key now. Rejects if the client can't make one. */
  open(key: string): Promise<OwnConnection>
}

/** One server. */
export interface RedisNode {
  send(command: Command): Promise<unknown>
  /** The prefix that the client adds to each key, which SCAN sees. */
  readonly keyPrefix: string
}

/**
 * A client of `redis` 5 or 6 (`createClient`, `createCluster`, `createSentinel`) or of `ioredis` 5 or 6 (`Redis`,
 * `Redis.Cluster`). Only the members that distinguish them are typed: the package needs neither.
 */
export type RedisClient = NodeRedisClient | IoRedisClient

/** A client of `redis`. */
export interface NodeRedisClient {
  readonly isOpen: boolean
  connect(): Promise<unknown>
  // Its arguments differ: a cluster takes the key, a sentinel whether the command only reads.
  sendCommand(...args: never[]): Promise<unknown>
  on(event: 'error', listener: () => void): unknown
  listenerCount(event: string): number
}

/** A client of `ioredis`. */
export interface IoRedisClient {
  callBuffer(command: string, ...args: (string | Buffer)[]): Promise<unknown>
  on(event: 'error', listener: () => void): unknown
  listenerCount(event: string): number
}

/**
 * The commands of either client.
 *
 * @throws TypeError for anything but such a client.
 */
export function commandsOf(client: RedisClient): RedisCommands {
  if (!isObject(client)) throw noClient()
  return hasFunction(client, 'callBuffer') ? new IoRedis(client) : nodeRedis(client)
}

function noClient(): TypeError {
  return new TypeError('redisStore({ client }) must be a client of redis 5 or 6, or of ioredis 5 or 6')
}

function hasFunction<Name extends string>(
  value: object,
  name: Name,
): value is { [_ in Name]: (...args: unknown[]) => unknown } {
  return typeof Reflect.get(value, name) === 'function'
}

type Send = (...args: unknown[]) => Promise<unknown>

/** The members of a MULTI of `redis` that are used here. */
interface Multi {
  addCommand(...args: unknown[]): unknown
  exec(): Promise<unknown>
}

interface NodeRedis extends NodeRedisClient, NodeRedisOwner {
  readonly sendCommand: Send
  multi(): Multi
  /** Only clusters. */
  readonly masters?: readonly object[]
  readonly slots?: readonly { readonly master: object }[]
  nodeClient?(node: object): Promise<NodeRedis>
}

// Values as bytes: RESP's type "bulk string",
// https://github.com/redis/redis-specifications/blob/master/protocol/RESP3.md
const BYTES = { typeMapping: { 36: Buffer } }

function nodeRedis(client: object): NodeRedisCommands {
  if (!hasFunction(client, 'sendCommand') || !hasFunction(client, 'multi')) throw noClient()
  const one = client as unknown as NodeRedis // it has what tells it apart
  if (hasFunction(client, 'nodeClient')) return new NodeRedisCommands(one, 'cluster')
  return new NodeRedisCommands(one, hasFunction(client, 'acquire') ? 'sentinel' : 'client')
}

/** `redis`: a client, a cluster or a sentinel. */
class NodeRedisCommands implements RedisCommands {
  readonly #client: NodeRedis
  readonly #kind: 'client' | 'cluster' | 'sentinel'
  readonly #life: Life
  #opening: Promise<unknown> | undefined

  constructor(client: NodeRedis, kind: 'client' | 'cluster' | 'sentinel') {
    this.#client = client
    this.#kind = kind
    this.#life = lifeOf(client)
  }

  get isOpen(): boolean {
    return this.#client.isOpen
  }

  send(key: string, command: Command): Promise<unknown> {
    return this.#do(() => this.#client.sendCommand(...this.#route(key), command, BYTES))
  }

  async atomically(key: string, commands: readonly Command[]): Promise<void> {
    await this.#do(() => {
      const multi = this.#client.multi()
      for (const command of commands) multi.addCommand(...this.#route(key), command)
      return multi.exec()
    })
  }

  async nodes(): Promise<readonly RedisNode[]> {
    await this.#open()
    const client = this.#client
    if (this.#kind !== 'cluster') return [{ keyPrefix: '', send: (command) => this.send('', command) }]
    const clients = await Promise.all((client.masters ?? []).map((node) => client.nodeClient?.(node)))
    return clients.flatMap((node) =>
      node === undefined ? [] : { keyPrefix: '', send: (command: Command) => node.sendCommand(command, BYTES) },
    )
  }

  async open(key: string): Promise<OwnConnection> {
    if (this.#kind !== 'cluster') return openNodeRedis(this.#client, this.#route(key), BYTES)
    const slot = this.#client.slots?.[Number(await this.send(key, ['CLUSTER', 'KEYSLOT', key]))]
    const node = slot && (await this.#client.nodeClient?.(slot.master))
    if (node === undefined) throw new Error('The cluster has no such slot')
    return openNodeRedis(node, [], BYTES)
  }

  /** Arguments before the command. Replicas are never asked, since they lag behind. */
  #route(key: string): unknown[] {
    if (this.#kind === 'client') return []
    return this.#kind === 'cluster' ? [key, false] : [false]
  }

  async #do(act: () => Promise<unknown>): Promise<unknown> {
    try {
      await this.#open()
      const reply = await act()
      this.#life.wasOpen = true
      return reply
    } catch (error) {
      throw this.#isClosed ? new ClientClosedError() : error
    }
  }

  /**
   * Whether the app has closed the client. If it were opened again, it would keep the process alive, and nobody would
   * close it.
   */
  get #isClosed(): boolean {
    return this.#life.wasOpen && !this.#client.isOpen
  }

  /** Opens a client that was never open, or that has stopped reconnecting. Others reconnect by themselves. */
  #open(): Promise<unknown> | undefined {
    if (this.#isClosed) throw new ClientClosedError()
    // A cluster is open before it knows its nodes, and refuses commands until then; a client queues them.
    if (this.#client.isOpen) return this.#kind === 'client' ? undefined : this.#opening
    this.#opening ??= this.#client.connect().finally(() => (this.#opening = undefined))
    return this.#opening
  }
}

/** The state of a client of `redis`. */
interface Life {
  /** Whether it has answered, and has not stopped reconnecting: then it is only closed if the app has closed it. */
  wasOpen: boolean
}

/** State by client. All stores on a client share one listener, since Node warns of a leak at more than ten. */
const lives = new WeakMap<object, Life>()

function lifeOf(client: NodeRedisClient): Life {
  const known = lives.get(client)
  if (known !== undefined) return known
  const life: Life = { wasOpen: false }
  // The client emits this when it stops reconnecting, but not when it is closed. Without a listener, a lost connection
  // would end the process; a failed command rejects for its own caller.
  client.on('error', () => {
    if (!client.isOpen) life.wasOpen = false
  })
  lives.set(client, life)
  return life
}

/**
 * The members of `ioredis` for MULTI and clusters. A cluster's own `duplicate` takes other arguments, and is not
 * called.
 */
interface IoRedisFull extends IoRedisClient, IoRedisOwner {
  multi(commands: readonly Command[]): { exec(): Promise<readonly (readonly [Error | null, unknown])[] | null> }
  readonly options?: { readonly keyPrefix?: string }
  nodes?(role: 'master'): readonly IoRedisNode[]
  /** Only clusters: names of the master and its replicas. */
  readonly slots?: readonly (readonly string[])[]
  readonly status: string
}

/** One server's client. */
interface IoRedisNode extends IoRedisClient, IoRedisOwner {
  readonly options: { readonly host?: string; readonly port?: number }
}

/** `ioredis`: a client or a cluster. It connects by itself. */
class IoRedis implements RedisCommands {
  readonly #client: IoRedisFull

  constructor(client: object) {
    this.#client = client as IoRedisFull // it has what tells it apart
    // Without a listener, it would log each lost connection to the console.
    if (this.#client.listenerCount('error') === 0) this.#client.on('error', () => undefined)
  }

  get isOpen(): boolean {
    return !['wait', 'end'].includes(this.#client.status)
  }

  send(_key: string, command: Command): Promise<unknown> {
    return call(this.#client, command).catch((error: unknown) => this.#fail(error))
  }

  async atomically(_key: string, commands: readonly Command[]): Promise<void> {
    const named = commands.map(([name, ...args]) => [name.toLowerCase(), ...args] as const)
    const results = await this.#client
      .multi(named)
      .exec()
      .catch((error: unknown) => this.#fail(error))
    for (const [error] of results ?? []) if (error !== null) rethrowWithoutCommand(error)
  }

  #fail(error: unknown): never {
    if (this.#client.status === 'end') throw new ClientClosedError()
    return rethrowWithoutCommand(error)
  }

  async nodes(): Promise<readonly RedisNode[]> {
    const clients: readonly IoRedisClient[] = this.#client.nodes?.('master') ?? [this.#client]
    return clients.map((client) => ({
      keyPrefix: this.#keyPrefix,
      send: (command) => call(client, command).catch(rethrowWithoutCommand),
    }))
  }

  async open(key: string): Promise<OwnConnection> {
    const masters = this.#client.nodes?.('master')
    if (masters === undefined) return openIoRedis(this.#client, this.#keyPrefix)
    const slot = Number(await this.send(key, ['CLUSTER', 'KEYSLOT', this.#keyPrefix + key]))
    const name = this.#client.slots?.[slot]?.[0]
    const node = masters.find(({ options: { host, port } }) => `${host}:${port}` === name)
    if (node === undefined) throw new Error('The cluster has no such slot')
    return openIoRedis(node, this.#keyPrefix)
  }

  /** A cluster's own prefix is not one of its nodes'. */
  get #keyPrefix(): string {
    return this.#client.options?.keyPrefix ?? ''
  }
}

/**
 * Calls the command's own method: with `enableAutoPipelining`, `callBuffer` sends the arguments but drops the command.
 */
function call(client: IoRedisClient, [name, ...args]: Command): Promise<unknown> {
  const send = Reflect.get(client, `${name.toLowerCase()}Buffer`) as Send // as of every command that is sent here
  return send.call(client, ...args)
}

/**
 * Rethrows an error of `ioredis` without its command, which has the data to write and would be shown to the app. For a
 * transaction, the errors of its commands say more than that it was aborted.
 */
function rethrowWithoutCommand(error: unknown): never {
  if (!(error instanceof Error)) throw error
  const [first]: unknown[] = Reflect.get(error, 'previousErrors') ?? []
  const { name, message, ...rest } = first instanceof Error ? first : error
  throw Object.assign(new Error(message), { name }, 'code' in rest && { code: rest.code })
}
