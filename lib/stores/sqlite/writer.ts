import { randomUUID } from 'node:crypto'
import { renameSync } from 'node:fs'
import type { SQLInputValue } from 'node:sqlite'
import { readMeta } from '../codec.ts'
import type { EntryMeta } from '../entry.ts'
import { isOfOneKey } from '../filter.ts'
import { CLOCK_SKEW } from '../freshness.ts'
import { isRemoved, type Removal } from '../removal.ts'
import { damage, isBusy, isDamage, storeError } from './database.ts'
import { applyLease, forgetLeases } from './leases.ts'
import { addFigures, forgetFigures } from './figures.ts'
import { conditionOf } from './filter-sql.ts'
import { inodeOf, type OpenFile, openForWriting, type WriteAccess } from './open-file.ts'
import type { Operation, Outcome } from './operations.ts'
import { applyToQuestions, boundRejections } from './questions.ts'
import { removalOf } from './rows.ts'
import { pragma } from './schema.ts'

/** Options of {@link Writer}. */
export interface WriterOptions extends WriteAccess {
  readonly path: string
  /** Bytes of the pages in use. */
  readonly maxSize: number
}

/** Entries that one transaction deletes, so that others can write in between. */
const BATCH = 200
/** Share of `maxSize` that an eviction frees. */
const ROOM = 0.05
/** Milliseconds that a removal is kept: no answer takes longer from its call to its write. */
const REMOVAL_KNOWN = 3_600_000
/** Milliseconds after which an unfinished removal counts as abandoned by a killed process. */
const REMOVAL_LEFT = 10_000
/** Pages that one transaction returns to the file system: 16 MiB. */
const VACUUM_PAGES = 4_096

const DONE: Outcome = Object.freeze({ count: 0 })

/** Writes to one file, synchronously: in a worker, or when the process ends. */
export class Writer {
  readonly #options: WriterOptions
  readonly #onSetAside: (path: string) => void
  /** Distinguishes this process's removals from those of others. */
  readonly #origin = randomUUID()
  #open: OpenFile | undefined

  /** @param onSetAside called with the path to which a damaged file was moved */
  constructor(options: WriterOptions, onSetAside: (path: string) => void) {
    this.#options = options
    this.#onSetAside = onSetAside
  }

  /**
   * Carries out as many of these operations as possible, in order and in as few transactions as possible. Does not
   * throw.
   */
  apply(operations: readonly Operation[]): Outcome[] {
    try {
      return this.#applyAll(operations)
    } catch (error) {
      if (isDamage(error)) return this.#startAfresh(operations)
      // Waiting again for each would delay those behind them.
      if (operations.length === 1 || isBusy(error)) return operations.map(() => failed(error))
      // One of them may be at fault: try each on its own.
      return operations.flatMap((operation) => this.apply([operation]))
    }
  }

  /** Removes expired entries, finishes the work of killed processes, and deletes old removals. */
  maintain(now: number): void {
    const file = this.#file()
    this.#deleteWhere('kept_until <= ?', [now])
    const left = 'SELECT id, filter, at FROM removals WHERE is_done = 0 AND (at < ? OR at > ?)'
    for (const row of file.all(left, now - REMOVAL_LEFT, now + CLOCK_SKEW)) {
      this.#finishRemoval(Number(row['id']), removalOf(row))
    }
    boundRejections(file)
    file.run('DELETE FROM removals WHERE is_done = 1 AND at < ?', now - REMOVAL_KNOWN)
    forgetLeases(file, now)
    forgetFigures(file, now, this.#options.maxSize)
  }

  close(): void {
    this.#open?.close()
    this.#open = undefined
  }

  #applyAll(operations: readonly Operation[]): Outcome[] {
    const outcomes: Outcome[] = []
    for (const group of groupsOf(operations)) {
      const [first] = group
      if (first !== undefined && isLong(first)) outcomes.push(this.#removeMany(first.removal))
      else outcomes.push(...this.#file().transaction(() => group.map((operation) => this.#do(operation))))
    }
    this.#evict()
    return outcomes
  }

  #do(operation: Operation): Outcome {
    switch (operation.kind) {
      case 'write':
        return this.#write(operation)
      case 'remove':
        return this.#removeOne(operation.removal)
      case 'used':
        return this.#noteUse(operation.counts, operation.at)
      case 'lease':
        return { count: applyLease(this.#file(), operation, Date.now()) }
      case 'question':
        applyToQuestions(this.#file(), operation)
        return DONE
      case 'figures':
        addFigures(this.#file(), operation.batch, Date.now())
        return DONE
      case 'flush':
        return DONE
      case 'damaged':
        // If another file has replaced it, another process was faster.
        if (this.#file().inode === operation.inode) throw damage()
        return DONE
      default:
        return operation satisfies never
    }
  }

  #write({ meta: text, payload, isRestored }: Operation & { readonly kind: 'write' }): Outcome {
    const meta = readMeta(text)
    if (meta === undefined) throw storeError('The metadata of an entry are not well-formed')
    const file = this.#file()
    if (payload.length > this.#options.maxSize || (!isRestored && this.#isRemovedMeanwhile(meta))) return DONE
    const { key, namespace, provider, model, storedAt, keptUntil, tags } = meta
    const now = Date.now()
    const known = [key, namespace, provider, model ?? null, storedAt, keptUntil, now, payload.length, text]
    const latest = now + CLOCK_SKEW
    const row = file.get(UPSERT, ...known, latest, latest)
    // Another process has stored a newer entry.
    if (row === undefined) return DONE
    const id = Number(row['id'])
    file.run('INSERT OR REPLACE INTO payloads (id, bytes) VALUES (?, ?)', id, payload)
    file.run('DELETE FROM tags WHERE id = ?', id)
    for (const tag of new Set(tags)) file.run('INSERT INTO tags (tag, id) VALUES (?, ?)', tag, id)
    return DONE
  }

  /** Whether another process has removed the entry since it was stored. This process's own operations are in order. */
  #isRemovedMeanwhile(meta: EntryMeta): boolean {
    // A removal from the future was made while a clock was ahead: it would block all writes until then.
    const later = 'SELECT filter, at FROM removals WHERE at <= ? AND (at > ? OR (at = ? AND origin <> ?))'
    const rows = this.#file().all(later, Date.now() + CLOCK_SKEW, meta.storedAt, meta.storedAt, this.#origin)
    return rows.some((row) => isRemoved(meta, removalOf(row)))
  }

  #removeOne({ filter, at }: Removal): Outcome {
    const file = this.#file()
    file.run(ADD_REMOVAL, at, JSON.stringify(filter), this.#origin, 1)
    return { count: file.run('DELETE FROM entries WHERE key = ?', filter.key ?? '') }
  }

  /** All processes know the removal before the first entry is deleted, and serve none of them from then on. */
  #removeMany(removal: Removal): Outcome {
    const file = this.#file()
    const values = [removal.at, JSON.stringify(removal.filter), this.#origin, 0]
    // A transaction waits for a lock of another process.
    const row = file.transaction(() => file.get(`${ADD_REMOVAL} RETURNING id`, ...values))
    const count = this.#finishRemoval(Number(row?.['id']), removal)
    this.#shrink()
    return { count }
  }

  #finishRemoval(id: number, { filter, at }: Removal): number {
    const { sql, values } = conditionOf(filter, at)
    // See takesOut (removal.ts).
    const isBefore = '(stored_at <= ? OR stored_at > ?)'
    const count = this.#deleteWhere(`${isBefore}${sql}`, [at + CLOCK_SKEW, Date.now() + CLOCK_SKEW, ...values])
    this.#file().run('UPDATE removals SET is_done = 1 WHERE id = ?', id)
    return count
  }

  #deleteWhere(condition: string, values: readonly SQLInputValue[]): number {
    const sql = `DELETE FROM entries WHERE id IN (SELECT id FROM entries WHERE ${condition} LIMIT ${BATCH})`
    let count = 0
    for (;;) {
      const changes = this.#file().run(sql, ...values)
      count += changes
      if (changes < BATCH) return count
    }
  }

  #noteUse(counts: readonly (readonly [key: string, count: number])[], at: number): Outcome {
    const file = this.#file()
    const update = 'UPDATE entries SET used_at = max(used_at, ?), hits = hits + ? WHERE key = ?'
    for (const [key, count] of counts) file.run(update, at, count, key)
    return DONE
  }

  /** Evicts the least recently used entries until there is some room. */
  #evict(): void {
    const { maxSize } = this.#options
    let excess = this.#sizeInUse() - maxSize
    if (excess <= 0) return
    excess += maxSize * ROOM
    const file = this.#file()
    for (;;) {
      const oldest = file.all(OLDEST, BATCH)
      if (oldest.length === 0 || excess <= 0) return
      file.transaction(() => {
        for (const { id, size } of oldest) {
          if (excess <= 0) return
          file.run('DELETE FROM entries WHERE id = ?', id ?? null)
          excess -= Number(size)
        }
      })
    }
  }

  #sizeInUse(): number {
    const { db } = this.#file()
    return (pragma(db, 'page_count') - pragma(db, 'freelist_count')) * pragma(db, 'page_size')
  }

  #shrink(): void {
    const file = this.#file()
    while (pragma(file.db, 'freelist_count') > 0) file.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`)
  }

  /** The open file. Reopened if somebody has replaced or deleted it. */
  #file(): OpenFile {
    const { path } = this.#options
    if (this.#open !== undefined && this.#open.inode !== inodeOf(path)) this.close()
    this.#open ??= openForWriting(path, this.#options)
    return this.#open
  }

  #startAfresh(operations: readonly Operation[]): Outcome[] {
    try {
      this.#setAside()
      return this.#applyAll(operations)
    } catch (error) {
      return operations.map(() => failed(error))
    }
  }

  #setAside(): void {
    const { path } = this.#options
    const inode = this.#open?.inode ?? inodeOf(path)
    this.close()
    // Another process may have done it already.
    if (inode === undefined || inodeOf(path) !== inode) return
    const aside = `${path}.damaged-${new Date().toISOString().replaceAll(/[-:.]/g, '')}`
    for (const suffix of ['-wal', '-shm', '']) {
      if (inodeOf(path + suffix) !== undefined) renameSync(path + suffix, aside + suffix)
    }
    this.#onSetAside(aside)
  }
}

// An entry stored while a clock was ahead is not newer, and would never be replaced.
const UPSERT = `INSERT INTO entries (key, namespace, provider, model, stored_at, kept_until, used_at, size, meta)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (key) DO UPDATE SET namespace = excluded.namespace, provider = excluded.provider, model = excluded.model,
    stored_at = excluded.stored_at, kept_until = excluded.kept_until, used_at = excluded.used_at, size = excluded.size,
    meta = excluded.meta, hits = 0
  WHERE (excluded.stored_at >= stored_at AND excluded.stored_at <= ?) OR stored_at > ?
  RETURNING id`

// The size includes questions, since a vector may be larger than its answer.
const OLDEST = `SELECT id, size + ifnull((SELECT sum(length(bytes)) FROM questions WHERE entry = entries.id), 0) AS size
  FROM entries ORDER BY used_at LIMIT ?`

const ADD_REMOVAL = 'INSERT INTO removals (at, filter, origin, is_done) VALUES (?, ?, ?, ?)'

/** Groups operations by transaction. */
function groupsOf(operations: readonly Operation[]): Operation[][] {
  const groups: Operation[][] = []
  for (const operation of operations) {
    const last = groups.at(-1)
    const [first] = last ?? []
    if (last === undefined || first === undefined || isLong(first) || isLong(operation)) groups.push([operation])
    else last.push(operation)
  }
  return groups
}

/** Whether an operation may take many transactions. */
function isLong(operation: Operation): operation is Operation & { readonly kind: 'remove' } {
  return operation.kind === 'remove' && !isOfOneKey(operation.removal.filter)
}

function failed(error: unknown): Outcome {
  return { error: error instanceof Error ? error.message : String(error) }
}
