import { isPromiseLike } from '../base/promises.ts'
import type { FilterTarget } from './filter.ts'
import type { Awaitable } from './store.ts'

/** Limits of pending writes. Memory may have evicted their entries already, so their bytes count here. */
const MAX_WRITES = 10_000
const MAX_BYTES = 64 * 1024 * 1024
/** Milliseconds that a write keeps an otherwise idle process alive. */
const KEEP_ALIVE = 1_000

/** What is written: an answer, or data that belong to one. */
export type Written = FilterTarget & { readonly size: number }

/** One pending write. */
interface Write {
  readonly entry: Written
  readonly done: Promise<void>
}

/**
 * Writes that nobody waits for, limited in number and bytes. A process that ends by itself waits for them, up to a
 * second.
 */
export class WriteBehind {
  readonly #writes = new Set<Write>()
  #bytes = 0
  #keepAlive: NodeJS.Timeout | undefined

  /** Whether an entry of `size` bytes would exceed the bounds now. */
  isFull(size: number): boolean {
    return this.#writes.size >= MAX_WRITES || (this.#writes.size > 0 && this.#bytes + size > MAX_BYTES)
  }

  /** Starts a write. `act` must neither throw nor reject. */
  start(entry: Written, act: () => Awaitable<void>): void {
    const result = act()
    if (!isPromiseLike(result)) return
    const write: Write = { entry, done: Promise.resolve(result).then(() => this.#end(write)) }
    this.#writes.add(write)
    this.#bytes += entry.size
    if (this.#keepAlive === undefined) this.#keepAlive = setTimeout(() => undefined, KEEP_ALIVE)
    else this.#keepAlive.refresh()
  }

  /** Resolves when the current writes of matching entries (by default all) have ended. */
  async settled(isMeant: (entry: Written) => boolean = () => true): Promise<void> {
    if (this.#writes.size === 0) return
    await Promise.all([...this.#writes].filter(({ entry }) => isMeant(entry)).map(({ done }) => done))
  }

  #end(write: Write): void {
    this.#writes.delete(write)
    this.#bytes -= write.entry.size
    if (this.#writes.size > 0) return
    clearTimeout(this.#keepAlive)
    this.#keepAlive = undefined
  }
}
