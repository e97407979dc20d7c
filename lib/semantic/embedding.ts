import { AsyncLocalStorage } from 'node:async_hooks'
import { LRUCache } from 'lru-cache'
import { atMost } from '../base/lru.ts'
import { isPromiseLike } from '../base/promises.ts'
import { Breaker } from '../stores/breaker.ts'
import { inTime } from './in-time.ts'

/** One vector for each text, in their order, all of the same length. */
export type Embed = (texts: string[]) => PromiseLike<readonly ArrayLike<number>[]> | readonly ArrayLike<number>[]

/** What {@link Embedding} needs. */
export interface EmbeddingOptions {
  readonly embed: Embed
  /** Seconds that a caller waits for a vector. */
  readonly timeout: number
  /** Called for the first failure of an outage. */
  readonly onError: (error: unknown) => void
}

/** Texts in one call of the embedder. */
const MAX_BATCH = 64
/** Vectors kept for the next question with the same text: 6 MB if each has 1,536 numbers. */
const MAX_KEPT = 1_000
/** Milliseconds for a vector that no call waits for: a local model may have to be loaded first. */
const BEHIND = 60_000

interface Batch {
  readonly texts: Map<string, Waiting>
}

interface Waiting {
  readonly resolve: (vector: ArrayLike<number>) => void
  readonly reject: (error: unknown) => void
  readonly vector: Promise<ArrayLike<number>>
}

/**
 * Calls the app's embedder, and protects calls from it. Texts of one turn of the event loop are embedded together, and
 * their vectors are kept. No call waits longer than `timeout`. An embedder that fails repeatedly is not called for a
 * while.
 */
export class Embedding {
  readonly #options: EmbeddingOptions
  readonly #breaker: Breaker
  readonly #kept = new LRUCache<string, Promise<ArrayLike<number>>>(atMost(MAX_KEPT))
  /**
   * The embedder may call through this cache. The `cache.with` scope of a call that waits for it must not apply there.
   */
  readonly #outside = AsyncLocalStorage.snapshot()
  #batch: Batch | undefined

  constructor(options: EmbeddingOptions, now?: () => number) {
    this.#options = options
    this.#breaker = new Breaker(now)
  }

  /** The vector of a text that a caller waits for; `undefined` after `timeout`, or if the embedder fails. */
  async of(text: string): Promise<ArrayLike<number> | undefined> {
    const known = this.#kept.peek(text)
    const permission = known === undefined ? this.#breaker.ask() : 'closed'
    if (permission === 'open') return undefined
    const vector = this.#within(this.#options.timeout * 1000, this.#ask(text))
    return permission === 'probe' ? undefined : vector
  }

  /** The vector of a text that nobody waits for. */
  async behind(text: string): Promise<ArrayLike<number> | undefined> {
    if (this.#kept.peek(text) === undefined && this.#breaker.ask() === 'open') return undefined
    return this.#within(BEHIND, this.#ask(text))
  }

  async #within(ms: number, vector: Promise<ArrayLike<number>>): Promise<ArrayLike<number> | undefined> {
    try {
      const found = await inTime(ms, 'The embedder', vector, ms === BEHIND ? 'behind' : undefined)
      this.#breaker.succeeded()
      return found
    } catch (error) {
      if (this.#breaker.failed()) this.#options.onError(error)
      return undefined
    }
  }

  #ask(text: string): Promise<ArrayLike<number>> {
    const known = this.#kept.get(text)
    if (known !== undefined) return known
    const { vector } = this.#wait(text)
    this.#kept.set(text, vector)
    vector.catch(() => this.#kept.delete(text))
    return vector
  }

  #wait(text: string): Waiting {
    if (this.#batch === undefined || this.#batch.texts.size >= MAX_BATCH) this.#batch = this.#open()
    const waiting = Promise.withResolvers<ArrayLike<number>>()
    const one = { resolve: waiting.resolve, reject: waiting.reject, vector: waiting.promise }
    this.#batch.texts.set(text, one)
    return one
  }

  /** Opens a batch, which is embedded at the end of this turn of the event loop. */
  #open(): Batch {
    const batch: Batch = { texts: new Map() }
    setImmediate(() => {
      if (this.#batch === batch) this.#batch = undefined
      void this.#outside(() => this.#run(batch))
    })
    return batch
  }

  async #run({ texts }: Batch): Promise<void> {
    try {
      const asked = [...texts.keys()]
      const answer = this.#options.embed(asked)
      const vectors = checked(isPromiseLike(answer) ? await answer : answer, asked.length)
      for (const [at, { resolve }] of [...texts.values()].entries()) resolve(vectors[at] ?? [])
    } catch (error) {
      for (const { reject } of texts.values()) reject(error)
    }
  }
}

/** Checks the result of the app's embedder, which need not match its type. */
function checked(vectors: unknown, count: number): readonly ArrayLike<number>[] {
  const isWhole = Array.isArray(vectors) && vectors.length === count && vectors.every(isVector)
  if (!isWhole) throw new TypeError(`The embedder must give one vector of finite numbers for each of ${count} texts`)
  return vectors
}

function isVector(value: unknown): value is ArrayLike<number> {
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) return false
  const numbers: unknown[] = Array.from(value as ArrayLike<unknown>) // a view without items, such as DataView, gives an empty array
  return numbers.length > 0 && numbers.every((one) => typeof one === 'number' && Number.isFinite(one))
}
