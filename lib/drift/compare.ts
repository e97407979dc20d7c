import { isDeepStrictEqual } from 'node:util'
import type { Json } from '../base/json.ts'
import { CONVERSIONS } from '../convert/conversions.ts'
import { readAnswer } from '../convert/read-answer.ts'
import { plain } from '../replay/negotiate.ts'
import type { Entry } from '../stores/entry.ts'
import { type Gist, gistOf } from './gist.ts'

/**
 * Whether two answers to the same call say the same: status, finish reasons, tool calls by name and arguments, text.
 * Throws for a body that can't be read, or is larger than `maxSize` bytes when decoded.
 */
export function isSameAnswer(left: Entry, right: Entry, format: string, maxSize: number): boolean {
  if (left.status !== right.status) return false
  return isDeepStrictEqual(read(left, format, maxSize), read(right, format, maxSize))
}

function read(entry: Entry, format: string, maxSize: number): Gist {
  const events = readAnswer(plain(entry, maxSize), maxSize)
  return gistOf(entry.stream ? documentsOf(events, format) : events.map(({ data }) => data))
}

/** A stream as one document, where its format is known so far; else its events as they are. */
function documentsOf(events: ReturnType<typeof readAnswer>, format: string): readonly Json[] {
  const [first] = events
  const chunks = Array.isArray(first?.data) ? first.data.map((data: Json) => ({ data })) : events
  try {
    const document = CONVERSIONS.get(format)?.assemble(chunks.filter(({ data }) => data !== '[DONE]'))
    if (document !== undefined) return [document]
  } catch {
    // It holds what can't be converted. What its events say can still be compared.
  }
  return chunks.map(({ data }) => data)
}
