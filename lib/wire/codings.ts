import type { Transform } from 'node:stream'
import { zlib } from '../base/zlib.ts'

/** Undoes one content coding. */
interface Coding {
  /**
   * Decodes all bytes at once. From truncated bytes it returns what is there, since a caller that leaves at the end
   * marker truncates them.
   *
   * @throws if the bytes are not of that coding, or decode to more than `maxOutputLength` bytes.
   */
  readonly whole: (bytes: Uint8Array, bound: { readonly maxOutputLength: number }) => Buffer
  /** Creates a stream that decodes chunk by chunk; `first` is the first byte. */
  readonly streamed: (first: number) => Transform
}

const gzip: Coding = {
  whole: (bytes, bound) => zlib().gunzipSync(bytes, { ...bound, finishFlush: zlib().constants.Z_SYNC_FLUSH }),
  streamed: () => zlib().createGunzip(),
}

/**
 * By name, as in RFC 9110 section 8.4.1. `deflate` is zlib's format, but some servers send the data without it, which
 * every browser accepts. The low bits of the first byte distinguish the two (RFC 1950 section 2.2).
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

/** Codings in a `content-encoding` value, in the order in which they were applied, without `identity`. */
export function codingsOf(contentEncoding: string | undefined): string[] {
  const names = (contentEncoding ?? '').split(',').map((name) => name.trim().toLowerCase())
  return names.filter((name) => name !== '' && name !== 'identity')
}

/**
 * Undoes the codings of bytes, the last one first; `undefined` if one is unknown.
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

/** Creates the stream that undoes a coding, once the first byte is known; `undefined` for an unknown coding. */
export function streamedDecoder(coding: string): Coding['streamed'] | undefined {
  return CODINGS.get(coding)?.streamed
}
