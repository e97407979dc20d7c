import type { Entry } from './entry.ts'
import type { Head } from './head.ts'

/** What a replay reads: a stored answer, or one that is still being recorded. */
export interface Tape {
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

// A JSON body is one document: its transport boundaries mean nothing, but a paused reader must be able to stop.
const SLICE = 64 * 1024
// Small chunks share memory of the tape's own. Node's pool would be pinned by them together with the copies that readers
// were given: measured, 32 MB for 20 MB of stream with two readers, and worse with each reader more.
const SLAB = 16 * 1024
const NO_TRAILERS: Record<string, string | string[]> = {}

/** A stored answer as a tape. */
export class EntryTape implements Tape {
  readonly head: Head
  readonly length: number
  readonly ended = true
  readonly error = undefined
  readonly trailers: Record<string, string | string[]> = NO_TRAILERS
  readonly rawTrailers = null
  readonly #entry: Entry

  constructor(entry: Entry, head: Head) {
    this.#entry = entry
    this.head = head
    this.length = entry.ends.length || Math.ceil(entry.body.length / SLICE)
  }

  copy(at: number): Buffer {
    const { body } = this.#entry
    return Buffer.from(body.subarray(this.#end(at - 1), this.#end(at)))
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

/** An answer on its way: what has come so far, kept whole until it is stored, or dropped once all have read it. */
export class LiveTape implements Tape {
  head: Head | undefined
  ended = false
  error: Error | undefined
  trailers: Record<string, string | string[]> = NO_TRAILERS
  rawTrailers: Buffer[] | null = null
  /** Bytes that have come. */
  size = 0
  /** Bytes that are still held. */
  kept = 0
  readonly #chunks: Buffer[] = []
  readonly #gaps: number[] = []
  #free = Buffer.alloc(0)
  #dropped = 0
  #last = 0

  get length(): number {
    return this.#dropped + this.#chunks.length
  }

  /** How many chunks were forgotten. */
  get dropped(): number {
    return this.#dropped
  }

  /** The head, at `now` milliseconds. */
  start(head: Head, now: number): void {
    this.head = head
    this.#last = now
  }

  /** Adds a copy of a chunk that a reader will be given. */
  record(chunk: Buffer, now: number): void {
    this.append(this.#keep(chunk), now)
  }

  /** Adds a chunk that nobody else will change. */
  append(chunk: Buffer, now: number): void {
    this.#chunks.push(chunk)
    this.#gaps.push(Math.max(0, Math.round(now - this.#last)))
    this.#last = now
    this.size += chunk.length
    this.kept += chunk.length
  }

  end(trailers: Record<string, string | string[]>, rawTrailers: Buffer[] | null): void {
    this.ended = true
    this.trailers = trailers
    this.rawTrailers = rawTrailers
  }

  fail(error: Error): void {
    this.ended = true
    this.error = error
  }

  /** @throws RangeError for a chunk that was dropped or has not come: never other bytes in its place. */
  copy(at: number): Buffer {
    const chunk = this.#chunks[at - this.#dropped]
    if (chunk === undefined) throw new RangeError(`Chunk ${at} is not on the tape`)
    return Buffer.from(chunk)
  }

  gap(at: number): number {
    return this.#gaps[at - this.#dropped] ?? 0
  }

  #keep(chunk: Buffer): Buffer {
    const isLarge = chunk.length > SLAB / 4
    if (!isLarge && this.#free.length < chunk.length) this.#free = Buffer.allocUnsafeSlow(SLAB)
    const source = isLarge ? Buffer.allocUnsafeSlow(chunk.length) : this.#free
    if (!isLarge) this.#free = source.subarray(chunk.length)
    const own = source.subarray(0, chunk.length)
    own.set(chunk)
    return own
  }

  /** Forgets the chunks before `at`: all who are attached have read them, and nothing will be stored. */
  drop(at: number): void {
    const count = Math.min(at - this.#dropped, this.#chunks.length)
    if (count <= 0) return
    for (const chunk of this.#chunks.splice(0, count)) this.kept -= chunk.length
    this.#gaps.splice(0, count)
    this.#dropped += count
  }

  /** One own copy of everything so far; of a stream with the ends of its chunks and the gaps before them. */
  bytes(stream: boolean): Pick<Entry, 'body' | 'ends' | 'gaps'> {
    const body = Buffer.allocUnsafeSlow(this.size)
    const ends = new Uint32Array(stream ? this.#chunks.length : 0)
    let size = 0
    for (const [at, chunk] of this.#chunks.entries()) {
      body.set(chunk, size)
      size += chunk.length
      if (stream) ends[at] = size
    }
    return { body, ends, gaps: stream ? Uint32Array.from(this.#gaps) : undefined }
  }
}
