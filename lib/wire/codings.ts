import type { Transform } from 'node:stream'
import { zlib } from '../base/zlib.ts'

/** Undoes one content coding. */
interface Coding {
  /**
   * All bytes at once. Of bytes that were cut off it gives what is there: a caller that leaves at the end marker cuts
   * them.
   *
   * @throws if the bytes are not of that coding, or more than `maxOutputLength` bytes come out.
   */
  readonly whole: (bytes: Uint8Array, bound: { readonly maxOutputLength: number }) => Buffer
  /** Chunk by chunk; `first` is the first byte. */
  readonly streamed: (first: number) => Transform
}

const gzip: Coding = {
  whole: (bytes, bound) => zlib().gunzipSync(bytes, { ...bound, finishFlush: zlib().constants.Z_SYNC_FLUSH }),
  streamed: () => zlib().createGunzip(),
}

/**
 * By name, as in RFC 9110 section 8.4.1. `deflate` is zlib's format, but some servers send the data without it, and
 * every browser takes that. The low bits of the first byte tell the two apart (RFC 1950 section 2.2).
 */
const CODINGS: ReadonlyMap<string, Coding> = new Map<string, Coding>([
  ['gzip', gzip],
  ['x-gzip', gzip],
  [
    'deflate',
    {
      whole: (bytes, bound) =>
        (isZlib(bytes[0]) ? zlib().inflateSync : zlib().inflateRawSync)(bytes, {
          ...bound,
          finishFlush: zlib().constants.Z_SYNC_FLUSH,
        }),
      streamed: (first) => (isZlib(first) ? zlib().createInflate() : zlib().createInflateRaw()),
    },
  ],
  [
    'br',
    {
      whole: (bytes, bound) =>
        zlib().brotliDecompressSync(bytes, { ...bound, finishFlush: zlib().constants.BROTLI_OPERATION_FLUSH }),
      streamed: () => zlib().createBrotliDecompress(),
    },
  ],
  [
    'zstd',
    {
      whole: (bytes, bound) =>
        zlib().zstdDecompressSync(bytes, { ...bound, finishFlush: zlib().constants.ZSTD_e_flush }),
      streamed: () => zlib().createZstdDecompress(),
    },
  ],
])

function isZlib(first = 0): boolean {
  return (first & 0x0f) === 8
}

/** Codings of a `content-encoding` value, in the order in which they were applied; `identity` left out. */
export function codingsOf(contentEncoding: string | undefined): string[] {
  const names = (contentEncoding ?? '').split(',').map((name) => name.trim().toLowerCase())
  return names.filter((name) => name !== '' && name !== 'identity')
}

/**
 * Bytes with their codings undone, the last one first; `undefined` if one is unknown.
 *
 * @throws if the bytes are not of that coding, or decode to more than `maxSize` bytes.
 */
export function decode(bytes: Uint8Array, codings: readonly string[], maxSize: number): Uint8Array | undefined {
  let decoded = bytes
  for (const name of codings.toReversed()) {
    const coding = CODINGS.get(name)
    if (coding === undefined) return undefined
    decoded = coding.whole(decoded, { maxOutputLength: maxSize })
  }
  return decoded
}

/** What makes the stream that undoes a coding, once the first byte is known; `undefined` for one that is unknown. */
export function streamedDecoder(coding: string): Coding['streamed'] | undefined {
  return CODINGS.get(coding)?.streamed
}
