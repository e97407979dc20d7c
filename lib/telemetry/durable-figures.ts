import { crypto } from '../base/crypto.ts'
import { within } from '../base/promises.ts'
import { addCounts, type FigureBatch, HOUR, type HourFigures } from '../stores/figures.ts'
import type { Tiers } from '../stores/tiers.ts'
import type { Counters, CountedGroup } from './counters.ts'

/** Milliseconds between two writes. */
const MINUTE = 60_000
/** Groups by the hour that wait for a store which can't be reached; what comes then is put down to a later hour. */
const MAX_WAITING = 10_000
/** Milliseconds that the end of an app, or of the process, may take. */
const AT_CLOSE = 2_000
const AT_EXIT = 1_000

type MutableFigures = HourFigures & { readonly counts: Record<string, number> }

/**
 * Writes what the counters of this process have counted to the store, where it adds up with what others write. No call
 * waits for it, nor does anything for it: once a minute the counters are compared with what they were.
 */
export class DurableFigures {
  readonly #counters: Pick<Counters, 'groups' | 'priceAll' | 'priceInSteps'>
  readonly #store: Pick<Tiers, 'addFigures' | 'figures'>
  /** What the counters were when they were last looked at. */
  readonly #seen = new Map<string, CountedGroup['counts']>()
  /** The hour that belongs to what was counted since. */
  #hour = hourOf(Date.now())
  #waiting = new Map<string, MutableFigures>()
  /** The batch that was sent, while nobody knows whether the store has it. */
  #sent: FigureBatch | undefined
  #writing: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #hasEnded = false

  constructor(
    counters: Pick<Counters, 'groups' | 'priceAll' | 'priceInSteps'>,
    store: Pick<Tiers, 'addFigures' | 'figures'>,
  ) {
    this.#counters = counters
    this.#store = store
    this.#schedule()
  }

  /**
   * Resolves when all that was counted so far is in the store, or can't be written now: then it is tried again later.
   */
  async flush(): Promise<void> {
    // Another one may have begun before something was counted.
    await this.#writing
    await (this.#writing ??= this.#write().finally(() => (this.#writing = undefined)))
  }

  /** The store's figures of the hours from `since` (milliseconds since the epoch) on, this process's among them. */
  async read(since: number): Promise<readonly HourFigures[]> {
    await this.flush()
    return this.#store.figures(since)
  }

  /** Called when the event loop has nothing more to do: writes the figures, which keeps the loop going once more. */
  beforeExit(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    const hold = setTimeout(() => undefined, AT_EXIT)
    void this.flush().finally(() => clearTimeout(hold))
  }

  /** At the end of the process: hands over what there is. */
  writeAtExit(): void {
    this.#counters.priceAll()
    this.#collect()
    for (const batch of [this.#sent, this.#takeBatch()]) if (batch !== undefined) void this.#store.addFigures(batch)
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    await within(AT_CLOSE, this.flush()).catch(() => undefined)
  }

  /** Once a minute, and at the turn of an hour, so that a count belongs to one hour. */
  #schedule(): void {
    const untilNext = HOUR - (Date.now() % HOUR)
    const look = (): void => {
      this.#schedule()
      void this.flush()
    }
    this.#timer = setTimeout(look, Math.min(MINUTE, untilNext)).unref()
  }

  async #write(): Promise<void> {
    await this.#counters.priceInSteps()
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

  /** Puts what was counted since the last time with what waits. */
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

/** By how much the counts have grown; `undefined` if they have not. */
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
