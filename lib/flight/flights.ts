import { AdmissionQueue } from './admission-queue.ts'
import type { Flight } from './flight.ts'
import type { Urgency } from './flight-hooks.ts'
import type { Entry } from '../stores/entry.ts'

/** What a flight under way is for others: to join, to wait for since its answer will be stored, or nothing. */
export type FlightUse = 'joined' | 'stored' | 'none'

/** The flights of one cache: all that are under way. */
export class Flights {
  readonly #all = new Set<Flight>()
  readonly #byKey = new Map<string, Map<Flight, FlightUse>>()
  readonly #order = new WeakMap<Entry, number>()
  readonly #queue = new AdmissionQueue(() => this.#all.size)
  #calls = 0

  /** How many are under way. */
  get size(): number {
    this.catchUp()
    return this.#all.size
  }

  /** Whether an answer for the key is under way that may be stored. */
  has(key: string): boolean {
    for (const use of this.#byKey.get(key)?.values() ?? []) if (use !== 'none') return true
    return false
  }

  /** The flight to join, if there is one. A retry does not join a flight that somebody has left. */
  find(key: string, acceptEncoding: string, isRetry: boolean): Flight | undefined {
    const flights = this.#byKey.get(key)
    if (flights === undefined) return undefined
    let found: Flight | undefined
    for (const [flight, use] of flights) {
      // All callers of a flight get the same bytes, so they have to take the same codings.
      const isOpen = use === 'joined' && flight.joinable && flight.route.acceptEncoding === acceptEncoding
      if (isOpen && !(isRetry && flight.deserted)) found = flight
    }
    return found
  }

  /** Enters a flight. */
  add(flight: Flight, use: FlightUse): void {
    const { key } = flight.route
    this.#all.add(flight)
    const flights = this.#byKey.get(key) ?? new Map<Flight, FlightUse>()
    flights.set(flight, use)
    if (flights.size === 1) this.#byKey.set(key, flights)
  }

  /** It is of no use to others any more. */
  close(flight: Flight): void {
    const flights = this.#byKey.get(flight.route.key)
    if (flights?.has(flight)) flights.set(flight, 'none')
  }

  /** It has ended. */
  remove(flight: Flight): void {
    const { key } = flight.route
    const flights = this.#byKey.get(key)
    this.#queue.drop(flight)
    this.#all.delete(flight)
    if (flights?.delete(flight) && flights.size === 0) this.#byKey.delete(key)
  }

  /** Has a flight catch up then, or sooner where somebody looks. */
  later(flight: Flight, urgency: Urgency): void {
    this.#queue.add(flight, urgency)
  }

  /** Judges what was put off: of one key's answers, or of all. To be called before the store or the counts are read. */
  catchUp(key?: string): void {
    // Of thousands that are under way, hardly any has this key.
    if (key === undefined || this.#byKey.has(key)) this.#queue.catchUp(key)
  }

  /** Numbers provider calls, in the order in which they are made. */
  next(): number {
    return ++this.#calls
  }

  /** Notes which call brought an entry, as long as another call for its key is under way. */
  stamp(entry: Entry, call: number): void {
    // Not for each entry: a place in the WeakMap takes 50 bytes, and 3 µs of garbage collection.
    if ((this.#byKey.get(entry.key)?.size ?? 0) > 1) this.#order.set(entry, call)
  }

  /** Whether an entry was brought by a later call than `call`. One from another process counts as older. */
  isOfLaterCall(entry: Entry, call: number): boolean {
    return (this.#order.get(entry) ?? 0) > call
  }

  [Symbol.iterator](): IterableIterator<Flight> {
    return this.#all.values()
  }
}
