import { isObject, type JsonObject } from '../base/json.ts'
import { plain } from '../replay/negotiate.ts'
import type { Entry } from '../stores/entry.ts'
import { withHeaders, withoutFields } from '../undici/head.ts'
import { writeJsonArray, writeNdjson, writeSse } from '../wire/write.ts'
import type { Conversion, StreamCall, StreamEvent, StreamForm } from './conversion.ts'
import { isOfBytes } from './fields-of-bytes.ts'
import { lossy, TooLarge } from './lossy.ts'
import { readAnswer } from './read-answer.ts'
import { toDocument, toEvents } from './round-trip.ts'

/** What to convert an answer to. */
export interface Wanted extends StreamCall {
  readonly conversion: Conversion
  readonly stream: boolean
  /** Largest answer, in bytes. */
  readonly maxSize: number
}

/**
 * The largest answer that is converted, in bytes. A stream of this size blocks the event loop for 25 ms, a document for
 * 50.
 */
const LARGEST = 1024 * 1024

/**
 * Converts a stored answer to its other form. The result keeps the key of the stored entry.
 *
 * @throws Lossy if something would be lost; TooLarge for an answer above 1 MiB, or if the result is larger than
 * `maxSize`.
 */
export function convertEntry(entry: Entry, wanted: Wanted): Entry {
  const source = plain(entry, wanted.maxSize)
  if (source.body.length > LARGEST) throw new TooLarge('size')
  const read = readAnswer(source, wanted.maxSize)
  const made = wanted.stream ? toStream(source, documentOf(read), wanted) : toBody(source, read, wanted)
  if (made.size > wanted.maxSize) throw new TooLarge('size')
  return made
}

function documentOf([event, ...others]: readonly StreamEvent[]): JsonObject {
  return event !== undefined && others.length === 0 && isObject(event.data) ? event.data : lossy('document')
}

function toBody(source: Entry, read: readonly StreamEvent[], { conversion }: Wanted): Entry {
  // Without `alt=sse`, Gemini's stream is one JSON array of chunks.
  const [first] = read
  const chunks = Array.isArray(first?.data) ? first.data.map((data: StreamEvent['data']) => ({ data })) : read
  const body = Buffer.from(JSON.stringify(toDocument(chunks, conversion)))
  const head = withHeaders(source, (flat) => typed(flat, 'application/json'))
  return { ...head, stream: false, body, size: body.length, ends: new Uint32Array(), gaps: undefined }
}

function toStream(source: Entry, document: JsonObject, wanted: Wanted): Entry {
  const { conversion, request } = wanted
  const all = toEvents(document, conversion)
  const form = conversion.form?.(request) ?? 'sse'
  const chunks = write(conversion.asked?.(all, wanted) ?? all, form)
  const ends = new Uint32Array(chunks.length)
  let size = 0
  for (const [at, chunk] of chunks.entries()) ends[at] = size += Buffer.byteLength(chunk)
  const body = Buffer.from(chunks.join(''))
  const head = withHeaders(source, (flat) => typed(flat, MEDIA_TYPES[form]))
  return { ...head, stream: true, body, size, ends, gaps: gapsOf(chunks.length, source.duration) }
}

const MEDIA_TYPES: Readonly<Record<StreamForm, string>> = {
  sse: 'text/event-stream; charset=utf-8',
  ndjson: 'application/x-ndjson',
  'json-array': 'application/json; charset=UTF-8',
}

function write(events: readonly StreamEvent[], form: StreamForm): readonly string[] {
  switch (form) {
    case 'sse':
      return events.map(({ name, data }) => writeSse(name, typeof data === 'string' ? data : JSON.stringify(data)))
    case 'ndjson':
      return events.map(({ data }) => writeNdjson(JSON.stringify(data)))
    case 'json-array':
      return writeJsonArray(events.map(({ data }) => JSON.stringify(data)))
    default:
      return form satisfies never
  }
}

/** Milliseconds between events: the original duration, spread evenly. */
function gapsOf(count: number, duration: number): Uint32Array {
  const due = (at: number): number => Math.round((duration * at) / count)
  return Uint32Array.from({ length: count }, (_, at) => due(at + 1) - due(at))
}

function typed(headers: readonly string[], contentType: string): readonly string[] {
  return ['content-type', contentType, ...withoutFields(headers, (name) => name === 'content-type' || isOfBytes(name))]
}
