import { CONVERSIONS } from '../convert/conversions.ts'
import { type Gist, gistOf } from '../drift/gist.ts'
import { type Json, parseJson } from '../base/json.ts'
import { plain } from '../replay/negotiate.ts'
import type { Entry } from '../stores/entry.ts'
import { headerOf } from '../undici/head.ts'
import { createFraming } from '../wire/framings.ts'

/** One answer in readable form. */
export interface AnswerView {
  readonly status: number
  /** Response headers as stored. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly text: string
  readonly calls: Gist['calls']
  readonly finish: readonly string[]
  /** The stored body, without its content coding. */
  readonly raw: string
  /** Whether parts are not shown. */
  readonly isCut: boolean
  /** For a stream: seconds since its head, and the text that arrived then. */
  readonly pieces: readonly (readonly [time: number, text: string])[]
}

/** Characters of a body, and of its text, that are shown. */
const SHOWN = 200_000
/** Bytes of a stream that are read. This takes 0.2 s, in which the process does nothing else. */
const READ = 1024 * 1024

/**
 * Reads an entry.
 *
 * @throws if its body does not decode within `maxSize` bytes.
 */
export function viewAnswer(stored: Entry, maxSize: number): AnswerView {
  const entry = plain(stored, maxSize)
  const chunks = readChunks(entry, maxSize)
  const documents = chunks.flatMap(({ documents: some }) => some)
  const { text, calls, finish } = gistOf(wholeOf(entry, documents))
  const raw = Buffer.from(entry.body).toString()
  return {
    status: entry.status,
    headers: pairsOf(entry.headers),
    text: text.slice(0, SHOWN),
    calls,
    finish,
    raw: raw.slice(0, SHOWN),
    isCut: Math.max(raw.length, text.length) > SHOWN,
    pieces: entry.stream ? piecesOf(chunks) : [],
  }
}

interface Chunk {
  /** Seconds since the head came. */
  readonly time: number
  readonly documents: readonly Json[]
}

function readChunks(entry: Entry, maxSize: number): Chunk[] {
  const chunks: Chunk[] = []
  let documents: Json[] = []
  const note = (text: string): void => {
    const data = parseJson(text)
    if (data !== undefined) documents.push(data)
  }
  const sink = { event: (_name: string | undefined, text: string) => note(text), document: note, fail: () => undefined }
  const framing = createFraming(headerOf(entry.headers, 'content-type'), sink, maxSize)
  let [start, time] = [0, 0]
  const ends = entry.ends.length === 0 ? [entry.body.length] : entry.ends
  for (const [at, end] of ends.entries()) {
    if (entry.stream && end > READ) break
    framing?.write(entry.body.subarray(start, end))
    time += (entry.gaps?.[at] ?? 0) / 1000
    if (at === ends.length - 1) framing?.end()
    chunks.push({ time, documents })
    documents = []
    start = end
  }
  return chunks
}

/** The documents of a stream merged into one, if some format can do so. */
function wholeOf({ stream }: Entry, documents: readonly Json[]): readonly Json[] {
  if (!stream) return documents
  const [first] = documents
  const events = (Array.isArray(first) ? [...(first as readonly Json[])] : documents).map((data) => ({ data }))
  for (const { assemble } of CONVERSIONS.values()) {
    try {
      return [assemble(events)]
    } catch {
      // The stream has another format.
    }
  }
  return documents
}

/** The text in each chunk. OpenAI Responses repeats text in later events, so only the first events count. */
function piecesOf(chunks: readonly Chunk[]): [time: number, text: string][] {
  const isTwice = (document: Json): boolean => {
    const type = typeof document === 'object' && document !== null && 'type' in document ? document.type : ''
    return typeof type === 'string' && type.startsWith('response.') && !type.endsWith('.delta')
  }
  const pieces = chunks.map(({ time, documents }): [number, string] => [
    time,
    gistOf(documents.filter((document) => !isTwice(document))).text,
  ])
  return pieces.filter(([, text]) => text !== '')
}

function pairsOf(flat: readonly string[]): [name: string, value: string][] {
  const pairs: [string, string][] = []
  for (let at = 0; at < flat.length; at += 2) pairs.push([flat[at] ?? '', flat[at + 1] ?? ''])
  return pairs
}
