import { AdmissionQueue } from './admission-queue.ts'
import type { Flight } from './flight.ts'
import type { Urgency } from './flight-hooks.ts'
import type { Entry } from '../stores/entry.ts'

/** The flights of one cache: those that may be joined, by key and coding, and all that are under way. */
export class Flights {
  // Followers hear the leader's bytes: only callers that take the same codings may share them.
  readonly #table = new Map<string, Map<string, Flight>>()
  readonly #all = new Set<Flight>()
  /** How many are under way for a key, those included that nobody can join. */
  readonly #rivals = new Map<string, number>()
  readonly #order = new WeakMap<Entry, number>()
  readonly #queue = new AdmissionQueue(() => this.#all.size)
  #launched = 0

  /** How many are under way. */
  get size(): number {
    this.catchUp()
    return this.#all.size
  }

  /** Whether a flight that others may join is under way for the key, whatever its coding. */
  has(key: string): boolean {
    return this.#table.has(key)
  }

  /** The flight to join, if there is one. A retry is not sent back into a flight that somebody left. */
  find(key: string, acceptEncoding: string, isRetry: boolean): Flight | undefined {
    const flight = this.#table.get(key)?.get(acceptEncoding)
    return flight === undefined || !flight.joinable || (isRetry && flight.deserted) ? undefined : flight
  }

  /** Enters a flight; `shared` ones can be found. */
  add(flight: Flight, shared: boolean): void {
    const { key, acceptEncoding } = flight.route
    this.#all.add(flight)
    this.#rivals.set(key, (this.#rivals.get(key) ?? 0) + 1)
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
    const rivals = this.#rivals.get(key) ?? 1
    if (rivals === 1) this.#rivals.delete(key)
    else this.#rivals.set(key, rivals - 1)
  }

  /** Has a flight catch up then, or sooner where somebody looks. */
  later(flight: Flight, urgency: Urgency): void {
    this.#queue.add(flight, urgency)
  }

  /** Judges what was put off: of one key's answers, or of all. To be called before the store or the counts are read. */
  catchUp(key?: string): void {
    // Of thousands under way, hardly any is for one key.
    if (key === undefined || this.#rivals.has(key)) this.#queue.catchUp(key)
  }

  /** A number for each provider call, in the order in which they are made. */
  next(): number {
    return ++this.#launched
  }

  /** Notes which call an entry is the answer of, as long as another one for its key is under way. */
  stamp(entry: Entry, launch: number): void {
    // Each entry's place in the WeakMap would cost 50 bytes, and the garbage collector 3 µs.
    if ((this.#rivals.get(entry.key) ?? 0) > 1) this.#order.set(entry, launch)
  }

  /** Whether an entry is the answer of a later call than `launch`. One from another process counts as older. */
  isNewer(entry: Entry, launch: number): boolean {
    return (this.#order.get(entry) ?? 0) > launch
  }

  [Symbol.iterator](): IterableIterator<Flight> {
    return this.#all.values()
  }
}
