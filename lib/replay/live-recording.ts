import type { Entry } from '../stores/entry.ts'
import { type Head, headerOf, type RawHeaders } from '../undici/head.ts'
import { type Recording, SLICE } from './recording.ts'

// Chunks are copied into the recording's own slabs, which grow with the answer. In Node's pool they would keep the
// readers' copies alive: 32 MB for 20 MB of stream with two readers, more with each reader. With a Buffer for each
// chunk, recording 500 of them took half as long again.
const FIRST_SLAB = 4 * 1024
const LAST_SLAB = 64 * 1024
const NO_ENDS = new Uint32Array()

/** Memory for a part of the answer. `start` counts from the answer's first byte. */
interface Slab {
  readonly bytes: Buffer
  readonly start: number
  used: number
  /** Whether only the recording can change it. */
  readonly own: boolean
}

/** An answer in progress. Its chunks are kept until it is stored, or dropped once all callers have read them. */
export class LiveRecording implements Recording {
  head: Head | undefined
  ended = false
  error: Error | undefined
  trailers: Record<string, string | string[]> = {}
  rawTrailers: RawHeaders = null
  /** Bytes that have arrived. */
  size = 0
  readonly #slabs: Slab[] = []
  /** Ends of the chunks that are still kept, like the gaps. */
  readonly #ends: number[] = []
  readonly #gaps: number[] = []
  #dropped = 0
  #droppedBytes = 0
  #last = 0

  get length(): number {
    return this.#dropped + this.#ends.length
  }

  /** Number of dropped chunks. */
  get dropped(): number {
    return this.#dropped
  }

  /** Bytes that are still kept. */
  get kept(): number {
    return this.size - this.#droppedBytes
  }

  /** The head, at `now` milliseconds. */
  start(head: Head, now: number): void {
    this.head = head
    this.#last = now
  }

  /** Adds a copy of a chunk that a reader will be given, at `now` milliseconds. */
  record(chunk: Buffer, now: number): void {
    for (let at = 0; at < chunk.length;) {
      const slab = this.#room(chunk.length - at)
      const free = slab.bytes.length - slab.used
      const part = at === 0 && chunk.length <= free ? chunk : chunk.subarray(at, at + free)
      slab.bytes.set(part, slab.used)
      slab.used += part.length
      at += part.length
    }
    this.#note(chunk.length, now)
  }

  /** Adds a chunk that nobody else will change. */
  append(chunk: Buffer, now: number): void {
    if (chunk.length > 0) this.#slabs.push({ bytes: chunk, start: this.size, used: chunk.length, own: false })
    this.#note(chunk.length, now)
  }

  end(trailers: Record<string, string | string[]>, rawTrailers: RawHeaders): void {
    this.ended = true
    this.trailers = trailers
    this.rawTrailers = rawTrailers
  }

  fail(error: Error): void {
    this.ended = true
    this.error = error
  }

  /** @throws RangeError for a chunk that was dropped or has not arrived. */
  copy(at: number): Buffer {
    const end = this.#ends[at - this.#dropped]
    if (end === undefined) throw new RangeError(`Chunk ${at} is not on the recording`)
    const start = this.#ends[at - this.#dropped - 1] ?? this.#droppedBytes
    const own = Buffer.allocUnsafe(end - start)
    let size = 0
    for (const piece of this.from(start, end)) {
      own.set(piece, size)
      size += piece.length
    }
    return own
  }

  gap(at: number): number {
    return this.#gaps[at - this.#dropped] ?? 0
  }

  /** The bytes from `start` on, in the pieces in which they are kept. Must be read at once, and not changed. */
  *from(start: number, end: number = this.size): Generator<Buffer> {
    for (let at = this.#slabAt(start), next = start; next < end; at++) {
      const slab = this.#slabs[at]
      if (slab === undefined) return
      yield slab.bytes.subarray(next - slab.start, Math.min(end - slab.start, slab.used))
      next = slab.start + slab.used
    }
  }

  /** Drops the chunks before `at`, which all callers have read, of an answer that will not be stored. */
  drop(at: number): void {
    const count = Math.min(at - this.#dropped, this.#ends.length)
    if (count <= 0) return
    this.#droppedBytes = this.#ends[count - 1] ?? this.size
    this.#ends.splice(0, count)
    this.#gaps.splice(0, count)
    this.#dropped += count
    const unread = this.#slabs.findIndex(({ start, used }) => start + used > this.#droppedBytes)
    this.#slabs.splice(0, unread === -1 ? this.#slabs.length : unread)
  }

  /** One copy of everything so far. For a stream, also the ends of its chunks and the gaps before them. */
  bytes(stream: boolean): Pick<Entry, 'body' | 'ends' | 'gaps'> {
    const body = this.#whole()
    if (!stream) return { body, ends: NO_ENDS, gaps: undefined }
    // Even an array of one number takes 200 bytes.
    const isOne = this.#ends.length === 1 && body.length <= SLICE
    const ends = isOne ? NO_ENDS : Uint32Array.from(this.#ends)
    const gaps = this.#gaps.some((gap) => gap > 0) ? Uint32Array.from(this.#gaps) : undefined
    return { body, ends, gaps }
  }

  #note(length: number, now: number): void {
    this.size += length
    this.#ends.push(this.size)
    this.#gaps.push(Math.max(0, Math.round(now - this.#last)))
    this.#last = now
  }

  /** The slab for the next bytes, at least `needed` of them. */
  #room(needed: number): Slab {
    const last = this.#slabs.at(-1)
    if (last !== undefined && last.used < last.bytes.length) return last
    const start = last === undefined ? this.size : last.start + last.used
    const wanted = start === 0 ? (this.#announced() ?? FIRST_SLAB) : start
    const bytes = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(wanted, LAST_SLAB)))
    const slab = { bytes, start, used: 0, own: true }
    this.#slabs.push(slab)
    return slab
  }

  /** The size in the head: such an answer fills its slab exactly, and is stored without another copy. */
  #announced(): number | undefined {
    const length = Number(headerOf(this.head?.headers ?? [], 'content-length'))
    return length > 0 ? length : undefined
  }

  #slabAt(offset: number): number {
    let low = 0
    let high = this.#slabs.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#slabs[middle]?.start ?? Infinity) <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  #whole(): Uint8Array {
    const [first, second] = this.#slabs
    if (first?.own === true && second === undefined && first.used === first.bytes.length) return first.bytes
    const body = Buffer.allocUnsafeSlow(this.size)
    for (const { bytes, start, used } of this.#slabs) body.set(bytes.subarray(0, used), start)
    return body
  }
}
