import { OTHERS } from '../stores/figures.ts'
import type { Usage } from '../providers/answer.ts'
import type { Answers, GroupFigures, Saved } from './stats.ts'

/** How a call was answered. */
export type AnswerKind = keyof Answers

/** Figures of some calls. */
export class GroupCounter {
  readonly #answers: Record<AnswerKind, number> = { hits: 0, misses: 0, coalesced: 0, stale: 0, refreshes: 0 }
  readonly #saved = { time: 0, inputTokens: 0, outputTokens: 0, cachedTokens: 0, cost: 0 }
  readonly #spent = { calls: 0, inputTokens: 0, outputTokens: 0, cachedTokens: 0, cacheWriteTokens: 0 }
  readonly #cacheMisses: Record<string, number> = {}
  #unpriced = 0

  count(kind: AnswerKind, times = 1): void {
    this.#answers[kind] += times
  }

  /**
   * Adds what an answer that was served `times` times without a provider call would have taken, but for its cost.
   * `duration` in milliseconds.
   */
  save({ duration, usage }: { duration: number; usage: Usage | undefined }, times: number): void {
    const saved = this.#saved
    saved.time += (duration / 1000) * times
    if (usage === undefined) return
    saved.inputTokens += usage.inputTokens * times
    saved.outputTokens += usage.outputTokens * times
    saved.cachedTokens += (usage.cachedTokens ?? 0) * times
  }

  /** Adds the cost of an answer that was served `times` times; `undefined` if it is unknown. */
  price(cost: number | undefined, times: number): void {
    if (cost === undefined) this.#unpriced += times
    else this.#saved.cost += cost * times
  }

  /** Adds what a provider call took. */
  spend(usage: Usage | undefined, cacheMiss?: string): void {
    const spent = this.#spent
    spent.calls++
    if (cacheMiss !== undefined) this.#missed(cacheMiss)
    if (usage === undefined) return
    spent.inputTokens += usage.inputTokens
    spent.outputTokens += usage.outputTokens
    spent.cachedTokens += usage.cachedTokens ?? 0
    spent.cacheWriteTokens += usage.cacheWriteTokens ?? 0
  }

  snapshot(): GroupFigures {
    const saved: Saved = { ...this.#saved }
    const cacheMisses = { ...this.#cacheMisses }
    return { ...this.#answers, saved, spent: { ...this.#spent }, cacheMisses, unpriced: this.#unpriced }
  }

  /** The figures as numbers by name: `hits`, `saved.time`. Zeros are left out. */
  counts(): Record<string, number> {
    return {
      ...named('', { ...this.#answers, unpriced: this.#unpriced }),
      ...named('saved.', this.#saved),
      ...named('spent.', this.#spent),
      ...named('cacheMisses.', this.#cacheMisses),
    }
  }

  /** Providers use few, short words here; anything else is counted together. */
  #missed(reason: string): void {
    const isKnown = Object.hasOwn(this.#cacheMisses, reason)
    const isWord = /^[a-z_]{1,64}$/.test(reason) && Object.keys(this.#cacheMisses).length < MAX_REASONS
    const name = isKnown || isWord ? reason : OTHERS
    this.#cacheMisses[name] = (this.#cacheMisses[name] ?? 0) + 1
  }
}

const MAX_REASONS = 30

/** Numbers with a prefix before their names; zeros are left out. */
export function named(prefix: string, counts: Readonly<Record<string, number>>): Record<string, number> {
  const some = Object.entries(counts).filter(([, count]) => count !== 0)
  return Object.fromEntries(some.map(([name, count]) => [prefix + name, count]))
}

/** Groups beyond this number are counted as one. */
const MAX_GROUPS = 1_000

/** Figures by name. */
export class GroupCounters {
  readonly #groups = new Map<string, GroupCounter>()

  of(name: string): GroupCounter {
    const known = this.#groups.get(name)
    if (known !== undefined) return known
    const isFull = this.#groups.size >= MAX_GROUPS && name !== OTHERS
    return isFull ? this.of(OTHERS) : this.#add(name)
  }

  snapshot(): Record<string, GroupFigures> {
    return Object.fromEntries([...this.#groups].map(([name, group]) => [name, group.snapshot()]))
  }

  /** Each with its name. */
  [Symbol.iterator](): MapIterator<[name: string, group: GroupCounter]> {
    return this.#groups.entries()
  }

  #add(name: string): GroupCounter {
    const group = new GroupCounter()
    this.#groups.set(name, group)
    return group
  }
}
