import type { KeyObject } from 'node:crypto'
import type { StoredRecord } from './codec.ts'
import type { Entry, EntryInfo } from './entry.ts'
import type { FigureBatch, HourFigures } from './figures.ts'
import type { Filter } from './filter.ts'
import type { Lease } from './lease.ts'
import type { Question, QuestionPage, QuestionRange } from './question.ts'
import type { Removal } from './removal.ts'

/** A value or a promise of it. */
export type Awaitable<T> = T | PromiseLike<T>

/** What a store may know of the caller: derived from the caller's credential, never the credential itself. */
export interface Access {
  /**
   * 32 bytes that only the owner of this credential can derive (HKDF-SHA256). Always the same object, so that values
   * derived from it can be kept in a WeakMap. `undefined` if the call has no secret (SigV4, a server without a key), or
   * if callers with different credentials share the entry.
   */
  secret(): KeyObject | undefined
  /** Whether the credential changes within a day. No later credential opens what was sealed under it. */
  isRotating(): boolean
}

/**
 * Why a record is not stored. `'damaged'`: its bytes don't match its metadata. `'sealed'`: this store can't open its
 * seal.
 */
export type RestoreRefusal = 'damaged' | 'sealed'

/**
 * Stores questions for matching by meaning, so that other processes find them. Texts and vectors come from prompts: a
 * store must protect them as well as answers.
 */
export interface QuestionStore {
  /**
   * Keeps a question as long as the entry with its answer. Replaces an older one with the same partition and entry. If
   * the entry is gone, the question is not stored.
   */
  add(question: Question, access?: Access): Awaitable<void>
  /** A page of the questions of a partition, newest first. */
  read(partition: string, range: QuestionRange, access?: Access): Awaitable<QuestionPage>
  /** Remembers that two questions must not be paired. `pair` is a digest of both. */
  reject(pair: string): Awaitable<void>
  /** Whether `reject` was called with this pair, in any process. */
  isRejected(pair: string): Awaitable<boolean>
}

/**
 * Stores whole answers, behind memory. Members may be synchronous or asynchronous. They may throw: the cache then goes
 * on without the store. A store may return expired entries, since the cache itself checks `expiresAt` and `keptUntil`,
 * and it may lose an entry at any time. It must never return another entry, or a part of one. Entries belong to the
 * cache: their bytes must not be changed. lib/stores/README.md says how to write and test a store.
 */
export interface CacheStore {
  /**
   * Whether the store keeps only what it can seal under the caller's {@link Access.secret}. Then the cache gives it no
   * entry of a caller without one. Default `false`.
   */
  readonly needsSecret?: boolean
  /**
   * `false` if the store can only find single keys and clear everything: listing, and any other filter, is an error.
   * Default `true`.
   */
  readonly canList?: boolean
  /** The entry under a key, for the caller of `access`; `undefined` if there is none that this caller may have. */
  get(key: string, access?: Access): Awaitable<Entry | undefined>
  /** Stores an entry, replacing an older one. Once it has resolved, `get` finds the entry. */
  set(entry: Entry, access?: Access): Awaitable<void>
  /** Removes the entry under a key. Returns whether there was one. */
  delete(key: string): Awaitable<boolean>
  /** Removes entries that match the filter, by default all. Returns their number. */
  clear(filter?: Filter): Awaitable<number>
  /** The metadata of entries that match the filter, by default of all, in any order. */
  entries(filter?: Filter): Iterable<EntryInfo> | AsyncIterable<EntryInfo>
  /** Waits for pending `set` calls, and closes what the store has opened. */
  close(): Awaitable<void>
  /**
   * Stored entries without unsealing, for `cache.export`. Without this member they are read by `get`, without an
   * access.
   */
  records?(filter?: Filter): AsyncIterable<StoredRecord>
  /**
   * Stores a record of an export unchanged. Returns the reason if it can't. Without this member, an import accepts only
   * unencrypted entries.
   */
  restore?(record: StoredRecord): Awaitable<RestoreRefusal | undefined>
  /** Called for each answer that memory serves, for eviction by last use. It is called often, so it must be cheap. */
  hit?(key: string): void
  /**
   * Resolves when everything set before would survive the end of the process. Without this member, that is when `set`
   * resolves.
   */
  flush?(): Awaitable<void>
  /**
   * Calls `onRemoval` for each removal, including those of other processes (within a second), until the store is
   * closed. Each cache on this store calls `watch` once.
   */
  watch?(onRemoval: (removal: Removal) => void): void
  /**
   * Takes the lease of a key, for `coalesce: 'cluster'`; `undefined` if another instance has it. It expires after 10 s
   * unless renewed.
   */
  lease?(key: string): Awaitable<Lease | undefined>
  /**
   * Called when a cache is created that will ask for leases, so that the store can prepare for them. The first lease is
   * requested when it has resolved, or a second later.
   */
  prepareLeases?(): Awaitable<void>
  /** The store's questions. Without this member, the questions of `semantic` are forgotten when the process ends. */
  readonly questions?: QuestionStore
  /**
   * Adds a batch to the figures, which are kept for 30 days by hour, model and namespace and summed up over processes.
   * Called at most once a minute if there is anything to add, and at a flush.
   */
  addFigures?(batch: FigureBatch): Awaitable<void>
  /** Whether the store can still write while the process exits, without an event loop. Default `false`. */
  readonly writesAtExit?: boolean
  /** The figures of the hours that began at `since` (milliseconds since the epoch) or later, in any order. */
  figures?(since: number): Awaitable<readonly HourFigures[]>
}
