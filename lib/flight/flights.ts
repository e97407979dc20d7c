import { AdmissionQueue } from './admission-queue.ts'
import type { Flight } from './flight.ts'
import type { Urgency } from './flight-hooks.ts'
import type { Entry } from '../stores/entry.ts'

/** How others may use a flight in progress: join it, wait for its answer to be stored, or not at all. */
export type FlightUse = 'joined' | 'stored' | 'none'

/** The flights of one cache that are in progress. */
export class Flights {
  readonly #all = new Set<Flight>()
  readonly #byKey = new Map<string, Map<Flight, FlightUse>>()
  readonly #order = new WeakMap<Entry, number>()
  readonly #queue = new AdmissionQueue(() => this.#all.size)
  #calls = 0

  /** Number of flights in progress. */
  get size(): number {
    this.catchUp()
    return this.#all.size
  }

  /** Whether an answer for the key is in progress that may be stored. */
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
      // All callers of a flight get the same bytes, so they must accept the same codings.
      const isOpen = use === 'joined' && flight.joinable && flight.route.acceptEncoding === acceptEncoding
      if (isOpen && !(isRetry && flight.deserted)) found = flight
    }
    return found
  }

  /** Adds a flight. */
  add(flight: Flight, use: FlightUse): void {
    const { key } = flight.route
    this.#all.add(flight)
    const flights = this.#byKey.get(key) ?? new Map<Flight, FlightUse>()
    flights.set(flight, use)
    if (flights.size === 1) this.#byKey.set(key, flights)
  }

  /** Others can no longer use it. */
  close(flight: Flight): void {
    const flights = this.#byKey.get(flight.route.key)
    if (flights?.has(flight)) flights.set(flight, 'none')
  }

  /** Removes a flight that has ended. */
  remove(flight: Flight): void {
    const { key } = flight.route
    const flights = this.#byKey.get(key)
    this.#queue.drop(flight)
    this.#all.delete(flight)
    if (flights?.delete(flight) && flights.size === 0) this.#byKey.delete(key)
  }

  /** Makes a flight catch up by then, or sooner if its answer is needed. */
  later(flight: Flight, urgency: Urgency): void {
    this.#queue.add(flight, urgency)
  }

  /** Judges what was deferred: answers of one key, or all. Must be called before the store or the counts are read. */
  catchUp(key?: string): void {
    // Of thousands in progress, hardly any has this key.
    if (key === undefined || this.#byKey.has(key)) this.#queue.catchUp(key)
  }

  /** The next number for a provider call, in the order in which calls are made. */
  next(): number {
    return ++this.#calls
  }

  /** Records which call an entry is from, while another call for its key is in progress. */
  stamp(entry: Entry, call: number): void {
    // Not for each entry: an item of the WeakMap takes 50 bytes, and 3 µs of garbage collection.
    if ((this.#byKey.get(entry.key)?.size ?? 0) > 1) this.#order.set(entry, call)
  }

  /** Whether an entry is from a later call than `call`. One from another process counts as older. */
  isOfLaterCall(entry: Entry, call: number): boolean {
    return (this.#order.get(entry) ?? 0) > call
  }

  [Symbol.iterator](): IterableIterator<Flight> {
    return this.#all.values()
  }
}
