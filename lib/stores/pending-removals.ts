import { type Filter, type FilterTarget, isOfOneKey } from './filter.ts'
import { isRemoved, type Removal } from './removal.ts'
import type { Awaitable, CacheStore } from './store.ts'
import type { WriteBehind } from './write-behind.ts'

/** What removals need from their tier. */
export interface RemovalProtection {
  /** The store's result; `undefined` if it fails, takes too long, or is not asked because its breaker is open. */
  readonly write: <T>(act: () => Awaitable<T>) => Promise<T | undefined>
  readonly behind: WriteBehind
  /** Called if the store has not confirmed a removal. */
  readonly onPending: () => void
}

/** With more removals than these, everything is removed instead: a miss at worst, and memory stays bounded. */
const MAX_PENDING = 1_000

interface PendingRemoval extends Removal {
  /** The attempt in progress. */
  attempt?: Promise<number | undefined> | undefined
}

/**
 * Removals that the store has not confirmed. The entries that they match count as removed, although the store still has
 * them. A failing store is told again later.
 */
export class PendingRemovals {
  readonly #store: CacheStore
  readonly #protection: RemovalProtection
  readonly #pending = new Set<PendingRemoval>()

  constructor(store: CacheStore, protection: RemovalProtection) {
    this.#store = store
    this.#protection = protection
  }

  /** How many removals the store has not confirmed. */
  get size(): number {
    return this.#pending.size
  }

  /** Whether an entry that the store still has counts as removed. */
  isRemoved(entry: FilterTarget): boolean {
    for (const removal of this.#pending) if (isRemoved(entry, removal)) return true
    return false
  }

  /**
   * Removes the entries that match the filter. Resolves to how many the store had; 0 if it must be tried again later.
   */
  async remove(filter: Filter): Promise<number> {
    const removal = { filter, at: Date.now() }
    this.#pending.add(removal)
    const count = await this.#carryOut(removal)
    if (count === undefined) this.#protection.onPending()
    return count ?? 0
  }

  /** Tells the store each removal that it has not confirmed. */
  async carryOut(): Promise<void> {
    await Promise.all([...this.#pending].map((removal) => this.#carryOut(removal)))
    if (this.#pending.size > 0) this.#protection.onPending()
  }

  /** Resolves to how many the store had; `undefined` if it has not confirmed the removal. */
  #carryOut(removal: PendingRemoval): Promise<number | undefined> {
    removal.attempt ??= this.#attempt(removal).finally(() => {
      removal.attempt = undefined
    })
    return removal.attempt
  }

  async #attempt(removal: PendingRemoval): Promise<number | undefined> {
    const count = await this.#protection.write(async () => {
      // A write that ended after the removal would bring the entry back.
      await this.#protection.behind.settled((entry) => isRemoved(entry, removal))
      return removeFrom(this.#store, removal.filter)
    })
    if (count !== undefined) this.#pending.delete(removal)
    else if (this.#pending.size > MAX_PENDING) this.#mergeAll()
    return count
  }

  #mergeAll(): void {
    this.#pending.clear()
    this.#pending.add({ filter: {}, at: Date.now() })
  }
}

async function removeFrom(store: CacheStore, filter: Filter): Promise<number> {
  if (!isOfOneKey(filter)) return store.clear(filter)
  return (await store.delete(filter.key)) ? 1 : 0
}
