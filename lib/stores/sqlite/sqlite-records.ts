import { randomUUID } from 'node:crypto'
import { setImmediate as turnOfLoop } from 'node:timers/promises'
import type { EntryInfo } from '../entry.ts'
import type { FigureBatch, HourFigures } from '../figures.ts'
import type { Filter } from '../filter.ts'
import type { Lease } from '../lease.ts'
import type { StoredRecord } from '../codec.ts'
import type { NewRecord, QuestionRecords, RecordStore } from '../records.ts'
import { OwnRemovals } from '../own-removals.ts'
import type { Removal } from '../removal.ts'
import { isBusy, isDamage } from './database.ts'
import type { LeaseOperation } from './leases.ts'
import { NO_QUESTIONS, Reader } from './reader.ts'
import type { QuestionOperation } from './questions.ts'
import type { Operation } from './operations.ts'
import { Writer, type WriterOptions } from './writer.ts'
import { WriterThread } from './writer-thread.ts'

/** Milliseconds between two polls for removals by other processes. */
const WATCH = 400
/** Milliseconds until uses of entries are written, and how many are written at once. */
const NOTE_USE = 1_000
const MAX_USED = 1_000
/** Milliseconds that a final write may delay the end of the process. */
const AT_EXIT = 1_000

/** Records in one SQLite file: the main thread reads, a worker writes. Opened at first use, also after a close. */
export class SqliteRecords implements RecordStore {
  readonly #options: WriterOptions
  readonly #reader: Reader
  readonly #writer: WriterThread
  readonly #watchers = new Set<(removal: Removal) => void>()
  readonly #own = new OwnRemovals()
  readonly questions: QuestionRecords = {
    write: (question) => this.#ask({ kind: 'question', act: 'write', ...question }),
    remove: (partition, key) => this.#ask({ kind: 'question', act: 'remove', partition, key }),
    reject: (pair) => this.#ask({ kind: 'question', act: 'reject', pair }),
    read: (partition, range) => this.#tryTo(() => this.#reader.questions(partition, range)) ?? NO_QUESTIONS,
    // In case of doubt a pair counts as rejected: a miss at worst.
    isRejected: (pair) => this.#tryTo(() => this.#reader.isRejected(pair)) ?? true,
  }
  /** Uses of entries that are not written yet. */
  #used = new Map<string, number>()
  /** Figures to send in the next turn of the event loop, or when the process ends. */
  readonly #figures = new Set<FigureBatch>()
  #watch: NodeJS.Timeout | undefined
  #noteUse: NodeJS.Timeout | undefined

  constructor(options: WriterOptions) {
    this.#options = options
    this.#reader = new Reader(options.path)
    this.#writer = new WriterThread(options, (path) => this.#wasSetAside(path))
  }

  read(key: string): StoredRecord | undefined {
    this.#startWatch()
    const found = this.#tryTo(() => this.#reader.read(key))
    // A miss will soon need to write an answer.
    if (found === undefined) this.#writer.startAhead()
    return found
  }

  async write({ meta, payload, isRestored = false }: NewRecord): Promise<void> {
    this.#startWatch()
    await this.#writer.ask({ kind: 'write', meta, payload, isRestored })
  }

  async delete(key: string): Promise<boolean> {
    return (await this.clear({ key })) > 0
  }

  clear(filter: Filter): Promise<number> {
    const removal = { filter, at: Date.now() }
    this.#own.add(removal)
    return this.#writer.ask({ kind: 'remove', removal })
  }

  async *list(filter: Filter): AsyncGenerator<EntryInfo> {
    for (let after: number | undefined = 0; after !== undefined;) {
      const start: number = after
      const page = this.#tryTo(() => this.#reader.page(filter, start))
      for (const info of page?.entries ?? []) yield { ...info, hits: info.hits + (this.#used.get(info.key) ?? 0) }
      after = page?.last
      await turnOfLoop()
    }
  }

  hit(key: string): void {
    this.#used.set(key, (this.#used.get(key) ?? 0) + 1)
    if (this.#used.size >= MAX_USED) this.#sendUsed()
    else this.#noteUse ??= setTimeout(() => this.#sendUsed(), NOTE_USE).unref()
  }

  async flush(): Promise<void> {
    this.#sendUsed()
    if (this.#writer.isRunning) await this.#writer.ask({ kind: 'flush' })
  }

  flushSync(): void {
    if (this.#writer.isRunning) {
      this.#sendWaiting()
      this.#writer.waitSync(AT_EXIT)
    } else this.#writeHere()
  }

  async addFigures(batch: FigureBatch): Promise<void> {
    this.#figures.add(batch)
    // That turn never comes when the process ends: then they are written without it.
    await turnOfLoop()
    if (this.#figures.delete(batch)) await this.#writer.ask({ kind: 'figures', batch })
  }

  figures(since: number): readonly HourFigures[] {
    return this.#tryTo(() => this.#reader.figures(since)) ?? []
  }

  /** Resolves when the worker has started, which takes 50 ms, and has opened the file. */
  async prepareLeases(): Promise<void> {
    await this.#writer.ask({ kind: 'flush' })
  }

  /** Called repeatedly while a call waits for another's answer, so the worker is only asked if the lease is free. */
  async lease(key: string): Promise<Lease | undefined> {
    if (this.#tryTo(() => this.#reader.isLeased(key)) === true) return undefined
    const token = randomUUID()
    const ask = async (act: LeaseOperation['act']): Promise<boolean> =>
      (await this.#writer.ask({ kind: 'lease', act, key, token })) > 0
    if (!(await ask('take'))) return undefined
    return {
      renew: () => ask('renew'),
      // After a close this would start another worker.
      release: async () => void (this.#writer.isRunning && (await ask('release').catch(() => undefined))),
    }
  }

  watch(onRemoval: (removal: Removal) => void): void {
    this.#watchers.add(onRemoval)
  }

  async close(): Promise<void> {
    clearInterval(this.#watch)
    this.#watch = undefined
    this.#watchers.clear()
    if (this.#writer.isRunning) this.#sendWaiting()
    else this.#writeHere()
    // The last connection to close removes the WAL file, which only a writer can.
    this.#reader.close()
    await this.#writer.close()
  }

  async #ask(operation: QuestionOperation): Promise<void> {
    await this.#writer.ask(operation)
  }

  #sendUsed(): void {
    const operation = this.#takeUsed()
    // If this fails, an eviction may remove a recently used entry.
    if (operation !== undefined) this.#writer.ask(operation).catch(() => undefined)
  }

  #sendWaiting(): void {
    this.#sendUsed()
    for (const operation of this.#takeFigures()) this.#writer.ask(operation).catch(() => undefined)
  }

  /** Writes in this thread, since starting a worker would take longer. */
  #writeHere(): void {
    const used = this.#takeUsed()
    const figures = this.#takeFigures()
    if (used === undefined && figures.length === 0) return
    const busyTimeout = figures.length > 0 ? AT_EXIT / 2 : 0
    const writer = new Writer({ ...this.#options, busyTimeout }, () => undefined)
    writer.apply(used === undefined ? figures : [...figures, used])
    writer.close()
  }

  #takeFigures(): Operation[] {
    const batches = [...this.#figures]
    this.#figures.clear()
    return batches.map((batch) => ({ kind: 'figures', batch }))
  }

  #takeUsed(): { kind: 'used'; counts: [string, number][]; at: number } | undefined {
    clearTimeout(this.#noteUse)
    this.#noteUse = undefined
    if (this.#used.size === 0) return undefined
    const counts = [...this.#used]
    this.#used = new Map()
    return { kind: 'used', counts, at: Date.now() }
  }

  /** Starts at the first use: from then on another process may remove what is in memory. */
  #startWatch(): void {
    if (this.#watch !== undefined) return
    this.#watch = setInterval(() => this.#lookForNews(), WATCH).unref()
    this.#lookForNews()
  }

  #lookForNews(): void {
    try {
      const news = this.#tryTo(() => this.#reader.news()) ?? []
      for (const removal of news.map((one) => this.#own.mark(one))) for (const tell of this.#watchers) tell(removal)
    } catch {
      // The next read fails in the same way, and reports it.
    }
  }

  /**
   * Returns `undefined` if a process is just creating the file, or repairing it after another one was killed, which
   * takes a moment. The writer moves a damaged file aside.
   */
  #tryTo<T>(read: () => T): T | undefined {
    try {
      return read()
    } catch (error) {
      if (isBusy(error)) return undefined
      if (!isDamage(error)) throw error
      const { inode } = this.#reader
      this.#reader.close()
      this.#writer.ask({ kind: 'damaged', inode }).catch(() => undefined)
      return undefined
    }
  }

  #wasSetAside(path: string): void {
    this.#reader.close()
    const message = `The store's file was damaged; it is now ${path}, and a new one is begun`
    process.emitWarning(message, { type: 'LlmCacheWarning', code: 'LLM_CACHE_STORE' })
  }
}
