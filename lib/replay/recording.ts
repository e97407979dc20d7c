import type { Entry } from '../stores/entry.ts'
import type { Head, RawHeaders } from '../undici/head.ts'

/** What a replay reads: a stored answer, or one that is still being recorded. */
export interface Recording {
  /** `undefined` until the head has come. */
  readonly head: Head | undefined
  /** How many chunks there are so far, dropped ones included. */
  readonly length: number
  /** Whether no more chunks come. */
  readonly ended: boolean
  /** Why it broke off, if it did. */
  readonly error: Error | undefined
  readonly trailers: Record<string, string | string[]>
  readonly rawTrailers: RawHeaders
  /** A copy of chunk `at`, which its receiver may change. */
  copy(at: number): Buffer
  /** Milliseconds between the chunk before (or the head) and chunk `at`. */
  gap(at: number): number
}

/**
 * Bytes of a JSON body that are played at one go. Where its chunks ended means nothing, and who wants it whole would
 * have to join them again: with slices of 64 kB, fetch takes 1.4 times as long for 5 MB. This is the default of
 * `maxEntrySize`, so that only larger bodies are sliced, for readers that pause.
 */
export const SLICE: number = 8 * 1024 * 1024
// Chunks of a stream are copied so many bytes at a time, and handed out as views of that copy: 0.04 µs a chunk, against
// 0.13 with a copy for each. undici too hands out views of the 64 kB that it reads from a socket.
const COPIED = 64 * 1024
const NO_BYTES = Buffer.alloc(0)
const NO_TRAILERS: Record<string, string | string[]> = {}

/** What a recording plays of an entry. */
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
  /** A copy of what comes next, from `#at` on. */
  #block: Buffer = NO_BYTES
  #at = 0
  /** Where the last chunk that was handed out ends. */
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
    // No bytes are handed out twice. If a reader has detached the memory of its chunk, the block has no bytes.
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
