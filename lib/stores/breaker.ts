/** Whether a store may be asked now. */
export type Permission =
  /** Ask it. */
  | 'closed'
  /** Ask it once, to see whether it is back. No call may wait for the result. */
  | 'probe'
  /** Do not ask it. */
  | 'open'

/** Failures in a row after which the breaker opens. */
const TRIP = 5
/** Milliseconds until the first probe; each failed one doubles them. */
const FIRST_PAUSE = 1_000
const LAST_PAUSE = 30_000

/**
 * A circuit breaker: a store that keeps failing is not asked for a while, and then probed until it is back.
 *
 * @param now returns milliseconds
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

  /** Until a probe has reported its result, all others get `'open'`. */
  ask(): Permission {
    if (this.#failures < TRIP) return 'closed'
    if (this.#isProbing || this.#now() < this.#probeAt) return 'open'
    this.#isProbing = true
    return 'probe'
  }

  /** `true` if this ends an outage. */
  succeeded(): boolean {
    const wasDown = this.#failures > 0
    this.#failures = 0
    this.#pause = FIRST_PAUSE
    this.#isProbing = false
    return wasDown
  }

  /** `true` where this begins an outage, which is then reported. */
  failed(): boolean {
    this.#failures++
    // A thousand calls may fail at once. Only the failure that opens the breaker, and each failed probe, delay the next
    // probe.
    if (this.#failures === TRIP) this.#probeAt = this.#now() + this.#pause
    if (this.#isProbing) {
      this.#isProbing = false
      this.#pause = Math.min(this.#pause * 2, LAST_PAUSE)
      this.#probeAt = this.#now() + this.#pause
    }
    return this.#failures === 1
  }
}
