import { LRUCache } from 'lru-cache'

// SDKs retry within seconds; a failure older than this explains no retry.
const MEMORY = 120_000

/**
 * Tells retries that a failure explains from those that an answer itself provoked. Each caller that got a failure (or
 * left a call that took too long) may come back once for whatever is cached by then; a retry beyond these was made
 * because of the answer that its SDK had been given, and must not get it again.
 */
export class Retries {
  readonly #failures = new LRUCache<string, { count: number }>({
    max: 10_000,
    ttl: MEMORY,
    perf: { now: () => Date.now() },
    ttlResolution: 0,
  })

  /** `callers` of this key were given a failure. */
  failed(key: string, callers: number): void {
    if (callers === 0) return
    this.#failures.set(key, { count: callers + (this.#failures.get(key)?.count ?? 0) })
  }

  /** Whether a failure explains one more retry of this key; it then explains one less. */
  explains(key: string): boolean {
    const failure = this.#failures.get(key)
    if (failure === undefined) return false
    failure.count--
    if (failure.count === 0) this.#failures.delete(key)
    return true
  }
}
