import { setImmediate as turnOfLoop } from 'node:timers/promises'
import { isPromiseLike } from '../base/promises.ts'
import { atExit } from './at-exit.ts'
import { readContent, readMeta, type StoredRecord, writeContent, writeMeta } from './codec.ts'
import type { Entry, EntryInfo } from './entry.ts'
import { type Encryption, type Keyring, keyringOf } from './encryption.ts'
import { finish, kindOf, type SealKey, unwrap, wrap } from './envelope.ts'
import type { FigureBatch, HourFigures } from './figures.ts'
import type { Filter } from './filter.ts'
import type { Lease } from './lease.ts'
import type { NewRecord, RecordStore } from './records.ts'
import type { Removal } from './removal.ts'
import { SealedQuestions } from './sealed-questions.ts'
import type { Access, Awaitable, CacheStore, RestoreRefusal } from './store.ts'

/**
 * A CacheStore over a store of bytes: entries in the format of codec.ts, sealed. A damaged entry, or one under another
 * entry's metadata, is a miss and is removed. An entry that this caller can't open is a miss and stays.
 */
export function sealedStore(records: RecordStore, encryption: Encryption): CacheStore {
  return new SealedStore(records, keyringOf(encryption))
}

/** Larger content is sealed in slices, between other work. */
const AT_ONCE = 256 * 1024

class SealedStore implements CacheStore {
  readonly needsSecret: boolean
  readonly canList: boolean
  readonly writesAtExit: boolean
  readonly hit?: (key: string) => void
  readonly watch?: (onRemoval: (removal: Removal) => void) => void
  readonly lease?: (key: string) => Awaitable<Lease | undefined>
  readonly prepareLeases?: () => Awaitable<void>
  readonly questions?: SealedQuestions
  readonly addFigures?: (batch: FigureBatch) => Awaitable<void>
  readonly figures?: (since: number) => Awaitable<readonly HourFigures[]>
  readonly #records: RecordStore
  readonly #keyring: Keyring
  /** Large entries that are being sealed. */
  readonly #sealing = new Map<Sealing, Promise<void>>()
  #undoAtExit: (() => void) | undefined
  #hasWarned = false

  constructor(records: RecordStore, keyring: Keyring) {
    this.#records = records
    this.#keyring = keyring
    this.needsSecret = keyring.kind === 'credential'
    this.canList = records.canList !== false
    this.writesAtExit = records.flushSync !== undefined
    if (records.hit !== undefined) this.hit = (key) => records.hit?.(key)
    if (records.lease !== undefined) this.lease = (key) => records.lease?.(key)
    if (records.prepareLeases !== undefined) this.prepareLeases = () => records.prepareLeases?.()
    const { questions } = records
    if (questions !== undefined) this.questions = new SealedQuestions(questions, keyring, () => this.#warn())
    if (records.watch !== undefined) this.watch = (onRemoval) => records.watch?.(onRemoval)
    if (records.figures !== undefined) this.figures = (since) => records.figures?.(since) ?? []
    if (records.addFigures !== undefined) {
      this.addFigures = (batch) => {
        this.#watchExit()
        return records.addFigures?.(batch)
      }
    }
  }

  get(key: string, access?: Access): Awaitable<Entry | undefined> {
    const keys = this.#keyring.keys(access)
    if (keys === undefined) return undefined
    this.#watchExit()
    const found = this.#records.read(key)
    return isPromiseLike(found) ? found.then((record) => this.#open(key, record, keys)) : this.#open(key, found, keys)
  }

  set(entry: Entry, access?: Access): Awaitable<void> {
    const keys = this.#keyring.keys(access)
    if (keys === undefined) return undefined
    const meta = writeMeta(entry)
    const work = wrap(writeContent(entry), meta, this.#keyring.kind, keys[0])
    const write = (payload: NewRecord['payload']): Awaitable<void> =>
      this.#records.write({ meta, payload, info: entry })
    this.#watchExit()
    return entry.size <= AT_ONCE ? write(finish(work)) : this.#sealInSlices({ work, write, isSealed: false })
  }

  delete(key: string): Awaitable<boolean> {
    return this.#records.delete(key)
  }

  clear(filter: Filter = {}): Awaitable<number> {
    return this.#records.clear(filter)
  }

  entries(filter: Filter = {}): Iterable<EntryInfo> | AsyncIterable<EntryInfo> {
    return this.#records.list(filter)
  }

  async *records(filter: Filter = {}): AsyncGenerator<StoredRecord> {
    for await (const { key } of this.#records.list(filter)) {
      const record = await this.#records.read(key)
      if (record !== undefined) yield record
    }
  }

  restore({ meta, payload }: StoredRecord): Awaitable<RestoreRefusal | undefined> {
    const info = readMeta(meta)
    if (info === undefined) return 'damaged'
    const kind = kindOf(payload)
    if (kind === 'clear' && this.#keyring.kind === 'key') return this.#sealClear(meta, payload)
    if (kind !== this.#keyring.kind) return 'sealed'
    // Only its caller can open what is sealed under a credential.
    const opened = kind === 'credential' ? undefined : unwrap(payload, meta, kind, this.#keyring.keys(undefined) ?? [])
    if (opened?.is === 'damaged') return 'damaged'
    if (opened?.is === 'locked') return 'sealed'
    return done(this.#records.write({ meta, payload, info, isRestored: true }))
  }

  async flush(): Promise<void> {
    await Promise.all(this.#sealing.values())
    await this.#records.flush?.()
  }

  async close(): Promise<void> {
    this.#undoAtExit?.()
    this.#undoAtExit = undefined
    await Promise.allSettled(this.#sealing.values())
    await this.#records.close()
  }

  #open(key: string, record: StoredRecord | null | undefined, keys: readonly SealKey[]): Entry | undefined {
    if (record === undefined || record === null) return undefined
    const meta = readMeta(record.meta)
    if (meta === undefined || meta.key !== key) return this.#remove(key)
    const opened = unwrap(record.payload, record.meta, this.#keyring.kind, keys)
    if (opened.is === 'locked') return undefined
    const entry = opened.is === 'open' ? readContent(meta, opened.content) : undefined
    return entry ?? this.#remove(key)
  }

  #remove(key: string): undefined {
    this.#warn()
    // Not awaited. If it fails, the entry is found damaged again next time.
    new Promise((resolve) => resolve(this.#records.delete(key))).catch(() => undefined)
    return undefined
  }

  #warn(): void {
    if (this.#hasWarned) return
    this.#hasWarned = true
    const message = 'An entry of the store is damaged; such entries count as missing and are removed'
    process.emitWarning(message, { type: 'LlmCacheWarning', code: 'LLM_CACHE_STORE' })
  }

  #sealClear(meta: string, payload: StoredRecord['payload']): Awaitable<RestoreRefusal | undefined> {
    const info = readMeta(meta)
    const opened = unwrap(payload, meta, 'clear', [])
    const entry = info && opened.is === 'open' ? readContent(info, opened.content) : undefined
    if (entry === undefined) return 'damaged'
    const [key] = this.#keyring.keys(undefined) ?? []
    const sealed = finish(wrap(writeContent(entry), meta, this.#keyring.kind, key))
    return done(this.#records.write({ meta, payload: sealed, info: entry, isRestored: true }))
  }

  #sealInSlices(sealing: Sealing): Promise<void> {
    const written = this.#finishInSlices(sealing)
    this.#sealing.set(sealing, written)
    return written
  }

  async #finishInSlices(sealing: Sealing): Promise<void> {
    try {
      let step = sealing.work.next()
      while (step.done !== true) {
        await turnOfLoop()
        step = sealing.work.next()
      }
      sealing.isSealed = true
      await sealing.write(step.value)
    } finally {
      this.#sealing.delete(sealing)
    }
  }

  #watchExit(): void {
    if (this.#records.flushSync !== undefined) this.#undoAtExit ??= atExit('stores', () => this.#flushSync())
  }

  #flushSync(): void {
    // Entries that are already sealed are being written.
    for (const { work, write, isSealed } of this.#sealing.keys()) if (!isSealed) void write(finish(work))
    this.#records.flushSync?.()
  }
}

/** An entry that is being sealed. */
interface Sealing {
  readonly work: Generator<void, NewRecord['payload']>
  readonly write: (payload: NewRecord['payload']) => Awaitable<void>
  isSealed: boolean
}

function done(written: Awaitable<void>): Awaitable<undefined> {
  return isPromiseLike(written) ? written.then(() => undefined) : undefined
}
