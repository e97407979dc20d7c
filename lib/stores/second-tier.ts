import { LlmCacheError } from '../base/errors.ts'
import { isPromiseLike, within } from '../base/promises.ts'
import { Breaker } from './breaker.ts'
import type { StoredRecord } from './codec.ts'
import type { Entry, EntryInfo } from './entry.ts'
import type { FigureBatch, HourFigures } from './figures.ts'
import type { Filter } from './filter.ts'
import type { Lease } from './lease.ts'
import { type CallQuestions, QuestionTier } from './question-tier.ts'
import { isRemoved, type Removal } from './removal.ts'
import type { Access, Awaitable, CacheStore, QuestionStore, RestoreRefusal } from './store.ts'
import { WriteBehind } from './write-behind.ts'

/** What a store may not do to a call: delay it, or fail it. */
export interface SecondTierOptions {
  /** Milliseconds until a lookup goes on without the store. */
  readonly timeout: number
  /** Told of the first failure of an outage; the calls go on. */
  readonly onError: (error: unknown) => void
  /** Told of each answer that the store can't seal, and of each that is sealed under a credential that rotates. */
  readonly onNotice: (notice: 'no-secret' | 'rotating') => void
}

/** Milliseconds until a write or a removal counts as failed. Nobody waits for a write. */
const WRITE_TIMEOUT = 10_000
const CLOSE_TIMEOUT = 2_000
/** Milliseconds until a removal that failed is tried again. */
const RETRY = 1_000
/** More removals than these that a failing store owes become one of everything: a miss at worst. */
const MAX_OWED = 1_000

/** A removal that the store has not confirmed. */
interface OwedRemoval extends Removal {
  isRunning: boolean
}

/**
 * A store behind its protection: time-outs, a breaker each for reading and for writing (a store that is full or read-only
 * still answers), writes behind the answers. What was taken out counts as gone at once, also while the store can't be
 * reached: it is told when it is back.
 */
export class SecondTier {
  readonly #store: CacheStore
  readonly #options: SecondTierOptions
  readonly #reads = new Breaker()
  readonly #writes = new Breaker()
  readonly #behind = new WriteBehind()
  readonly #owed = new Set<OwedRemoval>()
  readonly #questions: QuestionTier | undefined
  #retry: NodeJS.Timeout | undefined
  /** Answers that could not be written since the last flush. */
  #lost = 0
  #lastError: unknown
  /** Whether the last figures did not get there. */
  #losesFigures = false

  constructor(store: CacheStore, options: SecondTierOptions) {
    this.#store = store
    this.#options = options
    this.#questions = store.questions && this.#protect(store.questions)
  }

  /** The store's entry; `undefined` at the latest when the time is out. Synchronous where the store is. */
  get(key: string, access: Access | undefined): Awaitable<Entry | undefined> {
    if (!this.#isFor(access)) return undefined
    const permission = this.#reads.ask()
    if (permission === 'open') return undefined
    const found = this.#read(key, access)
    return permission === 'probe' ? undefined : found
  }

  /** Writes behind the answer. */
  set(entry: Entry, access: Access | undefined): void {
    if (!this.#isFor(access)) return this.#options.onNotice('no-secret')
    if (access?.isRotating() === true) this.#options.onNotice('rotating')
    if (this.#writes.ask() === 'open') return this.#lose(undefined)
    if (this.#behind.isFull(entry.size)) {
      return this.#fail(
        this.#writes,
        new LlmCacheError('ERR_LLM_CACHE_STORE', 'Too many answers wait to be stored'),
        true,
      )
    }
    this.#behind.start(entry, () => this.#write(() => this.#store.set(entry, access)))
  }

  /** @throws LlmCacheError with code `ERR_LLM_CACHE_STORE` for a filter that the store can't follow. */
  checkFilter({ key: _key, ...rest }: Filter): void {
    const isSimple = Object.values(rest).every((value) => value === undefined)
    if (this.#store.canList !== false || isSimple) return
    throw new LlmCacheError('ERR_LLM_CACHE_STORE', 'The store can not list its entries: it clears one key, or all')
  }

  /** Whether an answer to a caller can be kept. */
  keeps(access: Access | undefined): boolean {
    return this.#isFor(access)
  }

  /** Starts what leases need, before the first call. */
  prepareLeases(): void {
    try {
      this.#store.prepareLeases?.()
    } catch {
      // The first lease meets the same trouble.
    }
  }

  /**
   * The lease of a key; `'taken'`: another has it; `undefined`: the store can't be asked now. Whoever has waited for a lookup
   * in vain does not wait here too, and an answer that can't be stored is nobody else's.
   */
  async lease(key: string): Promise<Lease | 'taken' | undefined> {
    if (this.#reads.isFailing || this.#writes.isFailing) return undefined
    const asked = (async () => this.#store.lease?.(key))()
    try {
      return (await within(this.#options.timeout, asked)) ?? 'taken'
    } catch {
      // One that comes late would keep the others waiting for nobody's answer.
      asked.then((late) => late?.release()).catch(() => undefined)
      return undefined
    }
  }

  /** Resolves when the writes of a key that are under way have ended. */
  written(key: string): Promise<void> {
    return this.#behind.settled((entry) => entry.key === key)
  }

  /** Questions of a caller; `undefined` where none are kept for it. */
  questions(access: Access | undefined): CallQuestions | undefined {
    return this.#isFor(access) ? this.#questions?.of(access) : undefined
  }

  /** Remembers that two questions must not be paired. */
  async reject(pair: string): Promise<void> {
    await this.#questions?.reject(pair)
  }

  hit(key: string): void {
    this.#store.hit?.(key)
  }

  /** Takes out what the filter picks: it counts as gone when this returns, and is gone when it resolves to how many there were. */
  async remove(filter: Filter): Promise<number> {
    const removal = { filter, at: Date.now(), isRunning: false }
    this.#owed.add(removal)
    return this.#carryOut(removal)
  }

  entries(filter: Filter): Iterable<EntryInfo> | AsyncIterable<EntryInfo> {
    return this.#store.entries(filter)
  }

  /** The metadata of one entry; `undefined` where there is none or the store fails. */
  async info(filter: Filter & { readonly key: string }): Promise<EntryInfo | undefined> {
    return this.#ask(this.#reads, WRITE_TIMEOUT, () => this.#find(filter))
  }

  /** Records of what the filter picks, as the store keeps them; in clear where it knows no records. */
  async *records(filter: Filter, toRecord: (entry: Entry) => StoredRecord): AsyncGenerator<StoredRecord> {
    await this.#behind.settled()
    if (this.#store.records !== undefined) return yield* this.#store.records(filter)
    for await (const { key } of this.#store.entries(filter)) {
      const entry = await this.#store.get(key)
      if (entry?.key === key) yield toRecord(entry)
    }
  }

  /** Whether the store keeps figures. */
  get keepsFigures(): boolean {
    return this.#store.addFigures !== undefined && this.#store.figures !== undefined
  }

  /**
   * Adds to the store's figures, behind everything; `false` where it can't be done now. Once a minute, so that no breaker is
   * needed, and none of the others hears of it: a store may take answers and no figures.
   */
  async addFigures(batch: FigureBatch): Promise<boolean> {
    try {
      await within(WRITE_TIMEOUT, this.#store.addFigures?.(batch), 'behind')
      this.#losesFigures = false
      return true
    } catch (error) {
      // An outage that calls have met is told of already.
      const isTold = this.#losesFigures || this.#reads.isFailing || this.#writes.isFailing
      if (!isTold) this.#options.onError(error)
      this.#losesFigures = true
      return false
    }
  }

  /** The store's figures; rejects where it fails. */
  async figures(since: number): Promise<readonly HourFigures[]> {
    return (await within(WRITE_TIMEOUT, this.#store.figures?.(since))) ?? []
  }

  /** Whether the store takes records as they are. */
  get canRestore(): boolean {
    return this.#store.restore !== undefined
  }

  /** Nothing where the store has taken it. */
  async restore(record: StoredRecord): Promise<RestoreRefusal | 'store' | undefined> {
    try {
      return await within(WRITE_TIMEOUT, this.#store.restore?.(record))
    } catch (error) {
      this.#fail(this.#writes, error)
      return 'store'
    }
  }

  /**
   * Resolves when everything that was set or taken out so far survives the end of the process.
   *
   * @throws LlmCacheError with code `ERR_LLM_CACHE_STORE` where an answer of the time since the last flush could not be
   * stored, or a removal could not be carried out.
   */
  async flush(): Promise<void> {
    await this.#behind.settled()
    await Promise.all([this.#questions?.carryOut(), ...[...this.#owed].map((removal) => this.#carryOut(removal))])
    const isFlushed = await this.#flushStore()
    const lost = this.#lost
    this.#lost = 0
    const owed = this.#owed.size + (this.#questions?.owed ?? 0)
    if (isFlushed && lost === 0 && owed === 0) return
    const what = `${lost} answers and ${owed} removals did not reach the store`
    throw new LlmCacheError('ERR_LLM_CACHE_STORE', what, { cause: this.#lastError })
  }

  async #flushStore(): Promise<boolean> {
    try {
      await within(WRITE_TIMEOUT, this.#store.flush?.())
      return true
    } catch (error) {
      this.#lastError = error
      this.#fail(this.#writes, error)
      return false
    }
  }

  /** Waits for what is under way, but not long: an app that ends can't wait for a store that is frozen. */
  async close(): Promise<void> {
    clearTimeout(this.#retry)
    this.#questions?.close()
    await within(CLOSE_TIMEOUT, this.#behind.settled()).catch(() => undefined)
    try {
      await within(CLOSE_TIMEOUT, this.#store.close())
    } catch (error) {
      this.#fail(this.#writes, error)
    }
  }

  #protect(questions: QuestionStore): QuestionTier {
    return new QuestionTier(questions, {
      read: (milliseconds, act, how) => this.#ask(this.#reads, milliseconds, act, how),
      write: (act) => this.#ask(this.#writes, WRITE_TIMEOUT, act, 'behind'),
      behind: this.#behind,
      timeout: this.#options.timeout,
      isFailing: () => this.#reads.isFailing,
      onOwed: () => this.#retryLater(),
    })
  }

  /** What the store says within so many milliseconds; `undefined` where it fails, or is left alone. */
  async #ask<T>(breaker: Breaker, ms: number, act: () => Awaitable<T>, how?: 'behind'): Promise<T | undefined> {
    if (breaker.ask() === 'open') return undefined
    try {
      const answer = await within(ms, act(), how)
      this.#succeed(breaker)
      return answer
    } catch (error) {
      return this.#fail(breaker, error)
    }
  }

  #isFor(access: Access | undefined): boolean {
    return this.#store.needsSecret !== true || access?.secret() !== undefined
  }

  #read(key: string, access: Access | undefined): Awaitable<Entry | undefined> {
    let found
    try {
      found = this.#store.get(key, access)
    } catch (error) {
      return this.#fail(this.#reads, error)
    }
    if (!isPromiseLike(found)) return this.#weigh(key, found)
    return within(this.#options.timeout, found).then(
      (entry) => this.#weigh(key, entry),
      (error: unknown) => this.#fail(this.#reads, error),
    )
  }

  /** `null` is how many stores say "none"; its type says otherwise, but a store is the app's own. */
  #weigh(key: string, entry: Entry | null | undefined): Entry | undefined {
    this.#succeed(this.#reads)
    // An entry of another key would be somebody else's answer.
    if (entry?.key !== key) return undefined
    return this.#isGone(entry) ? undefined : entry
  }

  #isGone(entry: Entry): boolean {
    for (const removal of this.#owed) if (isRemoved(entry, removal)) return true
    return false
  }

  #write(act: () => Awaitable<void>): Awaitable<void> {
    try {
      const result = act()
      if (!isPromiseLike(result)) return this.#succeed(this.#writes)
      return within(WRITE_TIMEOUT, result, 'behind').then(
        () => this.#succeed(this.#writes),
        (error: unknown) => this.#fail(this.#writes, error, true),
      )
    } catch (error) {
      return this.#fail(this.#writes, error, true)
    }
  }

  async #carryOut(removal: OwedRemoval): Promise<number> {
    if (removal.isRunning || this.#writes.ask() === 'open') return 0
    removal.isRunning = true
    try {
      // A write that comes later than the removal would bring back what it was to take out.
      await this.#behind.settled((entry) => isRemoved(entry, removal))
      const count = await within(WRITE_TIMEOUT, removed(this.#store, removal.filter))
      this.#owed.delete(removal)
      this.#succeed(this.#writes)
      return count
    } catch (error) {
      if (this.#owed.size > MAX_OWED) this.#oweEverything()
      this.#fail(this.#writes, error)
      this.#retryLater()
      return 0
    } finally {
      removal.isRunning = false
    }
  }

  /** Also where nobody calls: other processes wait to be told what was taken out. */
  #retryLater(): void {
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined
      for (const removal of this.#owed) void this.#carryOut(removal)
      void this.#questions?.carryOut()
      if (this.#owed.size > 0) this.#retryLater()
    }, RETRY).unref()
  }

  #oweEverything(): void {
    this.#owed.clear()
    this.#owed.add({ filter: {}, at: Date.now(), isRunning: false })
  }

  /** Also for a store that does not mind the filter. */
  async #find(filter: Filter & { readonly key: string }): Promise<EntryInfo | undefined> {
    for await (const info of this.#store.entries(filter)) if (info.key === filter.key) return info
    return undefined
  }

  #succeed(breaker: Breaker): void {
    if (breaker.succeeded()) for (const removal of this.#owed) void this.#carryOut(removal)
  }

  #fail(breaker: Breaker, error: unknown, isLost = false): undefined {
    if (isLost) this.#lose(error)
    if (breaker.failed()) this.#options.onError(error)
  }

  #lose(error: unknown): void {
    this.#lost++
    this.#lastError = error ?? this.#lastError
  }
}

/** One key alone is what every store can find. */
async function removed(store: CacheStore, filter: Filter): Promise<number> {
  const { key, ...rest } = filter
  const isKeyOnly = key !== undefined && Object.values(rest).every((value) => value === undefined)
  if (!isKeyOnly) return store.clear(filter)
  return (await store.delete(key)) ? 1 : 0
}
