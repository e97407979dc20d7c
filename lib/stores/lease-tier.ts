import { within } from '../base/promises.ts'
import type { Lease } from './lease.ts'
import type { CacheStore } from './store.ts'

/** Milliseconds from the start that the first lease waits for the store to prepare. */
const PREPARE_TIMEOUT = 1_000

/** What leases need from their tier. */
export interface LeaseProtection {
  /** Milliseconds that a call waits for the store. */
  readonly timeout: number
  /** Whether the store's last read or write failed. */
  readonly isFailing: () => boolean
}

/** A store's leases, protected against its failures. */
export class LeaseTier {
  readonly #store: Pick<CacheStore, 'lease' | 'prepareLeases'>
  readonly #protection: LeaseProtection
  /** Resolves when the store has prepared for leases. */
  #prepared: Promise<undefined> | undefined

  constructor(store: Pick<CacheStore, 'lease' | 'prepareLeases'>, protection: LeaseProtection) {
    this.#store = store
    this.#protection = protection
  }

  /**
   * Lets the store prepare for leases. The first lease waits for it, so that the only call of a script is shared too.
   */
  prepare(): void {
    const prepared = (async () => this.#store.prepareLeases?.())()
    // This error will occur again, and be handled, at the first lease.
    this.#prepared = within(PREPARE_TIMEOUT, prepared, 'behind')
      .catch(() => undefined)
      .then(() => (this.#prepared = undefined))
  }

  /**
   * The lease of a key. `'taken'`: another instance has it. `undefined`: the store fails, or does not answer in time. It
   * is not asked if its last read or write failed: the call has already waited for the lookup, and no instance could
   * read an answer that is not stored.
   */
  async take(key: string): Promise<Lease | 'taken' | undefined> {
    if (this.#prepared !== undefined) await this.#prepared
    if (this.#protection.isFailing()) return undefined
    const asked = (async () => this.#store.lease?.(key))()
    try {
      return (await within(this.#protection.timeout, asked)) ?? 'taken'
    } catch {
      // A late lease is released: this call goes on without it, and others would wait in vain.
      asked.then((late) => late?.release()).catch(() => undefined)
      return undefined
    }
  }
}
