import { LRUCache } from 'lru-cache'
import { atMost } from '../base/lru.ts'

// Milliseconds. SDKs retry within seconds, so an older failure explains no retry.
const MEMORY = 120_000

/**
 * Distinguishes two kinds of SDK retries. One follows a failure: a caller that got a failure, or left a slow call, may
 * retry once and get what is stored by then. Any other was caused by the stored answer itself, which the SDK rejected,
 * and must not get it again.
 */
export class Retries {
  readonly #failures = new LRUCache<string, { count: number }>({
    ...atMost(10_000),
    ttl: MEMORY,
    // A monotonic clock: a change of the system time must not count.
    perf: { now: () => performance.now() },
    ttlResolution: 0,
  })

  /** Records that a number of callers of this key got a failure. */
  failed(key: string, callers: number): void {
    if (callers === 0) return
    this.#failures.set(key, { count: callers + (this.#failures.get(key)?.count ?? 0) })
  }

  /** Whether a failure explains a retry of this key. Each failure explains one. */
  explains(key: string): boolean {
    const failure = this.#failures.get(key)
    if (failure === undefined) return false
    failure.count--
    if (failure.count === 0) this.#failures.delete(key)
    return true
  }
}
