import { LlmCacheError } from '../base/errors.ts'
import { isPromiseLike, within } from '../base/promises.ts'
import { Breaker } from './breaker.ts'
import type { StoredRecord } from './codec.ts'
import type { Entry, EntryInfo } from './entry.ts'
import { FigureTier } from './figure-tier.ts'
import { type Filter, isEmpty, isOfOneKey } from './filter.ts'
import { LeaseTier } from './lease-tier.ts'
import { PendingRemovals } from './pending-removals.ts'
import { type CallQuestions, QuestionTier } from './question-tier.ts'
import type { Access, Awaitable, CacheStore, RestoreRefusal } from './store.ts'
import { WriteBehind } from './write-behind.ts'

/** Options that keep a store from delaying or failing calls. */
export interface SecondTierOptions {
  /** Milliseconds after which a lookup goes on without the store. */
  readonly timeout: number
  /** Called for the first failure of an outage. */
  readonly onError: (error: unknown) => void
  /** Called for each answer that the store can't seal, and for each that is sealed under a rotating credential. */
  readonly onNotice: (notice: 'no-secret' | 'rotating') => void
}

/** Milliseconds after which a write or a removal counts as failed. Nobody waits for a write. */
const WRITE_TIMEOUT = 10_000
/** Milliseconds that `close` waits for the store: an app that ends can't wait for a store that hangs. */
const CLOSE_TIMEOUT = 2_000
/** Milliseconds that the store's own flush may take, however long other waits took. */
const LEAST_TIMEOUT = 1_000
/** Milliseconds until a removal that failed is tried again. */
const RETRY = 1_000

/**
 * A store with protection for calls: time limits, and writes after the answers. Reading and writing have separate
 * circuit breakers, because a store that is full or read-only can still be read. A removal takes effect at once, even
 * while the store can't be reached; the store is told of it when it is back.
 */
export class SecondTier {
  readonly #store: CacheStore
  readonly #options: SecondTierOptions
  readonly #reads = new Breaker()
  readonly #writes = new Breaker()
  readonly #behind = new WriteBehind()
  readonly #removals: PendingRemovals
  readonly #questions: QuestionTier | undefined
  readonly figures: FigureTier
  readonly leases: LeaseTier
  #retry: NodeJS.Timeout | undefined
  #isClosed = false
  /** Once `close` is done, nothing is reported: no call goes on, with the store or without it. */
  #isOver = false
  /** Answers that could not be written since the last flush. */
  #lost = 0
  #lastError: unknown

  constructor(store: CacheStore, options: SecondTierOptions) {
    this.#store = store
    this.#options = options
    const common = { behind: this.#behind, onPending: () => this.#retryLater() }
    this.#removals = new PendingRemovals(store, {
      ...common,
      write: (act) => this.#ask(this.#writes, WRITE_TIMEOUT, act),
    })
    this.#questions =
      store.questions &&
      new QuestionTier(store.questions, {
        ...common,
        read: (milliseconds, act, how) => this.#ask(this.#reads, milliseconds, act, how),
        write: (act) => this.#ask(this.#writes, WRITE_TIMEOUT, act, 'behind'),
        timeout: options.timeout,
        isFailing: () => this.#reads.isFailing,
      })
    const isFailing = (): boolean => this.#reads.isFailing || this.#writes.isFailing
    const onError = (error: unknown): void => this.#report(error)
    this.figures = new FigureTier(store, { timeout: WRITE_TIMEOUT, isFailing, onError })
    this.leases = new LeaseTier(store, { timeout: options.timeout, isFailing })
  }

  /** The store's entry; `undefined` if there is none, or after the timeout. Synchronous if the store is. */
  get(key: string, access: Access | undefined): Awaitable<Entry | undefined> {
    if (!this.keeps(access)) return undefined
    const permission = this.#reads.ask()
    if (permission === 'open') return undefined
    const found = this.#read(key, access)
    return permission === 'probe' ? undefined : found
  }

  /** Writes after the answer, without delaying it. */
  set(entry: Entry, access: Access | undefined): void {
    if (!this.keeps(access)) return this.#options.onNotice('no-secret')
    if (access?.isRotating() === true) this.#options.onNotice('rotating')
    if (this.#writes.ask() === 'open') return this.#lose(undefined)
    if (this.#behind.isFull(entry.size)) {
      const error = new LlmCacheError('ERR_LLM_CACHE_STORE', 'Too many answers wait to be stored')
      return this.#fail(this.#writes, error, true)
    }
    this.#behind.start(entry, () => this.#write(() => this.#store.set(entry, access)))
  }

  /** @throws LlmCacheError with code `ERR_LLM_CACHE_STORE` for a filter that the store does not support. */
  checkFilter(filter: Filter): void {
    if (this.#store.canList !== false || isEmpty(filter) || isOfOneKey(filter)) return
    throw new LlmCacheError(
      'ERR_LLM_CACHE_STORE',
      "The store can't list its entries: it can only clear one key, or all",
    )
  }

  /** Whether the store keeps answers for this caller: a store that seals them needs the caller's secret. */
  keeps(access: Access | undefined): boolean {
    return this.#store.needsSecret !== true || access?.secret() !== undefined
  }

  /** Resolves when the current writes of a key have ended. */
  written(key: string): Promise<void> {
    return this.#behind.settled((entry) => entry.key === key)
  }

  /** Questions of a caller; `undefined` if none are kept for it. */
  questions(access: Access | undefined): CallQuestions | undefined {
    return this.keeps(access) ? this.#questions?.of(access) : undefined
  }

  /** Remembers that two questions must not be paired. */
  async reject(pair: string): Promise<void> {
    await this.#questions?.reject(pair)
  }

  hit(key: string): void {
    this.#store.hit?.(key)
  }

  /**
   * Entries that match the filter count as removed as soon as this returns. Resolves to how many the store had, once it
   * has removed them.
   */
  remove(filter: Filter): Promise<number> {
    return this.#removals.remove(filter)
  }

  entries(filter: Filter): Iterable<EntryInfo> | AsyncIterable<EntryInfo> {
    return this.#store.entries(filter)
  }

  /** The metadata of one entry; `undefined` if there is none or the store fails. */
  async info(filter: Filter & { readonly key: string }): Promise<EntryInfo | undefined> {
    return this.#ask(this.#reads, WRITE_TIMEOUT, async () => {
      // The app's own store may ignore the filter.
      for await (const info of this.#store.entries(filter)) if (info.key === filter.key) return info
      return undefined
    })
  }

  /**
   * Records of entries that match the filter, as the store keeps them. A store without records is read by `get`,
   * unencrypted.
   */
  async *records(filter: Filter, toRecord: (entry: Entry) => StoredRecord): AsyncGenerator<StoredRecord> {
    await this.#behind.settled()
    if (this.#store.records !== undefined) return yield* this.#store.records(filter)
    for await (const { key } of this.#store.entries(filter)) {
      const entry = await this.#store.get(key)
      if (entry?.key === key) yield toRecord(entry)
    }
  }

  /** Whether the store accepts records. */
  get canRestore(): boolean {
    return this.#store.restore !== undefined
  }

  /** Hands the store a record of an export. Resolves to the reason if it can't be kept, else to `undefined`. */
  async restore(record: StoredRecord): Promise<RestoreRefusal | 'store' | undefined> {
    try {
      return await within(WRITE_TIMEOUT, this.#store.restore?.(record))
    } catch (error) {
      this.#fail(this.#writes, error)
      return 'store'
    }
  }

  /**
   * Resolves when everything that was set or removed so far would survive the end of the process.
   *
   * @throws LlmCacheError with code `ERR_LLM_CACHE_STORE` if an answer could not be stored since the last flush, or a
   * removal could not be made.
   */
  async flush(): Promise<void> {
    const end = performance.now() + WRITE_TIMEOUT
    await this.#behind.settled()
    await Promise.all([this.#questions?.carryOut(), this.#removals.carryOut()])
    // Writes may have used up the time already: a store that hangs is not waited for twice as long.
    const isFlushed = await this.#flushStore(Math.max(LEAST_TIMEOUT, end - performance.now()))
    const lost = this.#lost
    this.#lost = 0
    const pending = this.#removals.size + (this.#questions?.pending ?? 0)
    if (isFlushed && lost === 0 && pending === 0) return
    const what = `${lost} answers and ${pending} removals did not reach the store`
    throw new LlmCacheError('ERR_LLM_CACHE_STORE', what, { cause: this.#lastError })
  }

  async #flushStore(milliseconds: number): Promise<boolean> {
    try {
      await within(milliseconds, this.#store.flush?.())
      return true
    } catch (error) {
      this.#lastError = error
      this.#fail(this.#writes, error)
      return false
    }
  }

  /** Waits up to 2 seconds each for current writes, and for the store to close. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#retry)
    this.#questions?.close()
    await within(CLOSE_TIMEOUT, this.#behind.settled()).catch(() => undefined)
    try {
      await within(CLOSE_TIMEOUT, this.#store.close())
    } catch (error) {
      this.#fail(this.#writes, error)
    }
    this.#isOver = true
  }

  /** The store's result within `ms` milliseconds; `undefined` if it fails, is late, or the breaker is open. */
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

  #read(key: string, access: Access | undefined): Awaitable<Entry | undefined> {
    let found
    try {
      found = this.#store.get(key, access)
    } catch (error) {
      return this.#fail(this.#reads, error)
    }
    if (!isPromiseLike(found)) return this.#check(key, found)
    return within(this.#options.timeout, found).then(
      (entry) => this.#check(key, entry),
      (error: unknown) => this.#fail(this.#reads, error),
    )
  }

  /** The app's own store may return `null` for "none", although the type forbids it. */
  #check(key: string, entry: Entry | null | undefined): Entry | undefined {
    this.#succeed(this.#reads)
    // An entry with another key is the answer to another call.
    if (entry?.key !== key) return undefined
    return this.#removals.isRemoved(entry) ? undefined : entry
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

  /** Retries without waiting for the next call: other processes serve removed entries until the store is told. */
  #retryLater(): void {
    if (this.#isClosed) return
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined
      void this.#removals.carryOut()
      void this.#questions?.carryOut()
    }, RETRY).unref()
  }

  #succeed(breaker: Breaker): void {
    if (breaker.succeeded()) void this.#removals.carryOut()
  }

  #fail(breaker: Breaker, error: unknown, isLost = false): undefined {
    if (isLost) this.#lose(error)
    if (breaker.failed()) this.#report(error)
  }

  #report(error: unknown): void {
    if (!this.#isOver) this.#options.onError(error)
  }

  #lose(error: unknown): void {
    this.#lost++
    this.#lastError = error ?? this.#lastError
  }
}
