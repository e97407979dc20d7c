import type { DatabaseSync, DatabaseSyncOptions } from 'node:sqlite'
import { LlmCacheError } from '../../base/errors.ts'

/** Opens a database file. Loads `node:sqlite` at the first one. */
export function openDatabase(path: string | URL, options: DatabaseSyncOptions): DatabaseSync {
  const { DatabaseSync } = loadQuietly()
  return new DatabaseSync(path, options)
}

/** Loads `node:sqlite` without its warning in Node 22 and 24 that SQLite is experimental. */
function loadQuietly(): typeof import('node:sqlite') {
  const { emitWarning } = process
  process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
    const isOfSqlite = rest[0] === 'ExperimentalWarning' && String(warning).includes('SQLite')
    if (!isOfSqlite) Reflect.apply(emitWarning, process, [warning, ...rest])
  }
  try {
    return process.getBuiltinModule('node:sqlite')
  } finally {
    process.emitWarning = emitWarning
  }
}

// Primary result codes: https://www.sqlite.org/rescode.html
const BUSY = 5
const READONLY = 8
const CORRUPT = 11
const CANTOPEN = 14
const NOTADB = 26

/** Whether the file is damaged, or not a database. */
export function isDamage(error: unknown): boolean {
  return [CORRUPT, NOTADB].includes(resultCode(error))
}

/** The error that SQLite throws for a damaged file. */
export function damage(): Error {
  return Object.assign(new Error('The file is damaged'), { errcode: CORRUPT })
}

/** Whether another connection held a lock for too long. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === BUSY
}

/**
 * Milliseconds that SQLite itself may wait for a lock. During that time neither the thread nor its process can be
 * ended.
 */
export const LOCK_WAIT = 100
/** Milliseconds between two tries. */
const RETRY = 20

/** Repeats `act` while another process has the lock, for at most `milliseconds`. Blocks the thread. */
export function whenFree<T>(milliseconds: number, act: () => T): T {
  for (const end = performance.now() + milliseconds; ;) {
    try {
      return act()
    } catch (error) {
      if (!isBusy(error) || performance.now() >= end) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY)
    }
  }
}

/** Whether the files that SQLite needs beside the database can't be created. */
export function isReadOnlyPlace(error: unknown): boolean {
  return [READONLY, CANTOPEN].includes(resultCode(error))
}

function resultCode(error: unknown): number {
  // The lower 8 bits of an extended code are the primary one.
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : -1
}

/** Wraps an error of SQLite; the message says what is wrong with the file, never what is in it. */
export function storeError(message: string, cause?: unknown): LlmCacheError {
  return new LlmCacheError('ERR_LLM_CACHE_STORE', message, cause === undefined ? undefined : { cause })
}
