import { clearImmediate, clearTimeout, setImmediate, setTimeout } from 'node:timers' // an app's tests may fake the global ones

/** Milliseconds without a byte after which a body counts as one that waits for its answer. */
const SECOND = 1000

/**
 * Waits for the next bytes of a body, and gives up when none have come for a second. The timer begins with the next
 * turn of the event loop: until then a body is read whose bytes are at hand (fetch's), which takes 0.05 µs so, with a
 * timer 0.4.
 */
export class Patience {
  readonly #onSlow: () => void
  #timer: NodeJS.Timeout | undefined
  #turn: NodeJS.Immediate

  constructor(onSlow: () => void) {
    this.#onSlow = onSlow
    this.#turn = setImmediate(() => this.#begin())
  }

  /** Bytes have come. */
  renew(): void {
    if (this.#timer === undefined) return
    clearImmediate(this.#turn)
    this.#timer.refresh()
  }

  /** No more are waited for. */
  end(): void {
    clearImmediate(this.#turn)
    clearTimeout(this.#timer)
  }

  #begin(): void {
    this.#timer = setTimeout(() => {
      // Where the event loop has stood still for long, bytes may be there that nobody could read yet.
      this.#turn = setImmediate(this.#onSlow)
    }, SECOND)
  }
}
