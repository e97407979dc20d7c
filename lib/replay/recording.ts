import type { Entry } from '../stores/entry.ts'
import type { Head } from '../undici/head.ts'

/** What a replay reads: a stored answer, or one that is still being recorded. */
export interface Recording {
  /** `undefined` until the head has come. */
  readonly head: Head | undefined
  /** How many chunks there are so far, dropped ones included. */
  readonly length: number
  /** Whether no more chunks come. */
  readonly ended: boolean
  /** Why it ended, where it did not end well. */
  readonly error: Error | undefined
  readonly trailers: Record<string, string | string[]>
  readonly rawTrailers: Buffer[] | null
  /** Chunk `at` as an own copy that its receiver may change. */
  copy(at: number): Buffer
  /** Milliseconds between the chunk before (or the head) and chunk `at`. */
  gap(at: number): number
}

/**
 * Bytes of a JSON body that are played at one go. It is one document: its transport boundaries mean nothing, and whoever
 * wants it whole would put the slices together again: 5 MB in slices of 64 kB take fetch 1.4 times as long. The default
 * `maxEntrySize`, so that only larger ones are sliced, for readers that pause.
 */
export const SLICE: number = 8 * 1024 * 1024
// Chunks of a stream are copied so many bytes at a time, and handed out as views: 0.04 µs a chunk, against 0.13 for a copy
// each. What undici reads from a socket are views of 64 kB as well.
const COPIED = 64 * 1024
const NO_BYTES = Buffer.alloc(0)
const NO_TRAILERS: Record<string, string | string[]> = {}

/** What a recording plays of an entry. */
type RecordedBytes = Pick<Entry, 'body' | 'ends'> & Partial<Pick<Entry, 'gaps'>>

/** A stored answer as a recording. */
export class StoredRecording implements Recording {
  readonly head: Head
  readonly length: number
  readonly ended = true
  readonly error = undefined
  readonly trailers: Record<string, string | string[]> = NO_TRAILERS
  readonly rawTrailers = null
  readonly #entry: RecordedBytes
  /** A copy of what comes next, from `#at` on. */
  #block: Buffer = NO_BYTES
  #at = 0
  /** Where the last chunk that was handed out ends. */
  #taken = 0

  constructor(entry: RecordedBytes, head: Head) {
    this.#entry = entry
    this.head = head
    this.length = entry.ends.length || Math.ceil(entry.body.length / SLICE)
  }

  copy(at: number): Buffer {
    const start = this.#end(at - 1)
    const end = this.#end(at)
    // Nothing is handed out twice. A reader that has detached its chunk's memory leaves a block of no bytes.
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
