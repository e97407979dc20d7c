import { isDeepStrictEqual } from 'node:util'
import { type Json, parseJson } from '../base/json.ts'
import { CONVERSIONS } from '../convert/conversions.ts'
import { readAnswer } from '../convert/read-answer.ts'
import { plain } from '../replay/negotiate.ts'
import type { Entry } from '../stores/entry.ts'
import { type Gist, gistOf } from './gist.ts'

/** How two answers are compared. */
export interface Comparison {
  /** Id of the wire format of both. */
  readonly format: string
  /** Most bytes of a decoded body. */
  readonly maxSize: number
  /** Whether two different texts mean the same. Default: never. */
  readonly isSimilar?: ((left: string, right: string) => Promise<boolean>) | undefined
}

/**
 * Whether two answers to the same call are equal in status, finish reasons, tool calls (name and arguments) and text.
 *
 * @throws for a body that can't be read, or is larger than `maxSize` bytes when decoded
 */
export async function isSameAnswer(left: Entry, right: Entry, comparison: Comparison): Promise<boolean> {
  if (left.status !== right.status) return false
  const [{ text: one, ...ours }, { text: other, ...theirs }] = [read(left, comparison), read(right, comparison)]
  return isDeepStrictEqual(ours, theirs) && isSameText(one, other, comparison)
}

async function isSameText(left: string, right: string, { isSimilar }: Comparison): Promise<boolean> {
  if (left === right) return true
  if (left === '' || right === '') return false
  const [one, other] = [structureOf(left), structureOf(right)]
  // JSON is read by programs: one differing value is a difference, however similar the texts are.
  if (one !== undefined || other !== undefined) return isDeepStrictEqual(one, other)
  return (await isSimilar?.(left, right)) === true
}

/** The object or array in a JSON text; `undefined` for any other text. */
function structureOf(text: string): Json | undefined {
  const value = /^\s*[[{]/.test(text) ? parseJson(text) : undefined
  return typeof value === 'object' ? value : undefined
}

function read(entry: Entry, { format, maxSize }: Comparison): Gist {
  const events = readAnswer(plain(entry, maxSize), maxSize)
  return gistOf(entry.stream ? documentsOf(events, format) : events.map(({ data }) => data))
}

/** A stream as one document if possible, otherwise its events. */
function documentsOf(events: ReturnType<typeof readAnswer>, format: string): readonly Json[] {
  const [first] = events
  const chunks = Array.isArray(first?.data) ? first.data.map((data: Json) => ({ data })) : events
  try {
    const document = CONVERSIONS.get(format)?.assemble(chunks.filter(({ data }) => data !== '[DONE]'))
    if (document !== undefined) return [document]
  } catch {
    // The events don't form a document, but can still be compared.
  }
  return chunks.map(({ data }) => data)
}
