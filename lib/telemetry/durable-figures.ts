import { crypto } from '../base/crypto.ts'
import { within } from '../base/promises.ts'
import { addCounts, type FigureBatch, HOUR, type HourFigures } from '../stores/figures.ts'
import type { Tiers } from '../stores/tiers.ts'
import type { Counters, CountedGroup } from './counters.ts'

/** Milliseconds between two writes. */
const MINUTE = 60_000
/** Hourly groups that wait for a store that can't be reached. Beyond these, counts go to a later hour. */
const MAX_WAITING = 10_000
/** Milliseconds that a final write may delay the end of the app or process. */
const AT_CLOSE = 2_000
const AT_EXIT = 1_000

type MutableFigures = HourFigures & { readonly counts: Record<string, number> }

/**
 * Adds the counts of this process to the store, which sums up those of all processes. Calls neither wait for it nor do
 * any work for it: once a minute the counters are compared with their last values.
 */
export class DurableFigures {
  readonly #counters: Pick<Counters, 'groups' | 'settle' | 'settleInSteps'>
  readonly #store: Pick<Tiers, 'addFigures' | 'figures'>
  /** The counters' values when they were last read. */
  readonly #seen = new Map<string, CountedGroup['counts']>()
  /** The hour to which later counts belong. */
  #hour = hourOf(Date.now())
  #waiting = new Map<string, MutableFigures>()
  /** A batch that was sent, as long as it is not known whether the store has it. */
  #sent: FigureBatch | undefined
  #writing: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #hasEnded = false

  constructor(
    counters: Pick<Counters, 'groups' | 'settle' | 'settleInSteps'>,
    store: Pick<Tiers, 'addFigures' | 'figures'>,
  ) {
    this.#counters = counters
    this.#store = store
    this.#schedule()
  }

  /**
   * Resolves when all counts so far are in the store. If they can't be written now, resolves too, and they are tried
   * later.
   */
  async flush(): Promise<void> {
    // Another write may have begun before something was counted.
    await this.#writing
    await (this.#writing ??= this.#write().finally(() => (this.#writing = undefined)))
  }

  /** The store's figures for the hours from `since` (milliseconds since the epoch) on, including this process's. */
  async read(since: number): Promise<readonly HourFigures[]> {
    await this.flush()
    return this.#store.figures(since)
  }

  /** For `beforeExit`: writes the figures, which keeps the event loop alive once more. */
  beforeExit(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    const hold = setTimeout(() => undefined, AT_EXIT)
    void this.flush().finally(() => clearTimeout(hold))
  }

  /** For `exit`: hands over what is left, without waiting. */
  writeAtExit(): void {
    this.#counters.settle()
    this.#collect()
    for (const batch of [this.#sent, this.#takeBatch()]) if (batch !== undefined) void this.#store.addFigures(batch)
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    await within(AT_CLOSE, this.flush()).catch(() => undefined)
  }

  /** Runs once a minute, and at the full hour, so that each count belongs to one hour. */
  #schedule(): void {
    const untilNext = HOUR - (Date.now() % HOUR)
    const look = (): void => {
      this.#schedule()
      void this.flush()
    }
    this.#timer = setTimeout(look, Math.min(MINUTE, untilNext)).unref()
  }

  async #write(): Promise<void> {
    await this.#counters.settleInSteps()
    this.#collect()
    while ((this.#sent ??= this.#takeBatch()) !== undefined) {
      if (!(await this.#store.addFigures(this.#sent))) return
      this.#sent = undefined
    }
  }

  #takeBatch(): FigureBatch | undefined {
    if (this.#waiting.size === 0) return undefined
    const figures = [...this.#waiting.values()]
    this.#waiting = new Map()
    return { id: crypto().randomUUID(), figures }
  }

  /** Adds what was counted since the last time to what waits. */
  #collect(): void {
    if (this.#waiting.size >= MAX_WAITING) return
    for (const group of this.#counters.groups()) {
      const id = `${group.kind} ${group.name}`
      const counts = difference(group.counts, this.#seen.get(id))
      if (counts === undefined) continue
      this.#seen.set(id, group.counts)
      this.#add(group, counts)
    }
    this.#hour = hourOf(Date.now())
  }

  #add({ kind, name }: CountedGroup, counts: CountedGroup['counts']): void {
    const at = this.#hour
    const id = `${at} ${kind} ${name}`
    const known = this.#waiting.get(id)
    if (known === undefined) this.#waiting.set(id, { at, kind, name, counts: { ...counts } })
    else addCounts(known.counts, counts)
  }
}

function hourOf(time: number): number {
  return Math.floor(time / HOUR) * HOUR
}

/** The growth of the counts; `undefined` if there is none. */
function difference(
  now: CountedGroup['counts'],
  before: CountedGroup['counts'] | undefined,
): CountedGroup['counts'] | undefined {
  const changed = Object.entries(now).flatMap(([name, count]): [string, number][] => {
    const more = count - (before?.[name] ?? 0)
    return more === 0 ? [] : [[name, more]]
  })
  return changed.length === 0 ? undefined : Object.fromEntries(changed)
}
