import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { checkSchema, migrate, MIGRATIONS } from '../../../../lib/stores/sqlite/schema.ts'
import { makeFolder } from '../../../support/run-node.ts'

async function openFile(): Promise<{ db: DatabaseSync; again: () => DatabaseSync }> {
  const path = join(await makeFolder({}), 'cache.db')
  const again = (): DatabaseSync => {
    const db = new DatabaseSync(path)
    onTestFinished(() => db.close())
    return db
  }
  return { db: again(), again }
}

const COLUMN = 'ALTER TABLE entries ADD COLUMN colour TEXT'
const NEXT = [...MIGRATIONS, COLUMN]
const INSERT = `INSERT INTO entries (key, namespace, provider, stored_at, kept_until, used_at, size, meta)
  VALUES ('a', '', 'openai', 1, 2, 1, 10, '{}')`

describe('a file of an earlier version', () => {
  test('is brought to the next one, and keeps its entries', async () => {
    const { db, again } = await openFile()
    migrate(db)
    db.exec(INSERT)
    expect(checkSchema(db, NEXT)).toBe('older')
    migrate(again(), NEXT)
    expect(checkSchema(db, NEXT)).toBe('ready')
    expect(db.prepare('SELECT key, colour FROM entries').all()).toEqual([{ key: 'a', colour: null }])
  })

  test('stays as it was where a step fails, to the last statement', async () => {
    const { db } = await openFile()
    migrate(db)
    db.exec(INSERT)
    expect(() => migrate(db, [...NEXT, 'CREATE TABLE broken (a, a)'])).toThrow(/duplicate column/)
    expect(checkSchema(db)).toBe('ready')
    expect(() => db.prepare('SELECT colour FROM entries')).toThrow(/no such column/)
  })
})

test('a question is removed with its entry, whoever deletes that', async () => {
  const { db } = await openFile()
  migrate(db)
  db.exec(INSERT)
  db.exec("INSERT INTO questions (entry, partition, bytes) SELECT id, 'p', x'01' FROM entries; DELETE FROM entries")
  expect(db.prepare('SELECT id FROM questions').all()).toEqual([])
})

test('every filter has an index, and so has what is evicted or expires', async () => {
  const { db } = await openFile()
  migrate(db)
  for (const condition of [
    "namespace = 'a'",
    "provider = 'a'",
    "model = 'a'",
    "key = 'a'",
    'stored_at < 1',
    'kept_until <= 1',
  ]) {
    const [step] = db.prepare(`EXPLAIN QUERY PLAN SELECT id FROM entries WHERE ${condition}`).all()
    expect(String(step?.['detail'])).toMatch(/^SEARCH entries USING (COVERING )?INDEX/)
  }
  const questions = 'SELECT bytes FROM questions WHERE partition = ? AND id > ? AND id < ? ORDER BY id DESC'
  const [step, ...others] = db.prepare(`EXPLAIN QUERY PLAN ${questions}`).all()
  expect([String(step?.['detail']), others]).toEqual([
    expect.stringMatching(/^SEARCH questions USING INDEX questions_partition/),
    [],
  ])
  const [oldest] = db.prepare('EXPLAIN QUERY PLAN SELECT id, size FROM entries ORDER BY used_at LIMIT 9').all()
  expect(String(oldest?.['detail'])).toBe('SCAN entries USING INDEX entries_used_at')
})
