import type { Entry } from './entry.ts'
import type { MemoryStore } from './memory.ts'
import type { EntryInfo } from './entry.ts'
import type { Access, CacheStore } from './store.ts'
import type { Filter } from './filter.ts'

/** What the second tier may not do to a call: delay it, or fail it. */
export interface TieredOptions {
  /** Milliseconds until a lookup goes on without the second tier. */
  readonly timeout: number
  /** Told what went wrong; the call goes on. */
  readonly onError: (error: unknown) => void
}

// A tier that failed this often in a row is left alone for a while (a circuit breaker), then tried with one lookup.
const TRIP = 5
const COOL_DOWN = 5_000

/**
 * Memory in front of an optional second tier. A lookup is synchronous where memory answers or stands alone. What the
 * second tier does wrong (slow, gone, throwing) is a miss; design.md section 9.
 */
export class Tiers {
  readonly memory: MemoryStore
  readonly #store: CacheStore | undefined
  readonly #options: TieredOptions
  #failures = 0
  #openUntil = 0
  /** Goes up with everything that is taken out. */
  #removals = 0

  constructor(memory: MemoryStore, store: CacheStore | undefined, options: TieredOptions) {
    this.memory = memory
    this.#store = store
    this.#options = options
  }

  /** Whether there is a second tier: only then an `access` is of use. */
  get hasStore(): boolean {
    return this.#store !== undefined
  }

  get(key: string, access?: Access): Entry | undefined | Promise<Entry | undefined> {
    const entry = this.memory.get(key)
    if (entry !== undefined || this.#store === undefined || this.#isOpen()) return entry
    return this.#lookUp(this.#store, key, access)
  }

  set(entry: Entry, access?: Access): void {
    this.memory.set(entry)
    void this.#try((store) => store.set(entry, access), undefined)
  }

  /** Notes that memory served the entry. */
  hit(key: string): void {
    this.memory.hit(key)
    this.#store?.hit?.(key)
  }

  /** The items of an entry that the filter picks by its key. What memory knows is known when this returns. */
  itemKeys(filter: Filter & { readonly key: string }): readonly string[] | Promise<readonly string[]> {
    const [entry] = this.memory.entries(filter)
    if (entry !== undefined || this.#store === undefined || this.#isOpen()) return entry?.itemKeys ?? []
    return this.#try(async (store) => {
      for await (const { key, itemKeys } of store.entries(filter)) if (key === filter.key) return itemKeys ?? []
      return []
    }, [])
  }

  /** Takes back exactly this entry: one that has replaced it stays. */
  retract(entry: Entry): void {
    if (this.memory.get(entry.key) === entry) void this.delete(entry.key)
  }

  /** Gone from memory when this returns, from the second tier when it resolves. */
  async delete(key: string): Promise<boolean> {
    this.#removals++
    const had = this.memory.delete(key)
    return (await this.#try((store) => store.delete(key), false)) || had
  }

  /** Gone from memory when this returns, from the second tier when it resolves to how many went in the larger tier. */
  async clear(filter: Filter): Promise<number> {
    this.#removals++
    const count = this.memory.clear(filter)
    return Math.max(count, await this.#try((store) => store.clear(filter), 0))
  }

  /** Memory's entries, then the second tier's that memory does not hold. */
  async *entries(filter: Filter): AsyncGenerator<EntryInfo> {
    const seen = new Set<string>()
    for (const entry of this.memory.entries(filter)) {
      seen.add(entry.key)
      yield entry
    }
    if (this.#store === undefined) return
    for await (const entry of this.#store.entries(filter)) if (!seen.has(entry.key)) yield entry
  }

  async close(): Promise<void> {
    this.#removals++
    this.memory.close()
    await this.#try((store) => store.close(), undefined)
  }

  async #lookUp(store: CacheStore, key: string, access: Access | undefined): Promise<Entry | undefined> {
    const before = this.#removals
    const entry = await this.#ask(store, key, access)
    // What was taken out while the second tier was asked must not come back.
    if (entry === undefined || this.#removals !== before) return undefined
    this.memory.set(entry)
    return entry
  }

  async #ask(store: CacheStore, key: string, access: Access | undefined): Promise<Entry | undefined> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error('The store did not answer in time')), this.#options.timeout)
    })
    try {
      // `null` is how many stores say "none"; its type says otherwise, but a store is the app's own.
      const entry: Entry | null | undefined = await Promise.race([store.get(key, access), late])
      this.#failures = 0
      // An entry of another key would be somebody else's answer.
      return entry?.key === key ? entry : undefined
    } catch (error) {
      this.#failed(error)
      return undefined
    } finally {
      clearTimeout(timer)
    }
  }

  async #try<T>(act: (store: CacheStore) => T | PromiseLike<T>, fallback: T): Promise<T> {
    if (this.#store === undefined) return fallback
    try {
      return await act(this.#store)
    } catch (error) {
      this.#failed(error)
      return fallback
    }
  }

  #isOpen(): boolean {
    return this.#failures >= TRIP && Date.now() < this.#openUntil
  }

  #failed(error: unknown): void {
    this.#failures++
    this.#openUntil = Date.now() + COOL_DOWN
    this.#options.onError(error)
  }
}
