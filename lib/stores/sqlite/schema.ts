import type { DatabaseSync } from 'node:sqlite'
import { storeError } from './database.ts'

/**
 * `LLMC`: distinguishes our files from those of other programs.
 * https://www.sqlite.org/pragma.html#pragma_application_id
 */
const APPLICATION_ID = 0x4c_4c_4d_43

/**
 * The n-th migrates a file from version n to n + 1; the list is only appended to, never changed.
 *
 * Ordinary rowid tables: WITHOUT ROWID reads 4 to 5 times slower with values of 20 kB. Payloads have their own table,
 * so that noting the last use rewrites 0.5 kB and not the answer, and listings read no payload. A removal stays for an
 * hour as a row, so that other processes drop matching entries from their memory, and write none that it applies to.
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    namespace TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT,
    stored_at INTEGER NOT NULL,
    kept_until INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    hits INTEGER NOT NULL DEFAULT 0,
    size INTEGER NOT NULL,
    meta TEXT NOT NULL
  );
  CREATE INDEX entries_namespace ON entries (namespace);
  CREATE INDEX entries_provider ON entries (provider);
  CREATE INDEX entries_model ON entries (model);
  CREATE INDEX entries_stored_at ON entries (stored_at);
  CREATE INDEX entries_kept_until ON entries (kept_until);
  CREATE INDEX entries_used_at ON entries (used_at);
  CREATE TABLE payloads (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
  CREATE TABLE tags (tag TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (tag, id)) WITHOUT ROWID;
  CREATE INDEX tags_id ON tags (id);
  CREATE TRIGGER entries_deleted AFTER DELETE ON entries BEGIN
    DELETE FROM payloads WHERE id = OLD.id;
    DELETE FROM tags WHERE id = OLD.id;
  END;
  CREATE TABLE removals (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    filter TEXT NOT NULL,
    origin TEXT NOT NULL,
    is_done INTEGER NOT NULL
  );
  CREATE INDEX removals_at ON removals (at);
  CREATE INDEX removals_open ON removals (id) WHERE is_done = 0;`,
  `CREATE TABLE leases (key TEXT PRIMARY KEY, token TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;`,
  // Questions are deleted with their entries. Ids are never reused, so that a reader can continue after the last one.
  `CREATE TABLE questions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    entry INTEGER NOT NULL,
    partition TEXT NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (entry, partition)
  );
  CREATE INDEX questions_partition ON questions (partition);
  CREATE TRIGGER entries_deleted_questions AFTER DELETE ON entries BEGIN
    DELETE FROM questions WHERE entry = OLD.id;
  END;
  CREATE TABLE rejections (id INTEGER PRIMARY KEY AUTOINCREMENT, pair TEXT NOT NULL UNIQUE);`,
  // Figures by hour, and the recently added batches, so that none counts twice.
  `CREATE TABLE figures (
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    counts TEXT NOT NULL,
    PRIMARY KEY (at, kind, name)
  ) WITHOUT ROWID;
  CREATE TABLE figure_batches (id TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;`,
]

/** Whether a file has the current tables, those of an earlier version, whose entries can still be read, or none. */
export type SchemaState = 'ready' | 'older' | 'empty'

/**
 * Checks a file before anything is read from it.
 *
 * @throws LlmCacheError for a database of another program, or of a later version of this package: neither is changed.
 */
export function checkSchema(db: DatabaseSync, migrations: readonly string[] = MIGRATIONS): SchemaState {
  const { version, isOurs, isEmpty } = look(db)
  if (!isOurs && (version !== 0 || !isEmpty)) throw storeError('The file is a database of another program')
  if (version > migrations.length) throw storeError('The file was written by a later version of this package')
  if (version === 0) return 'empty'
  return version === migrations.length ? 'ready' : 'older'
}

/**
 * Migrates a file to the current version, in one transaction. Several processes may try at once: if one fails because
 * another is at work (`isBusy`), it must try again.
 */
export function migrate(db: DatabaseSync, migrations: readonly string[] = MIGRATIONS): void {
  const state = checkSchema(db, migrations)
  if (state === 'ready') return
  // A new file has nothing to lose yet, and other processes would wait for each of its eight fsyncs.
  if (state === 'empty') db.exec('PRAGMA synchronous = OFF')
  // Has no effect once there is a table.
  db.exec('PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL')
  db.exec('BEGIN IMMEDIATE')
  try {
    // Another process may have been faster.
    const version = pragma(db, 'user_version')
    for (const statements of migrations.slice(version)) db.exec(statements)
    if (version < migrations.length) {
      db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${migrations.length}`)
    }
    db.exec('COMMIT')
  } catch (error) {
    db.exec('ROLLBACK')
    throw error
  }
}

/** Reads everything at one moment, since another process may be creating the tables. */
function look(db: DatabaseSync): { version: number; isOurs: boolean; isEmpty: boolean } {
  db.exec('BEGIN')
  try {
    const isEmpty = db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
    const isOurs = pragma(db, 'application_id') === APPLICATION_ID
    return { version: pragma(db, 'user_version'), isOurs, isEmpty }
  } finally {
    if (db.isTransaction) db.exec('ROLLBACK')
  }
}

/** The value of a numeric pragma. */
export function pragma(db: DatabaseSync, name: string): number {
  return Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0] ?? 0)
}
