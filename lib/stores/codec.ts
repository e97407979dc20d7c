import { endianness } from 'node:os'
import { isObject } from '../base/json.ts'
import type { Entry, EntryMeta } from './entry.ts'

// The format of an entry outside of memory, version 1. Metadata are one line of JSON. The rest is, in this order:
//
//   4 bytes   length of the head, little-endian as all numbers
//   head      JSON: [status, status text, headers, accept-encoding, number of ends, number of gaps,
//             raw headers where there are others]
//   ends      4 bytes each
//   gaps      4 bytes each
//   body      what is left
//
// The version stands in the envelope around it (envelope.ts). It goes up with any change here that an older reader
// would misread.

const LENGTH = 4
const WORD = 4

/** One entry as bytes. */
export interface StoredRecord {
  /** The metadata as one line of JSON, unencrypted. Must be returned unchanged, because the payload is bound to it. */
  readonly meta: string
  /** The answer, sealed or not. It has its own memory, so that it may be transferred to a thread. */
  readonly payload: Uint8Array<ArrayBuffer>
}

/** The metadata of an entry as one line of JSON. */
export function writeMeta(entry: EntryMeta): string {
  const { key, provider, model, endpoint, namespace, tags, stream, size, storedAt, expiresAt } = entry
  const { keptUntil, usage, duration, itemKeys, asked } = entry
  return JSON.stringify({
    key,
    provider,
    model,
    endpoint,
    namespace,
    tags,
    stream,
    size,
    storedAt,
    expiresAt,
    keptUntil,
    usage,
    duration,
    itemKeys,
    asked,
  })
}

/** The metadata in a line from {@link writeMeta}; `undefined` for any other text. */
export function readMeta(text: string): EntryMeta | undefined {
  let meta: unknown
  try {
    meta = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isMeta(meta)) return undefined
  const { key, provider, model, endpoint, namespace, tags, stream, size, storedAt, expiresAt } = meta
  const { keptUntil, usage, duration, itemKeys, asked } = meta
  const common = { key, provider, model, endpoint, namespace, tags, stream, size, storedAt, expiresAt }
  const whole = { ...common, keptUntil, usage, duration }
  if (itemKeys === undefined && asked === undefined) return whole
  return { ...whole, ...(itemKeys && { itemKeys }), ...(asked && { asked }) }
}

function isMeta(value: unknown): value is EntryMeta {
  return (
    isObject(value) &&
    [value['key'], value['provider'], value['endpoint'], value['namespace']].every(isText) &&
    [value['size'], value['storedAt'], value['expiresAt'], value['keptUntil'], value['duration']].every(
      Number.isFinite,
    ) &&
    typeof value['stream'] === 'boolean' &&
    isTexts(value['tags']) &&
    isOptional(value['model'], isText) &&
    isOptional(value['usage'], isObject) &&
    isOptional(value['itemKeys'], isTexts) &&
    isOptional(value['asked'], isAsked)
  )
}

function isAsked(value: unknown): boolean {
  return isObject(value) && isText(value['names']) && isText(value['digests'])
}

/** The rest of an entry, as a sequence of parts. They may be views of the entry's own bytes. */
export function writeContent(entry: Entry): Uint8Array[] {
  const { status, statusText, headers, rawHeaders, acceptEncoding, ends, gaps, body } = entry
  const counts = [ends.length, gaps?.length ?? null]
  const raw = rawHeaders === undefined ? [] : [rawHeaders]
  const head = JSON.stringify([status, statusText, headers, acceptEncoding, ...counts, ...raw])
  const size = Buffer.byteLength(head)
  const start = Buffer.allocUnsafe(LENGTH + size)
  start.writeUInt32LE(size)
  start.write(head, LENGTH)
  // Joined, since sealing takes 2 µs more for each part.
  return [Buffer.concat([start, littleEndian(ends), littleEndian(gaps ?? NO_WORDS)]), body]
}

const NO_WORDS = new Uint32Array()

/**
 * The entry with this metadata and content; its body is a view of `content`. `undefined` if they don't make an entry.
 */
export function readContent(meta: EntryMeta, content: Uint8Array): Entry | undefined {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length)
  if (bytes.length < LENGTH) return undefined
  const headEnd = LENGTH + bytes.readUInt32LE()
  const head = readHead(bytes.toString('utf8', LENGTH, headEnd))
  if (head === undefined) return undefined
  const [status, statusText, headers, acceptEncoding, endCount, gapCount, rawHeaders] = head
  const endsEnd = headEnd + endCount * WORD
  const gapsEnd = endsEnd + (gapCount ?? 0) * WORD
  const body = bytes.subarray(gapsEnd)
  const ends = words(bytes, headEnd, endCount)
  const gaps = gapCount === null ? undefined : words(bytes, endsEnd, gapCount)
  if (gapsEnd > bytes.length || body.length !== meta.size) return undefined
  const entry = { ...meta, status, statusText, headers, acceptEncoding, body, ends, gaps }
  return rawHeaders === undefined ? entry : { ...entry, rawHeaders }
}

type Head = [
  status: number,
  statusText: string,
  headers: string[],
  acceptEncoding: string,
  ends: number,
  gaps: number | null,
  rawHeaders?: string[],
]

function readHead(text: string): Head | undefined {
  try {
    const head: unknown = JSON.parse(text)
    return isHead(head) ? head : undefined
  } catch {
    return undefined
  }
}

function isHead(head: unknown): head is Head {
  if (!Array.isArray(head)) return false
  const [status, statusText, headers, acceptEncoding, ends, gaps, rawHeaders] = head
  const isSized = isCount(ends) && (gaps === null || isCount(gaps))
  const isHeaded = isTexts(headers) && isOptional(rawHeaders, isTexts)
  return isCount(status) && isText(statusText) && isHeaded && isText(acceptEncoding) && isSized
}

const IS_LITTLE_ENDIAN = endianness() === 'LE'

/** Numbers as bytes; on most machines a view of them. */
export function littleEndian(numbers: Uint32Array): Uint8Array {
  const bytes = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength)
  return IS_LITTLE_ENDIAN ? bytes : Buffer.from(bytes).swap32()
}

/** Numbers from bytes. A copy, since the bytes may be at any offset. */
export function words(bytes: Buffer, start: number, count: number): Uint32Array {
  if (count === 0 || start + count * WORD > bytes.length) return NO_WORDS
  const copy = Buffer.alloc(count * WORD)
  bytes.copy(copy, 0, start)
  if (!IS_LITTLE_ENDIAN) copy.swap32()
  return new Uint32Array(copy.buffer, copy.byteOffset, count)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isOptional(value: unknown, is: (value: unknown) => boolean): boolean {
  return value === undefined || is(value)
}
