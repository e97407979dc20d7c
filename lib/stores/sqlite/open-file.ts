import { closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite'
import { LOCK_WAIT, openDatabase, whenFree } from './database.ts'
import { migrate } from './schema.ts'

/** A row by column. */
export type Row = Readonly<Record<string, SQLOutputValue>>

/** An open database file. Statements are prepared once. */
export class OpenFile {
  readonly db: DatabaseSync
  /** The file's inode, to check whether the path still leads to this file. */
  readonly inode: number | undefined
  readonly #busyTimeout: number
  readonly #statements = new Map<string, StatementSync>()
  /** Tables that are known to exist. */
  readonly #tables = new Set<string>()

  /** @param busyTimeout milliseconds that a change waits for another process's lock */
  constructor(db: DatabaseSync, inode: number | undefined, busyTimeout: number = 0) {
    this.db = db
    this.inode = inode
    this.#busyTimeout = busyTimeout
  }

  /** Runs a statement; returns the number of changed rows. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return whenFree(this.#busyTimeout, () => Number(this.#prepare(sql).run(...values).changes))
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepare(sql).get(...values)
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...values)
  }

  /** Runs a statement without a result. */
  exec(sql: string): void {
    whenFree(this.#busyTimeout, () => this.db.exec(sql))
  }

  /** Whether a table exists: a file of an earlier version may lack it until somebody writes to it. */
  has(table: string): boolean {
    if (this.#tables.has(table)) return true
    const isThere = this.get("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", table) !== undefined
    if (isThere) this.#tables.add(table)
    return isThere
  }

  /** Runs `act` in a transaction, which is rolled back if it throws. */
  transaction<T>(act: () => T): T {
    whenFree(this.#busyTimeout, () => this.db.exec('BEGIN IMMEDIATE'))
    try {
      const result = act()
      this.db.exec('COMMIT')
      return result
    } catch (error) {
      // A full disk has already rolled it back.
      if (this.db.isTransaction) this.db.exec('ROLLBACK')
      throw error
    }
  }

  close(): void {
    this.#statements.clear()
    this.db.close()
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) this.#statements.set(sql, (statement = this.db.prepare(sql)))
    return statement
  }
}

/** The inode of a path; `undefined` if there is no file. */
export function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino
}

/** How a file is opened for writing. */
export interface WriteAccess {
  /** Milliseconds to wait for another process's lock. */
  readonly busyTimeout: number
  /** Whether deleted data are overwritten: for unencrypted answers. */
  readonly eraseDeleted: boolean
}

/** Opens a file for writing; creates it, its folder and its tables if they are missing. */
export function openForWriting(path: string, { busyTimeout, eraseDeleted }: WriteAccess): OpenFile {
  mkdirSync(dirname(path), { recursive: true })
  // SQLite would make it readable for everybody; its -wal and -shm inherit the mode.
  closeSync(openSync(path, 'a', 0o600))
  const inode = inodeOf(path)
  const db = openDatabase(path, { timeout: Math.min(busyTimeout, LOCK_WAIT) })
  try {
    whenFree(busyTimeout, () => migrate(db))
    // A committed answer survives the end of the process, but a power failure may lose the last ones.
    db.exec(`PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = ${WAL_SIZE}`)
    if (eraseDeleted) db.exec('PRAGMA secure_delete = ON')
    return new OpenFile(db, inode, busyTimeout)
  } catch (error) {
    db.close()
    throw error
  }
}

/** Bytes of the WAL file that a checkpoint leaves. */
const WAL_SIZE = 64 * 1024 * 1024
