import type { KeyObject } from 'node:crypto'
import type { StoredRecord } from './codec.ts'
import type { Entry, EntryInfo } from './entry.ts'
import type { FigureBatch, HourFigures } from './figures.ts'
import type { Filter } from './filter.ts'
import type { Lease } from './lease.ts'
import type { Question, QuestionPage, QuestionRange } from './question.ts'
import type { Removal } from './removal.ts'

/** A value now, or later. */
export type Awaitable<T> = T | PromiseLike<T>

/** What a store may know of who asks: derived from the caller's credential, never the credential itself. */
export interface Access {
  /**
   * 32 bytes that only the bearer of this credential can derive (HKDF-SHA256); the same object each time, so that what
   * is made of it can be kept in a WeakMap. `undefined` if the call carries no secret (SigV4, a server without a
   * key), or where callers with different credentials share the entry.
   */
  secret(): KeyObject | undefined
  /** Whether the credential is replaced within a day. No later credential opens what was sealed under it. */
  isRotating(): boolean
}

/**
 * Why a record is not kept. `'damaged'`: its bytes don't belong to its metadata. `'sealed'`: this store can't open its
 * seal.
 */
export type RestoreRefusal = 'damaged' | 'sealed'

/**
 * Where questions are kept for matching by meaning, so that another process finds them. Texts and vectors come from
 * prompts: a store must protect them as well as it protects answers.
 */
export interface QuestionStore {
  /**
   * Keeps a question as long as the entry with its answer. It replaces an older one with the same partition and entry.
   * Where the entry is gone, the question is not kept.
   */
  add(question: Question, access?: Access): Awaitable<void>
  /** A page of the questions of a partition, newest first. */
  read(partition: string, range: QuestionRange, access?: Access): Awaitable<QuestionPage>
  /** Remembers that two questions must not be paired. `pair` is a digest of both. */
  reject(pair: string): Awaitable<void>
  /** Whether `reject` was called with this pair, by whichever process. */
  isRejected(pair: string): Awaitable<boolean>
}

/**
 * Where whole answers are kept, behind memory. Members may be synchronous or asynchronous. They may throw: the cache
 * then goes on without the store. A store may return an expired entry or not, as the cache checks `expiresAt` and
 * `keptUntil` itself, and it may lose an entry at any time. It must never return another entry, or a part of one. An
 * entry belongs to the cache: its bytes must not be changed. How to write a store, and test it: lib/stores/README.md.
 */
export interface CacheStore {
  /**
   * Whether the store keeps only what it can seal under the caller's {@link Access.secret}. The cache then gives it no
   * entry of a caller without one. Default `false`.
   */
  readonly needsSecret?: boolean
  /**
   * `false` if the store can only find a key and clear everything: listing, and any other filter, is an error.
   * Default `true`.
   */
  readonly canList?: boolean
  /** The entry under a key, for a caller that `access` belongs to; `undefined` if there is none that it may have. */
  get(key: string, access?: Access): Awaitable<Entry | undefined>
  /** Keeps an entry, in the place of an older one. Once it has resolved, `get` finds it. */
  set(entry: Entry, access?: Access): Awaitable<void>
  /** Removes the entry under a key. Gives whether there was one. */
  delete(key: string): Awaitable<boolean>
  /** Removes what the filter picks, by default everything. Gives how many there were. */
  clear(filter?: Filter): Awaitable<number>
  /** The metadata of what the filter picks, by default of everything, in any order. */
  entries(filter?: Filter): Iterable<EntryInfo> | AsyncIterable<EntryInfo>
  /** Waits for what `set` has begun, and closes what the store has opened. */
  close(): Awaitable<void>
  /**
   * Entries as they are kept, sealed or not, for `cache.export`. Without it they are read by `get`, without an access.
   */
  records?(filter?: Filter): AsyncIterable<StoredRecord>
  /**
   * Keeps a record of an export as it is. Gives the reason if it can't. Without it, an import takes only entries in
   * clear.
   */
  restore?(record: StoredRecord): Awaitable<RestoreRefusal | undefined>
  /** Called for each answer that memory serves, for eviction by last use. Called often, so it must be cheap. */
  hit?(key: string): void
  /** Resolves when all that was set before survives the end of the process. Without it, that is when `set` resolves. */
  flush?(): Awaitable<void>
  /**
   * Calls `onRemoval` for each removal, also of other processes (within a second), until the store is closed. Each
   * cache on this store calls `watch` once.
   */
  watch?(onRemoval: (removal: Removal) => void): void
  /**
   * Takes the lease of a key, for `coalesce: 'cluster'`; `undefined` if another instance has it. It expires after 10
   * s unless it is renewed.
   */
  lease?(key: string): Awaitable<Lease | undefined>
  /**
   * Called when a cache is made that will ask for leases, so that the store can start what takes time. The first lease
   * is asked for when it has resolved, or a second later.
   */
  prepareLeases?(): Awaitable<void>
  /**
   * The store's questions. Without it, the questions that `semantic` compares with are forgotten when the process ends.
   */
  readonly questions?: QuestionStore
  /**
   * Adds a batch to the figures that are kept for 30 days, by the hour, model and namespace; several processes add up.
   * Called once a minute at most while there is something to add, and at a flush.
   */
  addFigures?(batch: FigureBatch): Awaitable<void>
  /** Whether the store can still write while the process exits, without an event loop. Default `false`. */
  readonly writesAtExit?: boolean
  /** The figures of the hours that began at `since` (milliseconds since the epoch) or later, in any order. */
  figures?(since: number): Awaitable<readonly HourFigures[]>
}
