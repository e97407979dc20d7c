import { setImmediate, setTimeout } from 'node:timers' // an app's tests may fake the global ones
import type { Route, Urgency } from './flight-plan.ts'

/** Milliseconds after which an answer is judged at the latest; see {@link Urgency}. */
const LATEST = 10
/** Milliseconds of judging in one turn of the event loop, and then one answer more. */
const SESSION = 2

/** What waits: a flight. */
interface Pending {
  readonly route: Pick<Route, 'key'>
  catchUp(): void
}

/** Answers that wait to be judged: until nobody waits for a provider, but no longer than 10 ms. */
export class Docket {
  readonly #due = new Map<Pending, Urgency>()
  readonly #underWay: () => number
  #isTurnPlanned = false
  #timer: NodeJS.Timeout | undefined

  /** `underWay`: how many flights there are, those included that wait here. */
  constructor(underWay: () => number) {
    this.#underWay = underWay
  }

  /** Has a flight catch up then, or sooner where somebody looks. */
  add(flight: Pending, urgency: Urgency): void {
    this.#due.set(flight, urgency)
    if (urgency === 'soon') this.#planTimer(urgency)
    else this.#planTurn()
  }

  /** It needs no judging any more. */
  drop(flight: Pending): void {
    this.#due.delete(flight)
  }

  /** Judges what waits: of one key's answers, or of all. To be called before the store or the counts are read. */
  clear(key?: string): void {
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
      this.#sit()
    })
  }

  /** It keeps no process alive for an answer that is still to come. */
  #planTimer(urgency: Urgency): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      for (const flight of this.#due.keys()) this.#due.set(flight, 'now')
      this.#sit()
    }, LATEST).unref()
    if (urgency === 'ended') this.#timer.ref()
  }

  /** Judges what is due in this turn. What is not, has its turn within 10 ms. */
  #sit(): void {
    const ended = [...this.#due.values()].filter((urgency) => urgency === 'ended')
    const isQuiet = ended.length === this.#underWay()
    const until = performance.now() + SESSION
    for (const [flight, urgency] of this.#due) {
      if (urgency !== 'now' && !isQuiet) this.#planTimer(urgency)
      else if (performance.now() < until) this.#judge(flight)
      else return this.#planTurn()
    }
  }
}
