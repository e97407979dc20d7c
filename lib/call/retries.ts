import { LRUCache } from 'lru-cache'
import { atMost } from '../base/lru.ts'

// Milliseconds. SDKs retry within seconds, so an older failure explains no retry.
const MEMORY = 120_000

/**
 * Tells apart two kinds of an SDK's retry. One follows a failure: whoever got one, or left a call that took too long,
 * may come back once for what is stored by then. Any other was provoked by the stored answer itself, which the SDK did
 * not like, and must not get it again.
 */
export class Retries {
  readonly #failures = new LRUCache<string, { count: number }>({
    ...atMost(10_000),
    ttl: MEMORY,
    // A duration: a clock that is set meanwhile must not count.
    perf: { now: () => performance.now() },
    ttlResolution: 0,
  })

  /** So many callers of this key got a failure. */
  failed(key: string, callers: number): void {
    if (callers === 0) return
    this.#failures.set(key, { count: callers + (this.#failures.get(key)?.count ?? 0) })
  }

  /** Whether a failure explains a retry of this key. Each explains one. */
  explains(key: string): boolean {
    const failure = this.#failures.get(key)
    if (failure === undefined) return false
    failure.count--
    if (failure.count === 0) this.#failures.delete(key)
    return true
  }
}
