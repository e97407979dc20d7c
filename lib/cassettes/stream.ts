import { isUtf8 } from 'node:buffer'
import { bytesOfBody, exactJson } from './body.ts'
import type { StreamPart } from './entry.ts'

/** How the parts of a stream are written. */
export type StreamKind = 'events' | 'lines' | 'chunks'

/** A chunk as it came. */
export interface Chunk {
  readonly bytes: Uint8Array
  /** Milliseconds between the chunk before (or the head) and this one. */
  readonly gap: number
}

/** Chunks as parts that people can read and that give the same chunks back, byte for byte. */
export function recordStream(chunks: Iterable<Chunk>, kind: StreamKind): StreamPart[] {
  return Array.from(chunks).flatMap(({ bytes, gap }) => {
    const [first = { text: '' }, ...rest] = partsOf(bytes, kind)
    return [{ gap, ...first }, ...rest]
  })
}

function partsOf(bytes: Uint8Array, kind: StreamKind): StreamPart[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // A chunk may end in the middle of a character.
  if (!isUtf8(buffer)) return [{ base64: buffer.toString('base64') }]
  const text = buffer.toString('utf8')
  if (kind === 'chunks') return [{ text }]
  const end = kind === 'events' ? '\n\n' : '\n'
  const pieces = text.split(end)
  // What follows the last end was cut off by the chunk.
  const cut = pieces.pop() ?? ''
  const whole = pieces.map((piece) => (kind === 'events' ? eventPart(piece + end) : linePart(piece + end)))
  return cut === '' ? whole : [...whole, { text: cut }]
}

const EVENT = /^(?:event: ([^\n]*)\n)?(?:id: ([^\n]*)\n)?data: ([^\n]*)\n\n$/

/** An event of the usual spelling by its fields; of any other (CRLF, a comment, data over several lines) the text. */
function eventPart(text: string): StreamPart {
  const found = EVENT.exec(text)
  if (found === null) return { text }
  const [, event, id, data = ''] = found
  const json = exactJson(data)
  return {
    ...(event !== undefined && { event }),
    ...(id !== undefined && { id }),
    ...(json === undefined ? { data } : { json }),
  }
}

function linePart(text: string): StreamPart {
  const json = exactJson(text.slice(0, -1))
  return json === undefined ? { text } : { json }
}

/** The chunks of recorded parts. */
export function chunksOf(parts: readonly StreamPart[], kind: StreamKind): Chunk[] {
  const chunks: { gap: number; pieces: Buffer[] }[] = []
  for (const part of parts) {
    const last = part.gap === undefined ? chunks.at(-1) : undefined
    if (last === undefined) chunks.push({ gap: part.gap ?? 0, pieces: [bytesOfPart(part, kind)] })
    else last.pieces.push(bytesOfPart(part, kind))
  }
  return chunks.map(({ gap, pieces }) => ({ gap, bytes: Buffer.concat(pieces) }))
}

function bytesOfPart(part: StreamPart, kind: StreamKind): Buffer {
  const { event, id, data, json } = part
  if (kind === 'lines' && json !== undefined) return Buffer.from(`${JSON.stringify(json)}\n`)
  if (kind === 'chunks' || (data === undefined && json === undefined)) return bytesOfBody(part)
  const head = `${event === undefined ? '' : `event: ${event}\n`}${id === undefined ? '' : `id: ${id}\n`}`
  return Buffer.from(`${head}data: ${json === undefined ? data : JSON.stringify(json)}\n\n`)
}
