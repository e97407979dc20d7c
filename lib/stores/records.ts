import type { StoredRecord } from './codec.ts'
import type { EntryInfo, EntryMeta } from './entry.ts'
import type { FigureBatch, HourFigures } from './figures.ts'
import type { Filter } from './filter.ts'
import type { Lease } from './lease.ts'
import type { QuestionPage, QuestionRange } from './question.ts'
import type { Removal } from './removal.ts'
import type { Awaitable } from './store.ts'

/** A record to write. */
export interface NewRecord extends StoredRecord {
  /** The content of `meta`, for indexes. */
  readonly info: EntryMeta
  /** Whether it comes from an import: earlier removals don't apply to it, whatever its `storedAt`. */
  readonly isRestored?: boolean
}

/** A stored question, kept beside its entry. */
export interface QuestionRecord {
  readonly partition: string
  /** Of the entry. */
  readonly key: string
  readonly payload: Uint8Array<ArrayBuffer>
}

/** A question that was read, with its entry's metadata. */
export type FoundQuestion = Omit<QuestionRecord, 'partition'> & Pick<StoredRecord, 'meta'>

/** Questions in a store of bytes. Members have the same meaning as in {@link QuestionStore}. */
export interface QuestionRecords {
  write(question: QuestionRecord): Awaitable<void>
  read(partition: string, range: QuestionRange): Awaitable<FoundQuestions>
  remove(partition: string, key: string): Awaitable<void>
  reject(pair: string): Awaitable<void>
  isRejected(pair: string): Awaitable<boolean>
}

/** Some questions, newest first, and cursors as those of a {@link QuestionPage}. */
export interface FoundQuestions extends Pick<QuestionPage, 'newest' | 'next'> {
  readonly records: readonly FoundQuestion[]
}

/**
 * A store of bytes; `sealedStore` makes a CacheStore of it. Metadata are separate from payloads, so that listing and
 * clearing never read an answer. Members have the same meaning as in {@link CacheStore}.
 */
export interface RecordStore {
  readonly canList?: boolean
  read(key: string): Awaitable<StoredRecord | undefined>
  write(record: NewRecord): Awaitable<void>
  delete(key: string): Awaitable<boolean>
  clear(filter: Filter): Awaitable<number>
  list(filter: Filter): Iterable<EntryInfo> | AsyncIterable<EntryInfo>
  close(): Awaitable<void>
  hit?(key: string): void
  flush?(): Awaitable<void>
  /** Called when the process exits: writes what is left without the event loop, within a second. */
  flushSync?(): void
  watch?(onRemoval: (removal: Removal) => void): void
  prepareLeases?(): Awaitable<void>
  lease?(key: string): Awaitable<Lease | undefined>
  readonly questions?: QuestionRecords
  addFigures?(batch: FigureBatch): Awaitable<void>
  figures?(since: number): Awaitable<readonly HourFigures[]>
}
