import { isObject, parseJson } from '../../base/json.ts'
import { within } from '../../base/promises.ts'
import { checkFilter, type Filter, type FilterTarget } from '../filter.ts'
import { CLOCK_SKEW } from '../freshness.ts'
import { OwnRemovals } from '../own-removals.ts'
import { isRemoved, type Removal } from '../removal.ts'
import type { Command } from './command.ts'
import type { RedisCommands } from './commands.ts'
import { RemovalFeed } from './removal-feed.ts'

/** Milliseconds between two polls for removals by other processes, while the server does not send them. */
const INTERVAL = 400
/** Milliseconds until a poll is given up: some lost connections leave a command without any answer. */
const PATIENCE = 10_000
/** Milliseconds that a removal is remembered: any write in progress at that time has ended long before. */
const REMEMBERED = 3_600_000
/** Removals that one poll reads. */
const PAGE = 1_000
/** Before every id of a stream. */
const START = '0'

/**
 * All removals, by any process: a Redis stream that every process reads. An entry that matches a removal counts as gone
 * as soon as the removal is known, even while it still exists. The server sends each one as it arrives ({@link
 * RemovalFeed}). Until it does, and if it can't, this process polls every 400 ms.
 */
export class RedisRemovals {
  readonly #commands: RedisCommands
  readonly #key: string
  readonly #feed: RemovalFeed
  readonly #watchers = new Set<(removal: Removal) => void>()
  readonly #own = new OwnRemovals()
  /** Removals of one key, by that key. All others are in `#filters`. */
  readonly #keys = new Map<string, Removal>()
  #filters: readonly Removal[] = []
  #newest = 0
  #last = START
  #lookedAt = 0
  #looking: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(commands: RedisCommands, key: string) {
    this.#commands = commands
    this.#key = key
    this.#feed = new RemovalFeed({
      commands,
      key,
      last: () => this.#last,
      catchUp: (send) => this.#readOn(send),
      onEntries: (entries) => this.#take(readStream(entries)),
    })
  }

  watch(onRemoval: (removal: Removal) => void): void {
    this.#watchers.add(onRemoval)
  }

  /** Whether no removal is known, so that no entry's metadata needs to be compared. */
  get isEmpty(): boolean {
    return this.#keys.size === 0 && this.#filters.length === 0
  }

  /** Resolves when all earlier removals are known. Later ones arrive by themselves. */
  start(): Promise<void> | undefined {
    if (this.#timer !== undefined) return this.#lookedAt === 0 ? this.#look() : undefined
    this.#timer = setInterval(() => this.#tick(), INTERVAL).unref()
    return this.#look()
  }

  /** Adds a removal, which applies here at once, and elsewhere when it is known there. */
  async add(removal: Removal): Promise<void> {
    this.#remember(removal)
    this.#own.add(removal)
    // By the clock of the server, which makes the ids.
    const oldest = String(Math.max(0, timeOf(this.#last) - REMEMBERED))
    const text = JSON.stringify(removal)
    await this.#commands.send(this.#key, ['XADD', this.#key, 'MINID', '~', oldest, '*', 'removal', text])
    await this.#commands.send(this.#key, ['PEXPIRE', this.#key, String(REMEMBERED)])
  }

  /** Whether an entry counts as gone; `back` is when an import brought it, in milliseconds since the epoch. */
  has(entry: FilterTarget, back?: number): boolean {
    const one = this.#keys.get(entry.key)
    const latest = Date.now() + CLOCK_SKEW
    // A later removal was made while this clock was ahead: until then it would match everything that is stored.
    const picks = (removal: Removal): boolean => removal.at <= latest && isRemoved(entry, removal, back)
    return (one !== undefined && picks(one)) || this.#filters.some(picks)
  }

  /** When what an import brings now is stored: after each removal that is known. Milliseconds since the epoch. */
  get afterAll(): number {
    const now = Date.now()
    return Math.max(now, Math.min(this.#newest + 1, now + CLOCK_SKEW))
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#feed.close()
    this.#watchers.clear()
  }

  #tick(): void {
    // A client that the app has closed would be opened again, and keep its process alive.
    if (!this.#commands.isOpen) return this.#feed.close()
    if (this.#feed.isLive) return
    this.#look().catch(() => undefined)
    // Not with the first lookup: a short script needs no second connection.
    this.#feed.open()
  }

  #look(): Promise<void> {
    const readOn = (): Promise<void> => this.#readOn((command) => this.#commands.send(this.#key, command))
    this.#looking ??= within(PATIENCE, readOn(), 'behind').finally(() => (this.#looking = undefined))
    return this.#looking
  }

  async #readOn(send: Send): Promise<void> {
    for (let count = PAGE; count === PAGE;) {
      const from = this.#last
      const entries = readStream(await send(['XRANGE', this.#key, from, '+', 'COUNT', String(PAGE)]))
      // Another connection was quicker.
      if (this.#last !== from) continue
      // It begins with the last one that is known. If not, it is another stream, as after a failover to a server whose
      // clock may be behind: new ids may be lower than known ones.
      if (from !== START && entries[0]?.[0] !== from) this.#last = START
      else count = this.#take(entries)
    }
  }

  /** Reads removals; returns their number. */
  #take(entries: readonly StreamEntry[]): number {
    const isFirst = this.#lookedAt === 0
    const now = Date.now()
    // After so long, some removals may be forgotten already.
    if (!isFirst && now - this.#lookedAt > REMEMBERED / 2) this.#tell({ filter: {}, at: now })
    this.#lookedAt = now
    this.#forget(now - REMEMBERED)
    for (const [id, removal] of entries) {
      // A look and the feed may bring the same removal.
      if (!isAfter(id, this.#last)) continue
      this.#last = id
      this.#remember(removal)
      // This process's memory never had what was removed before it started.
      if (!isFirst) this.#tell(this.#own.mark(removal))
    }
    return entries.length
  }

  #tell(removal: Removal): void {
    for (const onRemoval of this.#watchers) onRemoval(removal)
  }

  #remember({ filter, at: told }: Removal): void {
    const now = Date.now()
    // Made by a clock that is ahead of this one. It picks what is there now.
    const removal = { filter, at: told > now + CLOCK_SKEW ? now : told }
    this.#newest = Math.max(this.#newest, removal.at)
    const { key, ...rest } = filter
    if (key !== undefined && Object.keys(rest).length === 0) this.#keys.set(key, newer(this.#keys.get(key), removal))
    else this.#filters = [...this.#filters, removal]
  }

  #forget(before: number): void {
    for (const [key, { at }] of this.#keys) if (at < before) this.#keys.delete(key)
    if (this.#filters.some(({ at }) => at < before)) this.#filters = this.#filters.filter(({ at }) => at >= before)
  }
}

function newer(known: Removal | undefined, removal: Removal): Removal {
  return known !== undefined && known.at > removal.at ? known : removal
}

type Send = (command: Command) => Promise<unknown>

/** Ids are two numbers: `1700000000000-0`. https://redis.io/docs/latest/develop/data-types/streams/#entry-ids */
function isAfter(id: string, other: string): boolean {
  const [time = 0, count = 0] = id.split('-').map(Number)
  const [otherTime = 0, otherCount = 0] = other.split('-').map(Number)
  return time > otherTime || (time === otherTime && count > otherCount)
}

/** Milliseconds since the epoch, by the clock of the server. */
function timeOf(id: string): number {
  return Number(id.split('-')[0])
}

type StreamEntry = readonly [id: string, removal: Removal]

/** A filter that can't be read matches everything: a miss at worst. */
function readStream(reply: unknown): StreamEntry[] {
  if (!Array.isArray(reply)) return []
  return reply.map((item: unknown) => {
    const [id, fields] = Array.isArray(item) ? item : []
    const text = Array.isArray(fields) ? String(fields[1]) : ''
    return [String(id), readRemoval(text)] as const
  })
}

function readRemoval(text: string): Removal {
  const value = parseJson(text)
  const at = isObject(value) && typeof value['at'] === 'number' ? value['at'] : Date.now()
  const filter: Filter = isObject(value) && isObject(value['filter']) ? value['filter'] : {}
  try {
    checkFilter(filter)
    return { filter, at }
  } catch {
    return { filter: {}, at }
  }
}
