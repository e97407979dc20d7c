import { toBytes } from './read-body.ts'

/** A body with more pieces is not kept: each takes about 100 bytes besides its own, and an iterable may be endless. */
const MAX_PIECES = 2 ** 16

/**
 * The pieces of a body that have arrived. Bytes are copied, since a generator may reuse its buffer, or give it back
 * when it ends. undici has sent them by then, but here they wait for the rest. fetch's generator never reuses buffers,
 * but can't be distinguished.
 */
export class Pieces implements AsyncIterable<string | Buffer> {
  /** As they arrived. */
  readonly list: (string | Buffer)[] = []
  #size = 0

  /** @throws TypeError for anything that undici does not accept as a part of a body. */
  add(piece: unknown): void {
    const kept = typeof piece === 'string' ? piece : Buffer.from(toBytes(piece))
    this.list.push(kept)
    this.#size += typeof kept === 'string' ? Buffer.byteLength(kept) : kept.length
  }

  /** Whether there are more than `maxSize` bytes, or more pieces than are kept. */
  isTooLarge(maxSize: number): boolean {
    return this.#size > maxSize || this.list.length > MAX_PIECES
  }

  /** The whole body. */
  whole(): string | Uint8Array {
    const [first] = this.list
    return this.list.length === 1 && first !== undefined ? first : Buffer.concat(this.list.map(toBytes), this.#size)
  }

  /**
   * Lets undici send the pieces any number of times. Async, since mock agents treat a list as something other than a
   * body.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<string | Buffer> {
    yield* this.list
  }
}
