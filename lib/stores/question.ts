import { parseJson } from '../base/json.ts'
import { littleEndian, words } from './codec.ts'
import type { EntryMeta } from './entry.ts'
import type { FilterTarget } from './filter.ts'

/** What a question needs to know about the entry with its answer. */
export type AnswerInfo = FilterTarget & Pick<EntryMeta, 'expiresAt'>

/**
 * An answered question, for matching by meaning. Text and vector are as confidential as the prompt that they come from.
 */
export interface Question {
  /** 64 hex digits. Only questions with equal partitions are compared. */
  readonly partition: string
  /** As the user asked it. */
  readonly text: string
  /** From the embedder; empty if only the text counts. */
  readonly vector: Float32Array
  /** The entry with the answer. */
  readonly entry: AnswerInfo
}

/** A range of a partition's questions: those added after one cursor, and before another. */
export interface QuestionRange {
  /** `QuestionPage.newest` of an earlier read; `undefined`: from the oldest on. */
  readonly after: string | undefined
  /** `QuestionPage.next` of the page before; `undefined`: from the newest on. */
  readonly before: string | undefined
}

/** Some questions, newest first. Cursors are the store's own. */
export interface QuestionPage {
  readonly questions: readonly Question[]
  /**
   * Cursor for a later read: questions that are added from now on come after it. `undefined` if nothing was found.
   */
  readonly newest: string | undefined
  /** Cursor for the next page, which holds older questions. `undefined`: there are no more. */
  readonly next: string | undefined
}

/** The metadata of an entry that its question is kept with. */
export function answerInfo(entry: AnswerInfo): AnswerInfo {
  const { key, namespace, provider, model, tags, storedAt, expiresAt } = entry
  return { key, namespace, provider, model, tags, storedAt, expiresAt }
}

// Outside of memory: 4 bytes length of the text, little-endian as all numbers; the text, as JSON so that a lone
// surrogate survives; the vector, 4 bytes a number.
const LENGTH = 4

/** Text and vector, in parts that follow each other. */
export function writeQuestion({ text, vector }: Pick<Question, 'text' | 'vector'>): Uint8Array[] {
  const json = Buffer.from(JSON.stringify(text))
  const length = Buffer.allocUnsafe(LENGTH)
  length.writeUInt32LE(json.length)
  return [length, json, littleEndian(new Uint32Array(vector.buffer, vector.byteOffset, vector.length))]
}

/** What {@link writeQuestion} wrote; `undefined` for any other bytes. */
export function readQuestion(content: Uint8Array): Pick<Question, 'text' | 'vector'> | undefined {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length)
  if (bytes.length < LENGTH) return undefined
  const end = LENGTH + bytes.readUInt32LE()
  const text = parseJson(bytes.toString('utf8', LENGTH, end))
  if (typeof text !== 'string' || end > bytes.length || (bytes.length - end) % LENGTH !== 0) return undefined
  const numbers = words(bytes, end, (bytes.length - end) / LENGTH)
  return { text, vector: new Float32Array(numbers.buffer, numbers.byteOffset, numbers.length) }
}
