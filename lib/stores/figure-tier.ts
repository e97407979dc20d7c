import { within } from '../base/promises.ts'
import { ClientClosedError } from './client-closed-error.ts'
import type { FigureBatch, HourFigures } from './figures.ts'
import type { CacheStore } from './store.ts'

/** What figures need from their tier. */
export interface FigureProtection {
  /** Milliseconds after which the store counts as failed. */
  readonly timeout: number
  /** Whether a call has already met, and so reported, the outage. */
  readonly isFailing: () => boolean
  /** Called for the first failure of an outage. */
  readonly onError: (error: unknown) => void
}

/**
 * A store's figures, protected against its failures. There is no breaker, since they are written once a minute. A
 * failure here does not count for answers, because a store may accept answers but no figures.
 */
export class FigureTier {
  readonly #store: CacheStore
  readonly #protection: FigureProtection
  /** Whether the last batch was refused. */
  #isLosing = false

  constructor(store: CacheStore, protection: FigureProtection) {
    this.#store = store
    this.#protection = protection
  }

  /** Whether the store keeps figures. */
  get areKept(): boolean {
    return this.#store.addFigures !== undefined && this.#store.figures !== undefined
  }

  /** Adds to the store's figures; `false` if the store fails. */
  async add(batch: FigureBatch): Promise<boolean> {
    const { timeout, isFailing, onError } = this.#protection
    try {
      await within(timeout, this.#store.addFigures?.(batch), 'behind')
      this.#isLosing = false
      return true
    } catch (error) {
      // An app that ends may close its client first, which loses no answer.
      const isTold = this.#isLosing || isFailing() || error instanceof ClientClosedError
      if (!isTold) onError(error)
      this.#isLosing = true
      return false
    }
  }

  /**
   * The figures of the hours that began at `since` (milliseconds since the epoch) or later; rejects if the store
   * fails.
   */
  async read(since: number): Promise<readonly HourFigures[]> {
    return (await within(this.#protection.timeout, this.#store.figures?.(since))) ?? []
  }
}
