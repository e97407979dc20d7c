import { toBytes } from './read-body.ts'

/**
 * A body of more pieces is not kept: each takes some 100 bytes beside its own, and an iterable may give without end.
 */
const MAX_PIECES = 2 ** 16

/**
 * The pieces of a body that have come. Bytes are copied: a generator may fill the same buffer again, or give it back
 * when it ends. undici has sent it by then, but here it waits for the rest. fetch's generator never does so, but looks
 * like any other.
 */
export class Pieces implements AsyncIterable<string | Buffer> {
  /** As they came. */
  readonly list: (string | Buffer)[] = []
  #size = 0

  /** @throws TypeError for what undici takes for no part of a body. */
  add(piece: unknown): void {
    const kept = typeof piece === 'string' ? piece : Buffer.from(toBytes(piece))
    this.list.push(kept)
    this.#size += typeof kept === 'string' ? Buffer.byteLength(kept) : kept.length
  }

  /** Whether there are more than `maxSize` bytes, or more pieces than are kept. */
  isTooLarge(maxSize: number): boolean {
    return this.#size > maxSize || this.list.length > MAX_PIECES
  }

  /** All in one. */
  whole(): string | Uint8Array {
    const [first] = this.list
    return this.list.length === 1 && first !== undefined ? first : Buffer.concat(this.list.map(toBytes), this.#size)
  }

  /** undici sends them so, any number of times. Async, since mock agents take a list for something else than a body. */
  async *[Symbol.asyncIterator](): AsyncGenerator<string | Buffer> {
    yield* this.list
  }
}
