import { setTimeout as after } from 'node:timers/promises'
import { within } from '../../base/promises.ts'
import type { Command } from './command.ts'
import type { RedisCommands } from './commands.ts'
import type { OwnConnection } from './own-connection.ts'

/**
 * Milliseconds that a command waits at the server for a new removal. The first one is short: it shows whether the
 * server does wait.
 */
const FIRST_WAIT = 300
const WAIT = 5_000
/** Milliseconds by which a reply may be late before the connection counts as lost. */
const GRACE = 1_000
/** Milliseconds until a lost connection is opened again; each failure doubles them. */
const FIRST_PAUSE = 1_000
const LAST_PAUSE = 300_000
/** Milliseconds to wait until a connection is ready for commands. */
const OPENING = 10_000
/** Milliseconds between two reads, so that a thousand removals don't take a thousand commands in each process. */
const REST = 50
/** Entries that the server sends at once. */
const PAGE = '1000'

/** What a feed needs. */
export interface FeedOptions {
  readonly commands: RedisCommands
  /** Key of the stream. */
  readonly key: string
  /** Id of the last entry that is known. */
  readonly last: () => string
  /** Reads everything that is not known yet, over a new connection. */
  readonly catchUp: (send: (command: Command) => Promise<unknown>) => Promise<void>
  /** Called with new entries, perhaps none, as XRANGE gives them. */
  readonly onEntries: (entries: unknown) => void
}

/**
 * A connection on which the server sends new entries of a stream as they arrive (XREAD BLOCK). Reading continues after
 * the last known entry, so a lost connection misses nothing. Works with both versions of the protocol, needs permission
 * to read this one key, and in a cluster goes to the node that has the key.
 *
 * https://redis.io/docs/latest/commands/xread/
 */
export class RemovalFeed {
  readonly #options: FeedOptions
  #connection: OwnConnection | undefined
  #isRunning = false
  #isLive = false
  #isClosed = false
  #pause = FIRST_PAUSE
  #openAt = 0

  constructor(options: FeedOptions) {
    this.#options = options
  }

  /** Whether the server sends new entries, so that polling is not needed. */
  get isLive(): boolean {
    return this.#isLive
  }

  /** Opens the connection if it is closed and its pause after a failure is over. */
  open(): void {
    if (this.#isRunning || performance.now() < this.#openAt) return
    this.#isRunning = true
    this.#isClosed = false
    void this.#follow().catch(() => this.#putOff())
  }

  close(): void {
    this.#isClosed = true
    this.#isLive = false
    this.#connection?.close()
  }

  async #follow(): Promise<never> {
    const connection = (this.#connection = await this.#connect())
    try {
      await within(
        OPENING,
        this.#options.catchUp((command) => connection.send(command)),
        'behind',
      )
      for (let wait = FIRST_WAIT; ; wait = WAIT) {
        if (this.#isClosed) throw new Error('closed')
        const isNews = await this.#read(connection, wait)
        this.#isLive = !this.#isClosed
        this.#pause = FIRST_PAUSE
        if (isNews) await after(REST, undefined, { ref: false })
      }
    } finally {
      this.#isLive = false
      connection.close()
    }
  }

  /** Connects with a time limit, since a server may accept the connection and then never answer. */
  async #connect(): Promise<OwnConnection> {
    const opening = this.#options.commands.open(this.#options.key)
    try {
      return await within(OPENING, opening, 'behind')
    } catch (error) {
      opening.then((late) => late.close()).catch(() => undefined)
      throw error
    }
  }

  /** Reads; resolves to whether there was anything. */
  async #read(connection: OwnConnection, wait: number): Promise<boolean> {
    const { key, last, onEntries } = this.#options
    const start = performance.now()
    const command = ['XREAD', 'COUNT', PAGE, 'BLOCK', String(wait), 'STREAMS', key, last()] as const
    // This wait keeps no process alive.
    const entries = entriesOf(await within(wait + GRACE, connection.send(command), 'behind'))
    // Through a proxy that does not block, this loop would never pause.
    if (entries === undefined && performance.now() - start < wait / 2) throw new Error('The server does not wait')
    onEntries(entries)
    return entries !== undefined
  }

  #putOff(): void {
    this.#isRunning = false
    this.#connection = undefined
    this.#openAt = performance.now() + this.#pause
    this.#pause = Math.min(this.#pause * 2, LAST_PAUSE)
  }
}

/** The entries of the stream that was read: a list of pairs, or a map in version 3 of the protocol. */
function entriesOf(reply: unknown): unknown {
  if (reply instanceof Map) return reply.values().next().value
  if (Array.isArray(reply)) return Array.isArray(reply[0]) ? reply[0][1] : reply[1]
  return typeof reply === 'object' && reply !== null ? Object.values(reply)[0] : undefined
}
