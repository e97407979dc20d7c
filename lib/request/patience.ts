import { clearImmediate, clearTimeout, setImmediate, setTimeout } from 'node:timers' // an app's tests may fake the global ones

/** Milliseconds without a byte after which a body is assumed to wait for its answer. */
const SECOND = 1000

/** Waits that began in this turn of the event loop and have not ended. */
const begun: Patience[] = []
let isTurnAwaited = false

/**
 * Waits for the next bytes of a body, and gives up if none arrive for a second. The timer starts with the next turn of
 * the event loop, since a body whose bytes are available (fetch's) is read by then: that takes 0.05 µs, a timer 0.4.
 */
export class Patience {
  readonly #onSlow: () => void
  #timer: NodeJS.Timeout | undefined
  #turn: NodeJS.Immediate | undefined
  /** Its position in the list of waits that have begun; -1 once it is no longer in it. */
  #at = begun.length

  constructor(onSlow: () => void) {
    this.#onSlow = onSlow
    begun.push(this)
    if (isTurnAwaited) return
    isTurnAwaited = true
    setImmediate(Patience.#beginTimers)
  }

  /** Bytes have arrived. */
  renew(): void {
    if (this.#timer === undefined) return
    clearImmediate(this.#turn)
    this.#timer.refresh()
  }

  /** Stops waiting. */
  end(): void {
    if (this.#at >= 0) return this.#leave()
    clearImmediate(this.#turn)
    clearTimeout(this.#timer)
  }

  /** The last one takes its place. */
  #leave(): void {
    const last = begun.pop()
    if (last !== undefined && last !== this) {
      begun[this.#at] = last
      last.#at = this.#at
    }
    this.#at = -1
  }

  #begin(): void {
    this.#at = -1
    this.#timer = setTimeout(() => {
      // If the event loop was blocked for long, there may be bytes that could not be read yet.
      this.#turn = setImmediate(this.#onSlow)
    }, SECOND)
  }

  static #beginTimers(): void {
    isTurnAwaited = false
    for (const patience of begun.splice(0)) patience.#begin()
  }
}
