import type { MatchRefusal } from '../base/reasons.ts'

/** `stats().semantic`. `candidates` is the sum of accepted, shadowed and rejected. */
export interface SemanticStats {
  /** Questions that were near enough to be checked. */
  readonly candidates: number
  /** Calls that were answered from another question. */
  readonly accepted: number
  /** Calls in shadow mode that would have been answered so. */
  readonly shadowed: number
  /** Questions that were near enough but rejected, by reason. */
  readonly rejected: Readonly<Partial<Record<MatchRefusal, number>>>
  /** Similarity of the nearest question of each search: counts for 20 equal steps from 0 to 1. */
  readonly similarity: readonly number[]
}

const BUCKETS = 20

/** Counts the results of the searches of one cache. */
export class SemanticFigures {
  #accepted = 0
  #shadowed = 0
  readonly #rejected: Partial<Record<MatchRefusal, number>> = {}
  readonly #similarity: number[] = Array.from({ length: BUCKETS }, () => 0)

  accept(mode: 'on' | 'shadow'): void {
    if (mode === 'on') this.#accepted++
    else this.#shadowed++
  }

  reject(why: MatchRefusal): void {
    this.#rejected[why] = (this.#rejected[why] ?? 0) + 1
  }

  /** Counts the similarity of the nearest question of one search. */
  nearest(similarity: number): void {
    const bucket = Math.min(BUCKETS - 1, Math.max(0, Math.floor(similarity * BUCKETS)))
    this.#similarity[bucket] = (this.#similarity[bucket] ?? 0) + 1
  }

  snapshot(): SemanticStats {
    const rejected = { ...this.#rejected }
    const refused = Object.values(rejected).reduce((sum, count) => sum + count, 0)
    return {
      candidates: this.#accepted + this.#shadowed + refused,
      accepted: this.#accepted,
      shadowed: this.#shadowed,
      rejected,
      similarity: [...this.#similarity],
    }
  }
}
