import { Patience } from './patience.ts'
import { Pieces } from './pieces.ts'
import { ABORTED, type BodyOwner, type PassedBody, passed, type ReadBody, whole } from './read-body.ts'

type Step = IteratorResult<unknown, unknown>

/** A body that is iterated over, such as every body of fetch. */
export type IterableBody = AsyncIterable<unknown> | Iterable<unknown>

/** Reads a whole iterable, or passes it on with what was already read from it. */
export function drainIterable(body: IterableBody, maxSize: number, owner: BodyOwner): Promise<ReadBody> {
  return new IterableDrain(iteratorOf(body), maxSize, owner).run()
}

function iteratorOf(body: IterableBody): AsyncIterator<unknown> {
  return Symbol.asyncIterator in body ? body[Symbol.asyncIterator]() : awaited(body)
}

// undici reads both kinds by `for await`.
async function* awaited(body: Iterable<unknown>): AsyncGenerator<unknown> {
  yield* body
}

class IterableDrain {
  readonly #iterator: AsyncIterator<unknown>
  readonly #maxSize: number
  readonly #owner: BodyOwner
  readonly #pieces = new Pieces()
  /** A step that was requested but not used yet. */
  #pending: Promise<Step> | undefined
  #isPassed = false

  constructor(iterator: AsyncIterator<unknown>, maxSize: number, owner: BodyOwner) {
    this.#iterator = iterator
    this.#maxSize = maxSize
    this.#owner = owner
  }

  run(): Promise<ReadBody> {
    return new Promise((resolve) => void this.#read(resolve))
  }

  /** Never rejects. Its result is not used once the body was passed on. */
  async #read(resolve: (read: ReadBody) => void): Promise<void> {
    const patience = new Patience(() => {
      // If the owner has left, its call is over.
      if (!this.#owner.done) resolve(this.#pass('body-slow'))
    })
    try {
      while (!this.#isPassed) {
        this.#pending = this.#iterator.next()
        const step = await this.#pending
        if (this.#isPassed) break
        if (this.#owner.done) return resolve(await this.#leave(step))
        if (step.done === true) return resolve(whole(this.#pieces.whole(), this.#pieces))
        patience.renew()
        this.#pieces.add(step.value)
        this.#pending = undefined
        if (this.#pieces.isTooLarge(this.#maxSize)) return resolve(this.#pass('body-too-large'))
      }
    } catch (error) {
      if (this.#isPassed) return
      resolve(this.#owner.done ? await this.#leave() : this.#fail(error))
    } finally {
      patience.end()
    }
  }

  /** Lets a generator clean up. An error from that is not what went wrong. */
  async #leave(last?: Step): Promise<ReadBody> {
    try {
      if (last?.done !== true) await this.#iterator.return?.()
    } catch {}
    return ABORTED
  }

  #fail(thrown: unknown): ReadBody {
    this.#pending ??= Promise.reject(thrown)
    this.#pending.catch(() => {}) // whoever reads the rest gets the error
    return this.#pass('body-failed')
  }

  #pass(reason: PassedBody): ReadBody {
    this.#isPassed = true
    return passed(this.#rest(), reason)
  }

  /** What was read, then the rest or its error. */
  async *#rest(): AsyncGenerator<unknown> {
    try {
      yield* this.#pieces
      let step = await (this.#pending ?? this.#iterator.next())
      for (; step.done !== true; step = await this.#iterator.next()) yield step.value
    } finally {
      await this.#iterator.return?.()
    }
  }
}
