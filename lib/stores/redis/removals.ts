import { isObject, parseJson } from '../../base/json.ts'
import { checkFilter, type Filter, type FilterTarget } from '../filter.ts'
import { isRemoved, type Removal } from '../removal.ts'
import type { RedisCommands } from './commands.ts'

/** Milliseconds between two looks for what other processes took out. */
const INTERVAL = 400
/** Milliseconds that a removal is remembered: a write that was on its way then has long come or failed. */
const REMEMBERED = 3_600_000
/** Read at once; more are read at the next look. */
const PAGE = 1_000

/**
 * What was taken out, by whichever process: a Redis stream that all of them read. An entry that a removal picks counts as
 * gone from the moment that the removal is known, also while it is still there. Reading on from the last one that is known
 * survives every loss of the connection, and needs no connection of its own.
 */
export class RedisRemovals {
  readonly #commands: RedisCommands
  readonly #key: string
  readonly #watchers = new Set<(removal: Removal) => void>()
  /** By the only key that they pick, and all others. */
  readonly #keys = new Map<string, Removal>()
  #filters: readonly Removal[] = []
  #newest = 0
  #last = '0'
  #lookedAt = 0
  #looking: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(commands: RedisCommands, key: string) {
    this.#commands = commands
    this.#key = key
  }

  watch(onRemoval: (removal: Removal) => void): void {
    this.#watchers.add(onRemoval)
  }

  /** Whether anything is known by which an entry may count as gone: only then need its metadata be read. */
  get isEmpty(): boolean {
    return this.#keys.size === 0 && this.#filters.length === 0
  }

  /** Resolves when what was taken out before this process came is known. From then on it looks again and again. */
  start(): Promise<void> | undefined {
    if (this.#timer !== undefined) return this.#lookedAt === 0 ? this.#look() : undefined
    this.#timer = setInterval(() => void this.#look().catch(() => undefined), INTERVAL).unref()
    return this.#look()
  }

  /** Counts here at once, and elsewhere when it is known there. */
  async add(removal: Removal): Promise<void> {
    this.#remember(removal)
    const oldest = String(Date.now() - REMEMBERED)
    const text = JSON.stringify(removal)
    await this.#commands.send(this.#key, ['XADD', this.#key, 'MINID', '~', oldest, '*', 'removal', text])
    await this.#commands.send(this.#key, ['PEXPIRE', this.#key, String(REMEMBERED)])
  }

  /** Whether an entry counts as gone; `back` is when an import brought it, in milliseconds since the epoch. */
  has(entry: FilterTarget, back?: number): boolean {
    const one = this.#keys.get(entry.key)
    const picks = (removal: Removal): boolean => isRemoved(entry, removal, back)
    return (one !== undefined && picks(one)) || this.#filters.some(picks)
  }

  /** When the last removal that is known was, in milliseconds since the epoch; 0: none is. */
  get newest(): number {
    return this.#newest
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#watchers.clear()
  }

  #look(): Promise<void> {
    this.#looking ??= this.#readOn().finally(() => (this.#looking = undefined))
    return this.#looking
  }

  async #readOn(): Promise<void> {
    const isFirst = this.#lookedAt === 0
    const from = this.#last === '0' ? '-' : `(${this.#last}`
    const reply = await this.#commands.send(this.#key, ['XRANGE', this.#key, from, '+', 'COUNT', String(PAGE)])
    const now = Date.now()
    // After so long, what was taken out meanwhile may be forgotten already.
    if (!isFirst && now - this.#lookedAt > REMEMBERED / 2) this.#tell({ filter: {}, at: now })
    this.#lookedAt = now
    this.#forget(now - REMEMBERED)
    for (const [id, removal] of readStream(reply)) {
      this.#last = id
      this.#remember(removal)
      // What was taken out before this process came is in nobody's memory.
      if (!isFirst) this.#tell(removal)
    }
  }

  #tell(removal: Removal): void {
    for (const onRemoval of this.#watchers) onRemoval(removal)
  }

  #remember(removal: Removal): void {
    this.#newest = Math.max(this.#newest, removal.at)
    const { key, ...rest } = removal.filter
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

/** What is not understood picks everything: a miss at worst. */
function readStream(reply: unknown): (readonly [id: string, removal: Removal])[] {
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
