import { isObject, parseJson } from '../../base/json.ts'
import {
  addCounts,
  BATCH_KNOWN,
  type FigureBatch,
  type FigureKind,
  FIGURES_KEPT,
  type HourFigures,
  MAX_NAMES,
  OTHERS,
} from '../figures.ts'
import type { OpenFile, Row } from './open-file.ts'

/** Approximate bytes of a row; figures take at most a tenth of the store. */
const ROW = 400
const SHARE = 0.1

/** Adds a batch to the stored figures, unless its id is known. Runs inside a transaction. */
export function addFigures(file: OpenFile, { id, figures }: FigureBatch, now: number): void {
  if (file.run('INSERT OR IGNORE INTO figure_batches (id, at) VALUES (?, ?)', id, now) === 0) return
  for (const one of figures) {
    const row = file.get(FIND, one.at, one.kind, one.name)
    if (row !== undefined || hasRoom(file, one)) add(file, one, row)
    else add(file, { ...one, name: OTHERS }, file.get(FIND, one.at, one.kind, OTHERS))
  }
}

const FIND = 'SELECT counts FROM figures WHERE at = ? AND kind = ? AND name = ?'

function hasRoom(file: OpenFile, { at, kind }: HourFigures): boolean {
  const row = file.get('SELECT count(*) AS count FROM figures WHERE at = ? AND kind = ?', at, kind)
  return Number(row?.['count']) < MAX_NAMES
}

function add(file: OpenFile, { at, kind, name, counts }: HourFigures, row: Row | undefined): void {
  const sum = row === undefined ? {} : countsOf(row)
  addCounts(sum, counts)
  const text = JSON.stringify(sum)
  file.run('INSERT OR REPLACE INTO figures (at, kind, name, counts) VALUES (?, ?, ?, ?)', at, kind, name, text)
}

/** Deletes figures that are too old, then the oldest that are too many for a store of `maxSize` bytes. */
export function forgetFigures(file: OpenFile, now: number, maxSize: number): void {
  file.run('DELETE FROM figure_batches WHERE at < ?', now - BATCH_KNOWN)
  file.run('DELETE FROM figures WHERE at < ?', now - FIGURES_KEPT)
  const surplus = 'SELECT at FROM figures ORDER BY at DESC LIMIT 1 OFFSET ?'
  file.run(`DELETE FROM figures WHERE at <= (${surplus})`, Math.floor((maxSize * SHARE) / ROW))
}

/** The figures from `since` (milliseconds since the epoch) on. */
export function readFigures(file: OpenFile, since: number): HourFigures[] {
  const rows = file.all('SELECT at, kind, name, counts FROM figures WHERE at >= ? ORDER BY at', since)
  return rows.map((row) => ({
    at: Number(row['at']),
    kind: row['kind'] as FigureKind, // written by addFigures alone
    name: String(row['name']),
    counts: countsOf(row),
  }))
}

function countsOf(row: Row): Record<string, number> {
  const counts = parseJson(String(row['counts']))
  if (!isObject(counts)) return {}
  return Object.fromEntries(Object.entries(counts).filter((pair): pair is [string, number] => Number.isFinite(pair[1])))
}
