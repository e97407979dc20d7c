import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sqliteStore } from '../../lib/stores/sqlite.ts'
import { measureStoreHit } from './store-hit.ts'
import { openFolder } from './temporary.ts'
import type { Workload } from './workload.ts'

/** What a hit from SQLite costs, beside a bare `get` of the same bytes. */
export const w13: Workload = {
  id: 'W13',
  title: 'hit from SQLite: fetch of a JSON answer of 20 kB',
  async run(pace) {
    const folder = openFolder()
    const db = new DatabaseSync(join(folder.path, 'bare.db'))
    const rows = await measureStoreHit(
      {
        name: 'SQLite',
        factor: 1.5,
        open: (encryption) => sqliteStore({ path: join(folder.path, `${encryption}.db`), encryption }),
        bare: (bytes) => bareGet(db, bytes),
      },
      pace,
    )
    db.close()
    folder.remove()
    return rows
  },
}

function bareGet(db: DatabaseSync, bytes: Uint8Array): () => unknown {
  db.exec('PRAGMA journal_mode = WAL; CREATE TABLE answers (key TEXT PRIMARY KEY, bytes BLOB)')
  const key = 'a'.repeat(64)
  db.prepare('INSERT INTO answers VALUES (?, ?)').run(key, bytes)
  const get = db.prepare('SELECT bytes FROM answers WHERE key = ?')
  return () => get.get(key)
}
