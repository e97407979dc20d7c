import type { Minute } from './stats.ts'

const MINUTE = 60_000
const KEPT = 24 * 60

/** Counts by minute, for 24 hours. */
export class MinuteCounter {
  /** By minute since the epoch, in order. */
  readonly #minutes = new Map<number, { hits: number; misses: number }>()
  #newest = { at: -1, counts: { hits: 0, misses: 0 } }

  /** Counts one call at `now`, in milliseconds since the epoch. */
  count(kind: 'hits' | 'misses', now: number): void {
    const at = Math.floor(now / MINUTE)
    if (at !== this.#newest.at) this.#begin(at)
    this.#newest.counts[kind]++
  }

  snapshot(): Minute[] {
    this.#forget(Math.floor(Date.now() / MINUTE))
    return [...this.#minutes].map(([at, counts]) => ({ at: at * MINUTE, ...counts }))
  }

  #begin(at: number): void {
    this.#forget(at)
    const counts = this.#minutes.get(at) ?? { hits: 0, misses: 0 }
    this.#minutes.set(at, counts)
    this.#newest = { at, counts }
  }

  #forget(now: number): void {
    for (const at of this.#minutes.keys()) {
      if (at > now - KEPT) return
      this.#minutes.delete(at)
    }
  }
}
