import type { Finder, FinderCall, Found, Search } from './finder.ts'
import type { Entry } from '../stores/entry.ts'
import type { Lease } from '../stores/lease.ts'

/** The leases of a store, behind its protection. */
export interface Leases {
  /** Called once, before the first call. */
  prepareLeases(): void
  /** The lease of a key; `'taken'`: another instance has it; `undefined`: the store can't be asked now. */
  lease(key: string): Promise<Lease | 'taken' | undefined>
  /** Resolves when the entry of a key, if one is on its way to the store, is there. */
  written(key: string): Promise<void>
}

/** Milliseconds that a caller waits for another instance's answer: a stream is to begin soon. */
const PATIENCE = { stream: 1_000, document: 30_000 }
/** Milliseconds between two looks for it. */
const FIRST_PAUSE = 20
const LAST_PAUSE = 100
/** A third of a lease's life (10 s): two renewals may fail. */
const RENEWAL = 3_000
/** Milliseconds after which a lease goes back that nobody has made a call with: its caller has left. */
const UNUSED = 2_000

const NONE: Found = Object.freeze({ use: 'none' })

/**
 * `coalesce: 'cluster'`: identical calls of several instances are made once. Whoever gets the lease of a key calls the
 * provider; the others wait for the answer to be stored. A leader that dies, or whose answer can't be stored, frees the
 * lease for the next.
 */
export function leaseFinder(leases: Leases): Finder {
  leases.prepareLeases()
  const turns = new Map<string, Promise<Turn>>()
  return {
    name: 'cluster',
    open: (call) => (isShared(call) ? new LeaseSearch(leases, turns, call) : undefined),
  }
}

/** What can be shared in one instance, and is kept where the others find it. */
function isShared({ plan, isDurable }: FinderCall): boolean {
  return isDurable && plan.join && plan.read && plan.write && !plan.only
}

/** How the wait for one key ended. */
type Turn =
  /** It is this instance's turn to call. */
  | { readonly lease: Lease }
  /** Another instance's answer has come. */
  | { readonly entry: Entry }
  /** Nobody's: the caller has waited long enough, or the store can't be asked. */
  | { readonly lease: undefined }

class LeaseSearch implements Search {
  readonly #leases: Leases
  /** Callers of one instance wait together: the first who then calls is joined by the others. */
  readonly #turns: Map<string, Promise<Turn>>
  readonly #call: FinderCall
  #lease: Lease | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(leases: Leases, turns: Map<string, Promise<Turn>>, call: FinderCall) {
    this.#leases = leases
    this.#turns = turns
    this.#call = call
  }

  async find(): Promise<Found> {
    const { key } = this.#call
    let turn = this.#turns.get(key)
    const isFirst = turn === undefined
    if (turn === undefined) {
      turn = this.#wait().finally(() => this.#turns.delete(key))
      this.#turns.set(key, turn)
    }
    const result = await turn
    if ('entry' in result) return { use: 'all', entry: result.entry, detail: 'cluster' }
    if (isFirst) this.#hold(result.lease)
    return NONE
  }

  /** The call is made with the lease. */
  began(): void {
    if (this.#lease === undefined) return
    clearTimeout(this.#timer)
    this.#timer = setInterval(() => this.#renew(), RENEWAL).unref()
  }

  /** The others may look for the answer, or call themselves. */
  ended(): void {
    clearTimeout(this.#timer)
    const lease = this.#lease
    this.#lease = undefined
    if (lease !== undefined) void this.#leases.written(this.#call.key).then(() => lease.release())
  }

  #hold(lease: Lease | undefined): void {
    this.#lease = lease
    if (lease !== undefined) this.#timer = setTimeout(() => this.ended(), UNUSED).unref()
  }

  #renew(): void {
    // One that is lost costs a second call, no more.
    this.#lease?.renew().catch(() => undefined)
  }

  async #wait(): Promise<Turn> {
    const { key, identity } = this.#call
    const until = performance.now() + (identity.facts.stream ? PATIENCE.stream : PATIENCE.document)
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LAST_PAUSE)) {
      const lease = await this.#leases.lease(key)
      if (lease === undefined) return { lease }
      // The leader may have stored its answer between the look that missed it and the lease.
      const entry = await this.#call.get(key)
      if (entry !== undefined) {
        if (lease !== 'taken') void lease.release()
        return { entry }
      }
      if (lease !== 'taken') return { lease }
      if (performance.now() > until) return { lease: undefined }
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
}
