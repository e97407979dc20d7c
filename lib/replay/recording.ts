import type { Entry } from '../stores/entry.ts'
import type { Head, RawHeaders } from '../undici/head.ts'

/** What a replay reads: a stored answer, or one that is still being recorded. */
export interface Recording {
  /** `undefined` until the head has come. */
  readonly head: Head | undefined
  /** Number of chunks so far, including dropped ones. */
  readonly length: number
  /** Whether all chunks have arrived. */
  readonly ended: boolean
  /** The error that ended it, if any. */
  readonly error: Error | undefined
  readonly trailers: Record<string, string | string[]>
  readonly rawTrailers: RawHeaders
  /** A copy of chunk `at`, which its receiver may change. */
  copy(at: number): Buffer
  /** Milliseconds between the previous chunk (or the head) and chunk `at`. */
  gap(at: number): number
}

/**
 * Bytes of a JSON body that are played at once. Its original chunks mean nothing, and a reader that wants the whole
 * body would have to join them again: with slices of 64 kB, fetch takes 1.4 times as long for 5 MB. This is the default
 * of `maxEntrySize`, so only larger bodies are sliced, for readers that pause.
 */
export const SLICE: number = 8 * 1024 * 1024
// Bytes of a stream's chunks that are copied at once and handed out as views: 0.04 µs a chunk, compared with 0.13 for
// separate copies. undici too hands out views of the 64 kB that it reads from a socket.
const COPIED = 64 * 1024
const NO_BYTES = Buffer.alloc(0)
const NO_TRAILERS: Record<string, string | string[]> = {}

/** The members of an entry that a recording plays. */
type RecordedBytes = Pick<Entry, 'body' | 'ends'> & Partial<Pick<Entry, 'gaps'>>

/** Changes a copy of a part of a body that begins at byte `from`, never its length. */
export type Patch = (part: Buffer, from: number) => void

/** A stored answer as a recording. */
export class StoredRecording implements Recording {
  readonly head: Head
  readonly length: number
  readonly ended = true
  readonly error = undefined
  readonly trailers: Record<string, string | string[]> = NO_TRAILERS
  readonly rawTrailers = null
  readonly #entry: RecordedBytes
  readonly #patch: Patch | undefined
  /** A copy of the next bytes, from `#at` on. */
  #block: Buffer = NO_BYTES
  #at = 0
  /** End of the last chunk that was handed out. */
  #taken = 0

  /** @param patch changes what is handed out */
  constructor(entry: RecordedBytes, head: Head, patch?: Patch) {
    this.#entry = entry
    this.#patch = patch
    this.head = head
    this.length = entry.ends.length || Math.ceil(entry.body.length / SLICE)
  }

  copy(at: number): Buffer {
    const start = this.#end(at - 1)
    const end = this.#end(at)
    // No bytes are handed out twice. If a reader has detached its chunk's memory, the block is empty.
    if (start < this.#taken || end - this.#at > this.#block.length) this.#fill(start, end)
    this.#taken = end
    if (start === this.#at && end - start === this.#block.length) return this.#block
    return this.#block.subarray(start - this.#at, end - this.#at)
  }

  #fill(start: number, end: number): void {
    const { body, ends } = this.#entry
    const last = ends.length > 0 ? Math.max(end, start + COPIED) : end
    const bytes = body.subarray(start, last)
    this.#block = Buffer.allocUnsafe(bytes.length)
    this.#block.set(bytes)
    this.#patch?.(this.#block, start)
    this.#at = start
  }

  gap(at: number): number {
    return this.#entry.gaps?.[at] ?? 0
  }

  #end(at: number): number {
    const { ends, body } = this.#entry
    if (at < 0) return 0
    return ends.length > 0 ? (ends[at] ?? body.length) : Math.min((at + 1) * SLICE, body.length)
  }
}
