import { isUtf8 } from 'node:buffer'
import { bytesOfBody, recordJson, writeJson } from './body.ts'
import type { StreamPart } from './entry.ts'

/** How the parts of a stream are written. */
export type StreamKind = 'events' | 'lines' | 'chunks'

/** A chunk as it arrived. */
export interface Chunk {
  readonly bytes: Uint8Array
  /** Milliseconds between the previous chunk (or the head) and this one. */
  readonly gap: number
}

/** Writes chunks as readable parts, which restore the same chunks byte for byte. */
export function recordStream(chunks: Iterable<Chunk>, kind: StreamKind): StreamPart[] {
  return Array.from(chunks).flatMap(({ bytes, gap }) => {
    const [first = { text: '' }, ...rest] = partsOf(bytes, kind)
    return [{ gap, ...first }, ...rest]
  })
}

function partsOf(bytes: Uint8Array, kind: StreamKind): StreamPart[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // A chunk may end inside a character.
  if (!isUtf8(buffer)) return [{ base64: buffer.toString('base64') }]
  const text = buffer.toString('utf8')
  if (kind === 'chunks') return [{ text }]
  const pieces = text.split(kind === 'events' ? END_OF_EVENT : END_OF_LINE)
  return pieces.filter((piece) => piece !== '').map((piece) => partOf(piece, kind))
}

const END_OF_EVENT = /(?<=\r\n\r\n|\n\n)/
const END_OF_LINE = /(?<=\n)/

/** A piece as fields if these restore it, otherwise as text (a comment, data over several lines, half an event). */
function partOf(text: string, kind: 'events' | 'lines'): StreamPart {
  const part = kind === 'events' ? eventPart(text) : recordLine(text)
  return part !== undefined && textOfPart(part, kind) === text ? part : { text }
}

const EVENT = /^(?:event: ([^\r\n]*)\r?\n)?(?:id: ([^\r\n]*)\r?\n)?data: ([^\r\n]*)(\r?)\n\r?\n$/

function eventPart(text: string): StreamPart | undefined {
  const found = EVENT.exec(text)
  if (found === null) return undefined
  const [, event, id, data = '', cr] = found
  return {
    ...(event !== undefined && { event }),
    ...(id !== undefined && { id }),
    ...(recordJson(data) ?? { data }),
    ...(cr !== '' && { crlf: true as const }),
  }
}

function recordLine(text: string): StreamPart | undefined {
  return recordJson(text.slice(0, -1))
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
  const isPlain = kind === 'chunks' || (part.data === undefined && part.json === undefined)
  return isPlain ? bytesOfBody(part) : Buffer.from(textOfPart(part, kind))
}

function textOfPart({ event, id, data, json, layout, crlf }: StreamPart, kind: 'events' | 'lines'): string {
  const value = json === undefined ? (data ?? '') : writeJson(json, layout)
  if (kind === 'lines') return `${value}\n`
  const lines = [
    event === undefined ? '' : `event: ${event}\n`,
    id === undefined ? '' : `id: ${id}\n`,
    `data: ${value}\n\n`,
  ]
  const text = lines.join('')
  return crlf === true ? text.replaceAll('\n', '\r\n') : text
}
