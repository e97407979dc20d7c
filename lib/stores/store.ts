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
   * 32 bytes that only the bearer of this credential can derive (HKDF-SHA256); the same object each time, so that what is
   * made of it can be kept in a WeakMap. `undefined` where the call carries no secret (SigV4, a server without a key), or
   * where callers with different credentials share the entry.
   */
  secret(): KeyObject | undefined
  /** Whether the credential is one that is replaced within a day: with it goes the key of every entry. */
  isRotating(): boolean
}

/** Why a record is not kept: its bytes don't belong to its metadata, or it is sealed otherwise than this store seals. */
export type RestoreRefusal = 'damaged' | 'sealed'

/**
 * Where questions are kept for matching by meaning, so that another process finds them. What `add` and `read` are handed is
 * derived from prompts: it must leave the process as well protected as the answers.
 */
export interface QuestionStore {
  /**
   * Keeps a question as long as the entry with its answer, in the place of an older one with the same partition and entry;
   * not at all where the entry is gone.
   */
  add(question: Question, access?: Access): Awaitable<void>
  /** A page of the questions of a partition, newest first. */
  read(partition: string, range: QuestionRange, access?: Access): Awaitable<QuestionPage>
  /** Remembers that two questions must not be paired; the text tells nothing of them. */
  reject(pair: string): Awaitable<void>
  isRejected(pair: string): Awaitable<boolean>
}

/**
 * Where whole answers are kept, behind memory. Members may be synchronous or asynchronous, and may throw: the cache then
 * goes on without them. An expired entry may be returned or not (the cache looks at `expiresAt` and `keptUntil` itself),
 * and a store may lose an entry at any time; it must never give back another one, or a part of one. An entry belongs to
 * the cache: its bytes must not be changed. How to write one, and test it: lib/stores/README.md.
 */
export interface CacheStore {
  /**
   * Whether the store keeps only what it can seal under the caller's {@link Access.secret}. The cache then hands it no entry
   * without one.
   */
  readonly needsSecret?: boolean
  /** `false` where the store can find a key again, or lose all, but nothing else: other filters, and listing, are errors. */
  readonly canList?: boolean
  get(key: string, access?: Access): Awaitable<Entry | undefined>
  /** Once it has resolved, `get` finds the entry. */
  set(entry: Entry, access?: Access): Awaitable<void>
  /** Whether there was one. */
  delete(key: string): Awaitable<boolean>
  /** How many went. */
  clear(filter?: Filter): Awaitable<number>
  entries(filter?: Filter): Iterable<EntryInfo> | AsyncIterable<EntryInfo>
  /** Ends what `set` has begun, and gives back what it holds open. */
  close(): Awaitable<void>
  /** Entries as they are kept, sealed or not, for `cache.export`. Without it they are read by `get`, without an access. */
  records?(filter?: Filter): AsyncIterable<StoredRecord>
  /** Keeps a record of an export as it is. Gives the reason where it can't; without it only entries in clear are taken. */
  restore?(record: StoredRecord): Awaitable<RestoreRefusal | undefined>
  /** Told of each answer that memory serves, for eviction by last use; called often. */
  hit?(key: string): void
  /** Resolves when all that was set before survives the end of the process. A store without it: when `set` resolves. */
  flush?(): Awaitable<void>
  /**
   * Calls `onRemoval` for what is taken out, by other processes too and then within a second, until the store is closed.
   * Each cache on this store calls it once.
   */
  watch?(onRemoval: (removal: Removal) => void): void
  /**
   * Takes the lease of a key, for `coalesce: 'cluster'`: `undefined` where another instance has it. It lives 10 s unless it is
   * renewed.
   */
  lease?(key: string): Awaitable<Lease | undefined>
  /** Told when a cache is made that will ask for leases: what takes time to start may start now. */
  prepareLeases?(): void
  /** Without it, what is matched by meaning is forgotten at the end of the process. */
  readonly questions?: QuestionStore
  /**
   * Adds a batch to the figures that are kept for 30 days, by the hour, model and namespace; several processes add up.
   * Called once a minute at most while there is something to add, and at a flush.
   */
  addFigures?(batch: FigureBatch): Awaitable<void>
  /** Whether what it is handed while the process exits, without an event loop, is kept all the same. */
  readonly writesAtExit?: boolean
  /** The figures of the hours that began at `since` (milliseconds since the epoch) or later, in any order. */
  figures?(since: number): Awaitable<readonly HourFigures[]>
}
