import zlib from 'node:zlib'
import type { Entry } from './entry.ts'
import { headerOf } from './head.ts'

type Decoder = (body: Uint8Array, options: { maxOutputLength: number }) => Buffer

const DECODERS: Readonly<Record<string, Decoder>> = {
  gzip: zlib.gunzipSync,
  'x-gzip': zlib.gunzipSync,
  deflate: inflate,
  br: zlib.brotliDecompressSync,
  zstd: zlib.zstdDecompressSync,
}

// "deflate" is zlib's format, but some servers send the bare stream (RFC 9110 section 8.4.1.2).
function inflate(body: Uint8Array, options: { maxOutputLength: number }): Buffer {
  try {
    return zlib.inflateSync(body, options)
  } catch {
    return zlib.inflateRawSync(body, options)
  }
}

/** Codings of a `content-encoding` value, in the order they were applied; `identity` left out. */
export function codingsOf(value: string | undefined): string[] {
  const names = (value ?? '').split(',').map((name) => name.trim().toLowerCase())
  return names.filter((name) => name !== '' && name !== 'identity')
}

/** Whether a caller's `accept-encoding` takes a coding (RFC 9110 section 12.5.3); one that sends none takes none. */
export function accepts(acceptEncoding: string | undefined, coding: string): boolean {
  let any = false
  for (const item of (acceptEncoding ?? '').split(',')) {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase())
    const isRefused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
    if (name === coding || `x-${name}` === coding) return !isRefused
    if (name === '*') any = !isRefused
  }
  return any
}

/**
 * The entry as a caller can take it: as it was stored where that caller asks as the first one did, or takes its coding;
 * else decoded, in one chunk.
 *
 * @throws where the stored bytes do not decode within `maxSize` bytes.
 */
export function negotiate(entry: Entry, acceptEncoding: string | undefined, maxSize: number): Entry {
  const codings = codingsOf(headerOf(entry.headers, 'content-encoding'))
  if (codings.length === 0 || (acceptEncoding ?? '') === entry.acceptEncoding) return entry
  if (codings.every((coding) => accepts(acceptEncoding, coding))) return entry
  const body = decoded(entry.body, codings, maxSize)
  if (body === undefined) return entry
  const headers: string[] = []
  for (let i = 0; i + 1 < entry.headers.length; i += 2) {
    const name = entry.headers[i] ?? ''
    if (!/^content-(encoding|length)$/i.test(name)) headers.push(name, entry.headers[i + 1] ?? '')
  }
  return { ...entry, headers, body, ends: new Uint32Array(), gaps: undefined }
}

/**
 * Bytes with their codings undone, the last one first; `undefined` for a coding that is unknown.
 *
 * @throws where the bytes do not decode within `maxSize` bytes.
 */
export function decoded(bytes: Uint8Array, codings: readonly string[], maxSize: number): Uint8Array | undefined {
  let body = bytes
  for (const coding of codings.toReversed()) {
    const decode = DECODERS[coding]
    if (decode === undefined) return undefined
    body = decode(body, { maxOutputLength: maxSize })
  }
  return body
}
