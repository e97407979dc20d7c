/** Milliseconds that all scans together may take in one turn of the event loop. */
const BUDGET = 2

interface Scan {
  /** Performs one step; returns `true` if it was the last. */
  step(): boolean
}

/** Runs long searches in steps, one after the other. However many are queued, other work gets its turn every 2 ms. */
export class ScanQueue {
  readonly #waiting: Scan[] = []
  #isRunning = false

  /** Runs a scan whose steps take far less than a millisecond each. */
  run<Result>(scan: Generator<undefined, Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const step = (): boolean => {
        try {
          const { done, value } = scan.next()
          if (done !== true) return false
          resolve(value)
        } catch (error) {
          reject(error)
        }
        return true
      }
      this.#waiting.push({ step })
      this.#start()
    })
  }

  #start(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    setImmediate(() => this.#turn())
  }

  #turn(): void {
    const end = performance.now() + BUDGET
    do {
      if (this.#waiting[0]?.step() === true) this.#waiting.shift()
    } while (this.#waiting.length > 0 && performance.now() < end)
    this.#isRunning = false
    if (this.#waiting.length > 0) this.#start()
  }
}
