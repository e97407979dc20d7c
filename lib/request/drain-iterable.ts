import { Patience } from './patience.ts'
import { ABORTED, type BodyOwner, passed, type ReadBody, toBytes, whole } from './read-body.ts'

type Step = IteratorResult<unknown, unknown>

/** A body that is iterated over. fetch makes one of every body. */
export type IterableBody = AsyncIterable<unknown> | Iterable<unknown>

/** Reads all that an iterable gives, or passes it on with what was read of it. */
export function drainIterable(body: IterableBody, maxSize: number, owner: BodyOwner): Promise<ReadBody> {
  return new IterableDrain(iteratorOf(body), maxSize, owner).run()
}

function iteratorOf(body: IterableBody): AsyncIterator<unknown> {
  return Symbol.asyncIterator in body ? body[Symbol.asyncIterator]() : awaited(body)
}

// As undici does, which reads both kinds by `for await`.
async function* awaited(body: Iterable<unknown>): AsyncGenerator<unknown> {
  yield* body
}

class IterableDrain {
  readonly #iterator: AsyncIterator<unknown>
  readonly #maxSize: number
  readonly #owner: BodyOwner
  readonly #chunks: Uint8Array[] = []
  #size = 0
  /** What was asked for and has not come. */
  #pending: Promise<Step> | undefined
  #isSlow = false

  constructor(iterator: AsyncIterator<unknown>, maxSize: number, owner: BodyOwner) {
    this.#iterator = iterator
    this.#maxSize = maxSize
    this.#owner = owner
  }

  run(): Promise<ReadBody> {
    return new Promise((resolve) => {
      const patience = new Patience(() => {
        // The call of an owner that has left is over.
        if (this.#owner.done) return
        this.#isSlow = true
        resolve(passed(this.#rest(), 'body-slow'))
      })
      void this.#read(patience).then(resolve)
    })
  }

  /** Never rejects. What it gives is of no use once the body was passed on. */
  async #read(patience: Patience): Promise<ReadBody> {
    try {
      for (;;) {
        this.#pending = this.#iterator.next()
        const step = await this.#pending
        if (this.#isSlow) return ABORTED
        this.#pending = undefined
        if (step.done === true) return this.#owner.done ? ABORTED : this.#whole()
        if (this.#owner.done) return await this.#leave()
        patience.renew()
        this.#keep(toBytes(step.value))
        if (this.#size > this.#maxSize) return passed(this.#rest(), 'body-too-large')
      }
    } catch (error) {
      if (this.#isSlow) return ABORTED
      await this.#leave()
      return this.#owner.done ? ABORTED : { kind: 'failed', error }
    } finally {
      patience.end()
    }
  }

  // A copy: a generator may fill the same buffer again, or give it back when it ends. undici has sent it by then, but
  // here it waits for the rest. fetch's generator never does so, but looks like any other.
  #keep(chunk: Uint8Array): void {
    this.#chunks.push(Buffer.from(chunk))
    this.#size += chunk.length
  }

  #whole(): ReadBody {
    const [first] = this.#chunks
    return whole(this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks, this.#size))
  }

  /** Lets a generator clean up. What it throws then is not what went wrong. */
  async #leave(): Promise<ReadBody> {
    try {
      await this.#iterator.return?.()
    } catch {}
    return ABORTED
  }

  /** What was read, then what is still to come. */
  async *#rest(): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#chunks.splice(0)
      let step = await (this.#pending ?? this.#iterator.next())
      for (; step.done !== true; step = await this.#iterator.next()) yield toBytes(step.value)
    } finally {
      await this.#iterator.return?.()
    }
  }
}
