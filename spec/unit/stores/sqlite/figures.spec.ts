import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type FigureBatch, FIGURES_KEPT, HOUR, MAX_NAMES, OTHERS } from '../../../../lib/stores/figures.ts'
import { addFigures, forgetFigures, readFigures } from '../../../../lib/stores/sqlite/figures.ts'
import { type OpenFile, openForWriting } from '../../../../lib/stores/sqlite/open-file.ts'
import { migrate, MIGRATIONS } from '../../../../lib/stores/sqlite/schema.ts'
import { CALLER, makeEntry } from '../../../../lib/stores/contract/example-entry.ts'
import { sqliteStore } from '../../../../lib/stores/sqlite.ts'
import { makeFolder } from '../../../support/run-node.ts'

const NOW = 500_000 * HOUR
const MEBIBYTE = 1024 * 1024

async function openFile(): Promise<OpenFile> {
  const file = openForWriting(join(await makeFolder({}), 'cache.db'), { busyTimeout: 0, eraseDeleted: false })
  onTestFinished(() => file.close())
  return file
}

let lastId = 0
function batch(...figures: FigureBatch['figures']): FigureBatch {
  return { id: String(++lastId), figures }
}

function ofModel(name: string, at = NOW): FigureBatch['figures'][number] {
  return { at, kind: 'model', name, counts: { hits: 1 } }
}

describe('figures in a file', () => {
  test('count so many models of an hour apart, and count the rest together', async () => {
    const file = await openFile()
    const models = Array.from({ length: MAX_NAMES + 50 }, (_, at) => ofModel(`model-${at}`))
    addFigures(file, batch(...models), NOW)
    addFigures(file, batch(ofModel('model-0'), ofModel('model-new')), NOW)
    const figures = new Map(readFigures(file, 0).map(({ name, counts }) => [name, counts['hits']]))
    expect(figures.size).toBe(MAX_NAMES + 1)
    expect(figures.get('model-0')).toBe(2)
    expect(figures.get(OTHERS)).toBe(51)
  })

  test('are forgotten after 30 days', async () => {
    const file = await openFile()
    addFigures(file, batch(ofModel('old', NOW - FIGURES_KEPT - HOUR), ofModel('new', NOW - FIGURES_KEPT)), NOW)
    forgetFigures(file, NOW, 1024 * MEBIBYTE)
    expect(readFigures(file, 0).map(({ name }) => name)).toEqual(['new'])
  })

  test('take a tenth of a small store at most: the oldest go', async () => {
    const file = await openFile()
    const hours = Array.from({ length: 300 }, (_, at) => ofModel('a', NOW - at * HOUR))
    addFigures(file, batch(...hours), NOW)
    forgetFigures(file, NOW, MEBIBYTE)
    const kept = readFigures(file, 0)
    expect(kept).toHaveLength(262)
    expect(kept.at(-1)?.at).toBe(NOW)
  })
})

test('a file of before there were figures is read as it is, and keeps its entries when the first figures come', async () => {
  const path = join(await makeFolder({}), 'cache.db')
  const before = sqliteStore({ path })
  await before.set(makeEntry(), CALLER)
  await before.close()
  makeOlder(path)
  const store = sqliteStore({ path })
  onTestFinished(() => store.close())
  expect(await store.figures?.(0)).toEqual([])
  expect(await store.get(makeEntry().key, CALLER)).toBeDefined()
  await store.addFigures?.(batch(ofModel('a')))
  expect(await store.figures?.(0)).toEqual([ofModel('a')])
  expect(await store.get(makeEntry().key, CALLER)).toBeDefined()
})

/** Takes away what came after the first version. */
function makeOlder(path: string): void {
  const first = new DatabaseSync(':memory:')
  migrate(first, MIGRATIONS.slice(0, 1))
  const names = new Set(objectsOf(first).map(({ name }) => name))
  first.close()
  const db = new DatabaseSync(path)
  const later = objectsOf(db).filter(({ name }) => !names.has(name))
  for (const kind of ['trigger', 'table']) {
    for (const { type, name } of later) if (type === kind) db.exec(`DROP ${kind} ${name}`)
  }
  db.exec('PRAGMA user_version = 1')
  db.close()
}

function objectsOf(db: DatabaseSync): { type: string; name: string }[] {
  const rows = db.prepare('SELECT type, name FROM sqlite_schema').all()
  return rows.map(({ type, name }) => ({ type: String(type), name: String(name) }))
}
