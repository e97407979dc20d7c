import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkMembers, fail, isInteger } from '../base/check.ts'
import { checkEncryption, type Encryption } from './encryption.ts'
import { sealedStore } from './seal.ts'
import { SqliteRecords } from './sqlite/sqlite-records.ts'
import type { CacheStore } from './store.ts'

export type { Encryption } from './encryption.ts'

/** Options of {@link sqliteStore}. */
export interface SqliteStoreOptions {
  /**
   * The file. If it is missing it is created with mode 0600, as is its folder. While it is open, `-wal` and `-shm` are
   * beside it.
   */
  readonly path: string | URL
  /**
   * Bytes of the file's pages in use, at least 1 MiB; beyond that the least recently used entries are evicted. Default
   * 1 GiB.
   */
  readonly maxSize?: number
  /** How answers are sealed. Default `'credential'`. */
  readonly encryption?: Encryption
}

const MEBIBYTE = 1024 * 1024
/** Milliseconds that the worker waits for another process's lock: a slow disk, or a program that reads the file. */
const BUSY_TIMEOUT = 30_000

/**
 * Stores answers in one SQLite file, for one process or several at once. The main thread only reads, and never waits
 * for a lock; a worker makes all writes. Needs `node:sqlite`, which is loaded at first use.
 *
 * @throws TypeError naming the option, what was expected and what came.
 */
export function sqliteStore(options: SqliteStoreOptions): CacheStore {
  checkMembers(options, CHECKS, 'sqliteStore')
  const { path, maxSize = 1024 * MEBIBYTE, encryption = 'credential' } = options
  if (path === undefined) fail('sqliteStore.path', 'the path of a file', path)
  const eraseDeleted = encryption === 'none'
  const records = new SqliteRecords({ path: fileOf(path), maxSize, eraseDeleted, busyTimeout: BUSY_TIMEOUT })
  return sealedStore(records, encryption)
}

const CHECKS = {
  path: isPath,
  maxSize: isInteger({ min: MEBIBYTE, max: Number.MAX_SAFE_INTEGER }),
  encryption: checkEncryption,
}

/** The absolute path, resolved now, since the app may change its working directory. */
function fileOf(path: string | URL): string {
  return path instanceof URL ? fileURLToPath(path) : resolve(path)
}

function isPath(value: unknown, path: string): void {
  const isFile = value instanceof URL ? value.protocol === 'file:' : typeof value === 'string' && value !== ''
  if (!isFile || value === ':memory:') fail(path, 'the path of a file', value)
}
