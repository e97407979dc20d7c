import { setImmediate, setTimeout } from 'node:timers' // an app's tests may fake the global ones
import type { Route, Urgency } from './flight-hooks.ts'

/** Milliseconds after which an answer is judged at the latest; see {@link Urgency}. */
const LATEST = 10

/** A queued flight. */
interface Pending {
  readonly route: Pick<Route, 'key'>
  catchUp(): void
}

/** Answers to be judged once nobody waits for a provider, at the latest after 10 ms. */
export class AdmissionQueue {
  readonly #due = new Map<Pending, Urgency>()
  readonly #underWay: () => number
  #isTurnPlanned = false
  #timer: NodeJS.Timeout | undefined

  /** @param underWay returns the number of flights, including those that are queued here */
  constructor(underWay: () => number) {
    this.#underWay = underWay
  }

  /** Queues a flight to be judged by then, or sooner if its answer is needed. */
  add(flight: Pending, urgency: Urgency): void {
    this.#due.set(flight, urgency)
    if (urgency === 'soon') this.#planTimer(urgency)
    else this.#planTurn()
  }

  /** Removes a flight that need not be judged any more. */
  drop(flight: Pending): void {
    this.#due.delete(flight)
  }

  /** Judges queued answers: those of one key, or all. Must be called before the store or the counts are read. */
  catchUp(key?: string): void {
    if (this.#due.size === 0) return
    for (const flight of this.#due.keys()) if (key === undefined || flight.route.key === key) this.#judge(flight)
  }

  #judge(flight: Pending): void {
    this.#due.delete(flight)
    flight.catchUp()
  }

  #planTurn(): void {
    if (this.#isTurnPlanned) return
    this.#isTurnPlanned = true
    setImmediate(() => {
      this.#isTurnPlanned = false
      for (const [flight, urgency] of this.#due) if (urgency === 'now') this.#judge(flight)
      const ended = [...this.#due.values()].filter((urgency) => urgency === 'ended').length
      if (ended === this.#underWay()) this.catchUp()
      else if (ended > 0) this.#planTimer('ended')
    })
  }

  // All at once: leftovers would pile up under load.
  #planTimer(urgency: Urgency): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.catchUp()
    }, LATEST).unref()
    // A process may end while an answer is still arriving, but not before an answer is judged whose end has reached its
    // callers.
    if (urgency === 'ended') this.#timer.ref()
  }
}
