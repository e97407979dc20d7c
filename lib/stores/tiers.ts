import { isPromiseLike } from '../base/promises.ts'
import type { StoredRecord } from './codec.ts'
import type { Entry, EntryInfo } from './entry.ts'
import type { FigureBatch, HourFigures } from './figures.ts'
import type { Filter } from './filter.ts'
import { isFresh, isNewer } from './freshness.ts'
import type { Lease } from './lease.ts'
import type { MemoryStore } from './memory.ts'
import type { CallQuestions } from './question-tier.ts'
import type { Removal } from './removal.ts'
import { SecondTier, type SecondTierOptions } from './second-tier.ts'
import type { Access, Awaitable, CacheStore, RestoreRefusal } from './store.ts'

/**
 * Memory in front of an optional second tier. A lookup is synchronous if memory has the entry, or there is no second
 * tier. A second tier that is slow, unreachable or throws is a miss.
 */
export class Tiers {
  readonly memory: MemoryStore
  readonly #second: SecondTier | undefined
  /** Number of removals so far. */
  #removals = 0
  /** Imported entries that the second tier can seal only once a call brings its credential. */
  #unsealed: WeakSet<Entry> | undefined

  constructor(memory: MemoryStore, store: CacheStore | undefined, options: SecondTierOptions) {
    this.memory = memory
    this.#second = store === undefined ? undefined : new SecondTier(store, options)
  }

  /** Whether there is a second tier. Without one no `access` is needed. */
  get hasStore(): boolean {
    return this.#second !== undefined
  }

  /** The entry under a key. An entry from the second tier is put into memory. */
  get(key: string, access?: Access): Entry | undefined | Promise<Entry | undefined> {
    const entry = this.memory.get(key)
    if (entry !== undefined && this.#unsealed !== undefined) this.#seal(entry, access)
    if (this.#second === undefined || (entry !== undefined && isFresh(entry, Date.now()))) return entry
    const before = this.#removals
    const found = this.#second.get(key, access)
    if (!isPromiseLike(found)) return this.#remember(found, before, entry)
    return Promise.resolve(found).then((one) => this.#remember(one, before, entry))
  }

  set(entry: Entry, access?: Access): void {
    this.memory.set(entry)
    this.#second?.set(entry, access)
  }

  /** Counts a use of an entry in memory. */
  hit(key: string): void {
    this.memory.hit(key)
    this.#second?.hit(key)
  }

  /** The item keys of an entry, if it matches the filter. Synchronous if memory has the entry. */
  itemKeys(filter: Filter & { readonly key: string }): Awaitable<readonly string[]> {
    const [entry] = this.memory.entries(filter)
    if (entry !== undefined || this.#second === undefined) return entry?.itemKeys ?? []
    return this.#second.info(filter).then((info) => info?.itemKeys ?? [])
  }

  /** Removes exactly this entry: one that has replaced it stays. */
  retract(entry: Entry): void {
    const now = this.memory.peek(entry.key)
    // An entry that is too large for memory may be in the store.
    if (now === entry || (now === undefined && this.hasStore)) void this.delete(entry.key)
  }

  /** Removed from memory when this returns, from the second tier when it resolves to whether there was an entry. */
  async delete(key: string): Promise<boolean> {
    this.#removals++
    const had = this.memory.delete(key)
    return ((await this.#second?.remove({ key })) ?? 0) > 0 || had
  }

  /**
   * Removed from memory when this returns, from the second tier when it resolves. The number is that of the tier which
   * had more of them.
   */
  async clear(filter: Filter): Promise<number> {
    this.#second?.checkFilter(filter)
    this.#removals++
    const count = this.memory.clear(filter)
    return Math.max(count, (await this.#second?.remove(filter)) ?? 0)
  }

  /** Drops entries from memory that another process has removed from the second tier. */
  forget(removal: Removal): void {
    this.#removals++
    this.memory.forget(removal)
  }

  /** Memory's entries, then the second tier's that memory does not hold. */
  async *entries(filter: Filter): AsyncGenerator<EntryInfo> {
    const seen = new Set<string>()
    for (const entry of this.memory.entries(filter)) {
      seen.add(entry.key)
      yield entry
    }
    if (this.#second === undefined) return
    for await (const entry of this.#second.entries(filter)) if (!seen.has(entry.key)) yield entry
  }

  /** The records of the second tier. Without one, memory's entries as `toRecord` makes them. */
  async *records(filter: Filter, toRecord: (entry: Entry) => StoredRecord): AsyncGenerator<StoredRecord> {
    if (this.#second !== undefined) return yield* this.#second.records(filter, toRecord)
    for (const { key } of [...this.memory.entries(filter)]) {
      const entry = this.memory.peek(key)
      if (entry !== undefined) yield toRecord(entry)
    }
  }

  /**
   * Stores a record of an export; `toEntry` opens an unencrypted one. Returns the reason if it can't, and `'unsealed'`
   * for an entry that stays in memory only, until a call with a credential uses it.
   */
  async restore(
    record: StoredRecord,
    toEntry: (record: StoredRecord) => Entry | RestoreRefusal,
  ): Promise<RestoreRefusal | 'store' | 'unsealed' | undefined> {
    const second = this.#second?.canRestore === true ? this.#second : undefined
    const refusal = second === undefined ? 'sealed' : await second.restore(record)
    if (refusal !== 'sealed') return refusal
    const entry = toEntry(record)
    if (typeof entry === 'string') return entry
    if (isNewer(this.memory.peek(entry.key), entry)) return undefined
    if (second !== undefined) return this.#keepUnsealed(entry)
    this.set(entry)
    return undefined
  }

  /** Whether figures outlive the process. */
  get keepsFigures(): boolean {
    return this.#second?.figures.areKept ?? false
  }

  /** See {@link FigureTier.add}. */
  async addFigures(batch: FigureBatch): Promise<boolean> {
    return (await this.#second?.figures.add(batch)) ?? false
  }

  /** See {@link FigureTier.read}. */
  async figures(since: number): Promise<readonly HourFigures[]> {
    return (await this.#second?.figures.read(since)) ?? []
  }

  /** Whether this caller's answers are stored where other instances can find them. */
  keeps(access: Access | undefined): boolean {
    return this.#second?.keeps(access) ?? false
  }

  /** See {@link LeaseTier.prepare}. */
  prepareLeases(): void {
    this.#second?.leases.prepare()
  }

  /** See {@link SecondTier.questions}. */
  questions(access: Access | undefined): CallQuestions | undefined {
    return this.#second?.questions(access)
  }

  /** See {@link SecondTier.reject}. */
  async reject(pair: string): Promise<void> {
    await this.#second?.reject(pair)
  }

  /** See {@link LeaseTier.take}. */
  async lease(key: string): Promise<Lease | 'taken' | undefined> {
    return this.#second?.leases.take(key)
  }

  /** See {@link SecondTier.written}. */
  async written(key: string): Promise<void> {
    await this.#second?.written(key)
  }

  /** See {@link SecondTier.flush}. */
  async flush(): Promise<void> {
    await this.#second?.flush()
  }

  async close(): Promise<void> {
    this.#removals++
    this.memory.close()
    await this.#second?.close()
  }

  #keepUnsealed(entry: Entry): 'unsealed' {
    this.memory.set(entry)
    this.#unsealed ??= new WeakSet()
    this.#unsealed.add(entry)
    return 'unsealed'
  }

  #seal(entry: Entry, access: Access | undefined): void {
    if (this.#second?.keeps(access) === true && this.#unsealed?.delete(entry) === true) this.#second.set(entry, access)
  }

  /**
   * Brings an entry into memory, unless the one that memory has, `known`, is as good. After a removal both may be out of
   * date, and are dropped.
   */
  #remember(entry: Entry | undefined, before: number, known: Entry | undefined): Entry | undefined {
    if (this.#removals !== before) return undefined
    if (entry === undefined || (known !== undefined && !isBetter(entry, known))) return known
    this.memory.set(entry)
    return entry
  }
}

function isBetter(entry: Entry, known: Entry): boolean {
  return entry.storedAt !== known.storedAt && !isNewer(known, entry)
}
