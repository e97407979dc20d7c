import type { Finder, FinderCall, Found, Search } from './finder.ts'
import type { Entry } from '../stores/entry.ts'
import type { Lease } from '../stores/lease.ts'

/** The leases of a store, with its timeout and breaker. */
export interface Leases {
  /** Called once, before the first call. */
  prepareLeases(): void
  /** The lease of a key; `'taken'`: another instance has it; `undefined`: the store can't be asked now. */
  lease(key: string): Promise<Lease | 'taken' | undefined>
  /** Resolves when a pending write of a key's entry has reached the store. */
  written(key: string): Promise<void>
}

/** Milliseconds that a caller waits for another instance's answer. A stream should begin soon. */
const PATIENCE = { stream: 1_000, document: 30_000 }
/** Milliseconds between two lookups. */
const FIRST_PAUSE = 20
const LAST_PAUSE = 100
/** A third of a lease's life (10 s): two renewals may fail. */
const RENEWAL = 3_000
/** Milliseconds after which a lease is released if no call was made with it: its caller has left. */
const UNUSED = 2_000

const NONE: Found = Object.freeze({ use: 'none' })

/**
 * `coalesce: 'cluster'`: identical calls of several instances are made once. Whoever gets a key's lease calls the
 * provider; the others wait until the answer is stored. If the leader dies, or its answer can't be stored, the next one
 * gets the lease.
 */
export function leaseFinder(leases: Leases): Finder {
  leases.prepareLeases()
  const turns = new Map<string, Promise<Turn>>()
  return {
    name: 'cluster',
    open: (call) => (isShared(call) ? new LeaseSearch(leases, turns, call) : undefined),
  }
}

/** Whether a call may be shared at all, and its answer is stored where other instances find it. */
function isShared({ plan, isDurable }: FinderCall): boolean {
  return isDurable && plan.join && plan.read && plan.write && !plan.only
}

/** The result of waiting for one key. */
type Turn =
  /** This instance must make the call. */
  | { readonly lease: Lease }
  /** Another instance's answer has arrived. */
  | { readonly entry: Entry }
  /** Neither: the caller has waited long enough, or the store can't be asked. */
  | { readonly lease: undefined }

class LeaseSearch implements Search {
  readonly #leases: Leases
  /** Callers of one instance wait together: the first that calls the provider is joined by the others. */
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

  /** Other instances may look for the answer, or make the call themselves. */
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
    // A lost lease costs a second call at most.
    this.#lease?.renew().catch(() => undefined)
  }

  async #wait(): Promise<Turn> {
    const { key, identity } = this.#call
    const until = performance.now() + (identity.facts.stream ? PATIENCE.stream : PATIENCE.document)
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LAST_PAUSE)) {
      const lease = await this.#leases.lease(key)
      if (lease === undefined) return { lease }
      // The leader may have stored its answer between our missed lookup and the lease.
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
