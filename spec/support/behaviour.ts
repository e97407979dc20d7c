import { createBrotliCompress, createDeflate, createGzip, createZstdCompress, constants } from 'node:zlib'
import type { Transform } from 'node:stream'

/** How the provider answers one call. Without one it answers whole, at once, with 200. */
export interface Behaviour {
  /** Default 200. With another status the answer is the provider's error document. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** The body instead of the endpoint's own, one event to an element. */
  readonly events?: readonly (string | Uint8Array)[]
  /** Default the endpoint's own. */
  readonly contentType?: string
  /** Sent as `content-length`, whatever comes: what a truncated answer looks like. */
  readonly contentLength?: number
  /** Words in the answer; default 8. */
  readonly words?: number
  /** Milliseconds, or an event of the spec's, before the head of the answer. */
  readonly first?: number | Promise<unknown>
  /** Milliseconds before each event after the first; default 0. */
  readonly gap?: number
  /** Waits for an event of the spec's once `after` events were sent. */
  readonly gate?: { readonly after: number; readonly until: Promise<unknown> }
  /** Milliseconds, or an event of the spec's, from the last event to the end: the socket stays open meanwhile. */
  readonly hold?: number | Promise<unknown>
  /** Breaks off after so many events: `end` is a clean end of the transport, `reset` a TCP reset. */
  readonly cut?: { readonly after: number; readonly how: 'end' | 'reset' }
  /** Fails after so many events in the provider's own way, inside the 200. */
  readonly failAfter?: number
  readonly coding?: Coding
}

/** A content coding. */
export type Coding = 'gzip' | 'deflate' | 'br' | 'zstd'

/** Makes the encoder of a coding. */
export function createEncoder(coding: Coding): Transform & { flush(kind: number, done: () => void): void } {
  switch (coding) {
    case 'gzip':
      return createGzip()
    case 'deflate':
      return createDeflate()
    case 'br':
      return createBrotliCompress()
    case 'zstd':
      return createZstdCompress()
    default:
      return coding satisfies never
  }
}

/** What makes an encoder of a coding put out all that it has. */
export function flushOf(coding: Coding): number {
  if (coding === 'br') return constants.BROTLI_OPERATION_FLUSH
  return coding === 'zstd' ? constants.ZSTD_e_flush : constants.Z_SYNC_FLUSH
}
