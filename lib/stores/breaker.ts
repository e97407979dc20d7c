/** What may be done with a store now. */
export type Permission =
  /** Ask it. */
  | 'closed'
  /** Ask it once, and let nobody wait for it: this is to see whether it is back. */
  | 'probe'
  /** Leave it alone. */
  | 'open'

/** Failures in a row after which the breaker opens. */
const TRIP = 5
/** Milliseconds until the first probe; each failed one doubles them. */
const FIRST_PAUSE = 1_000
const LAST_PAUSE = 30_000

/**
 * A circuit breaker: keeps a store that fails out of everyone's way, and tries now and then whether it is back. `now` gives
 * milliseconds.
 */
export class Breaker {
  readonly #now: () => number
  #failures = 0
  #pause = FIRST_PAUSE
  #probeAt = 0
  #isProbing = false

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Whether the last attempt failed. */
  get isFailing(): boolean {
    return this.#failures > 0
  }

  /** Whoever is told `'probe'` is the only one until it has reported. */
  ask(): Permission {
    if (this.#failures < TRIP) return 'closed'
    if (this.#isProbing || this.#now() < this.#probeAt) return 'open'
    this.#isProbing = true
    return 'probe'
  }

  /** `true` where this ends an outage. */
  succeeded(): boolean {
    const wasDown = this.#failures > 0
    this.#failures = 0
    this.#pause = FIRST_PAUSE
    this.#isProbing = false
    return wasDown
  }

  /** `true` where this begins an outage: the moment to tell of it. */
  failed(): boolean {
    this.#failures++
    // A thousand calls may fail at once: only the one that opens it, and then each probe, put the next probe off.
    if (this.#failures === TRIP) this.#probeAt = this.#now() + this.#pause
    if (this.#isProbing) {
      this.#isProbing = false
      this.#pause = Math.min(this.#pause * 2, LAST_PAUSE)
      this.#probeAt = this.#now() + this.#pause
    }
    return this.#failures === 1
  }
}
