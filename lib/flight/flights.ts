import { AdmissionQueue } from './admission-queue.ts'
import type { Flight } from './flight.ts'
import type { Urgency } from './flight-hooks.ts'
import type { Entry } from '../stores/entry.ts'

/** The flights of one cache: all that are under way, and by key and coding those that may be joined. */
export class Flights {
  // All callers of a flight get the same bytes, so they have to take the same codings.
  readonly #table = new Map<string, Map<string, Flight>>()
  readonly #all = new Set<Flight>()
  /** How many are under way for each key, with those that nobody can join. */
  readonly #underWay = new Map<string, number>()
  readonly #order = new WeakMap<Entry, number>()
  readonly #queue = new AdmissionQueue(() => this.#all.size)
  #calls = 0

  /** How many are under way. */
  get size(): number {
    this.catchUp()
    return this.#all.size
  }

  /** Whether a flight that others may join is under way for the key, whatever its coding. */
  has(key: string): boolean {
    return this.#table.has(key)
  }

  /** The flight to join, if there is one. A retry does not join a flight that somebody has left. */
  find(key: string, acceptEncoding: string, isRetry: boolean): Flight | undefined {
    const flight = this.#table.get(key)?.get(acceptEncoding)
    return flight === undefined || !flight.joinable || (isRetry && flight.deserted) ? undefined : flight
  }

  /** Enters a flight; `shared` ones can be found. */
  add(flight: Flight, shared: boolean): void {
    const { key, acceptEncoding } = flight.route
    this.#all.add(flight)
    this.#underWay.set(key, (this.#underWay.get(key) ?? 0) + 1)
    if (!shared) return
    const codings = this.#table.get(key)
    if (codings === undefined) this.#table.set(key, new Map([[acceptEncoding, flight]]))
    else codings.set(acceptEncoding, flight)
  }

  /** Nobody joins it any more. */
  close(flight: Flight): void {
    const { key, acceptEncoding } = flight.route
    const codings = this.#table.get(key)
    if (codings?.get(acceptEncoding) !== flight) return
    codings.delete(acceptEncoding)
    if (codings.size === 0) this.#table.delete(key)
  }

  /** It has ended. */
  remove(flight: Flight): void {
    this.close(flight)
    this.#queue.drop(flight)
    if (!this.#all.delete(flight)) return
    const { key } = flight.route
    const count = this.#underWay.get(key) ?? 1
    if (count === 1) this.#underWay.delete(key)
    else this.#underWay.set(key, count - 1)
  }

  /** Has a flight catch up then, or sooner where somebody looks. */
  later(flight: Flight, urgency: Urgency): void {
    this.#queue.add(flight, urgency)
  }

  /** Judges what was put off: of one key's answers, or of all. To be called before the store or the counts are read. */
  catchUp(key?: string): void {
    // Of thousands that are under way, hardly any has this key.
    if (key === undefined || this.#underWay.has(key)) this.#queue.catchUp(key)
  }

  /** Numbers provider calls, in the order in which they are made. */
  next(): number {
    return ++this.#calls
  }

  /** Notes which call brought an entry, as long as another call for its key is under way. */
  stamp(entry: Entry, call: number): void {
    // Not for each entry: a place in the WeakMap takes 50 bytes, and 3 µs of garbage collection.
    if ((this.#underWay.get(entry.key) ?? 0) > 1) this.#order.set(entry, call)
  }

  /** Whether an entry was brought by a later call than `call`. One from another process counts as older. */
  isOfLaterCall(entry: Entry, call: number): boolean {
    return (this.#order.get(entry) ?? 0) > call
  }

  [Symbol.iterator](): IterableIterator<Flight> {
    return this.#all.values()
  }
}
