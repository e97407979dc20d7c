import type { FoundQuestion, QuestionRecord } from '../records.ts'
import type { OpenFile } from './open-file.ts'

/** Questions that are read and opened at once: 1 to 2 ms with 1,536 numbers each. */
const PAGE = 16
/** Pairs that are remembered. Only a million wrong matches would give more. */
const MAX_REJECTED = 100_000

const READ = `SELECT questions.id, key, meta, questions.bytes FROM questions JOIN entries ON entries.id = questions.entry
  WHERE partition = ? AND questions.id > ? AND questions.id < ? ORDER BY questions.id DESC LIMIT ${PAGE}`

/** An operation on questions and pairs. */
export type QuestionOperation =
  | ({ readonly kind: 'question'; readonly act: 'write' } & QuestionRecord)
  | { readonly kind: 'question'; readonly act: 'remove'; readonly partition: string; readonly key: string }
  | { readonly kind: 'question'; readonly act: 'reject'; readonly pair: string }

/** Rows of a partition, newest first. */
export interface QuestionRows {
  readonly records: readonly FoundQuestion[]
  readonly newest: number | undefined
  /** `undefined`: there are no more. */
  readonly next: number | undefined
}

/** Reads the questions with an id above `after` and below `before`. */
export function readQuestions(file: OpenFile, partition: string, after: number, before: number): QuestionRows {
  const rows = file.all(READ, partition, after, before)
  const ids = rows.map(({ id }) => Number(id))
  const records = rows.map(({ key, meta, bytes }) => ({
    key: String(key),
    meta: String(meta),
    payload: bytes instanceof Uint8Array ? bytes : new Uint8Array(),
  }))
  return { records, newest: ids[0], next: rows.length < PAGE ? undefined : ids.at(-1) }
}

/** Whether a pair was rejected. */
export function isRejected(file: OpenFile, pair: string): boolean {
  return file.get('SELECT 1 FROM rejections WHERE pair = ?', pair) !== undefined
}

/** Carries out an operation. */
export function applyToQuestions(file: OpenFile, operation: QuestionOperation): void {
  switch (operation.act) {
    case 'write':
      file.run(WRITE, operation.partition, operation.payload, operation.key)
      return
    case 'remove':
      file.run(FORGET, operation.partition, operation.key)
      return
    case 'reject':
      file.run('INSERT OR REPLACE INTO rejections (pair) VALUES (?)', operation.pair)
      return
    default:
      operation satisfies never
  }
}

/** Deletes the oldest rejections if there are too many. */
export function boundRejections(file: OpenFile): void {
  file.run('DELETE FROM rejections WHERE id <= (SELECT max(id) FROM rejections) - ?', MAX_REJECTED)
}

// A replaced question has a new id, so that whoever continues after the last id sees it.
const WRITE = 'INSERT OR REPLACE INTO questions (partition, bytes, entry) SELECT ?, ?, id FROM entries WHERE key = ?'
const FORGET = 'DELETE FROM questions WHERE partition = ? AND entry = (SELECT id FROM entries WHERE key = ?)'
