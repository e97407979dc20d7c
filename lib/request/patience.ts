import { clearImmediate, clearTimeout, setImmediate, setTimeout } from 'node:timers' // an app's tests may fake the global ones

/** Milliseconds without a byte after which a body counts as one that waits for its answer. */
const SECOND = 1000

/** Those that began in this turn of the event loop and have not ended. */
const begun: Patience[] = []
let isTurnAwaited = false

/**
 * Waits for the next bytes of a body, and gives up when none have come for a second. The timer begins with the next turn of
 * the event loop: until then a body is read whose bytes are at hand (fetch's). One immediate serves all of a turn: of a hit
 * that takes 0.05 µs, an immediate for each 0.2, a timer 0.4.
 */
export class Patience {
  readonly #onSlow: () => void
  #timer: NodeJS.Timeout | undefined
  #turn: NodeJS.Immediate | undefined
  /** Its place among those that have begun; -1 once it has left them. */
  #at = begun.length

  constructor(onSlow: () => void) {
    this.#onSlow = onSlow
    begun.push(this)
    if (isTurnAwaited) return
    isTurnAwaited = true
    setImmediate(Patience.#beginTimers)
  }

  /** Bytes have come. */
  renew(): void {
    if (this.#timer === undefined) return
    clearImmediate(this.#turn)
    this.#timer.refresh()
  }

  /** No more are waited for. */
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
      // Where the event loop has stood still for long, bytes may be there that nobody could read yet.
      this.#turn = setImmediate(this.#onSlow)
    }, SECOND)
  }

  static #beginTimers(): void {
    isTurnAwaited = false
    for (const patience of begun.splice(0)) patience.#begin()
  }
}
