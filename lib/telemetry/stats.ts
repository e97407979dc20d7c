import type { BypassReason, Refusal } from '../base/reasons.ts'
import type { UnmatchedCounts } from './unmatched-calls.ts'
import type { Usage } from '../providers/answer.ts'
import { priceOf } from './prices.ts'

/** Figures since the cache was made. */
export interface Stats extends UnmatchedCounts {
  readonly hits: number
  readonly misses: number
  readonly coalesced: number
  readonly stale: number
  readonly refreshes: number
  readonly stores: number
  readonly evictions: number
  /** Entries in memory. */
  readonly entries: number
  /** Bytes in memory, headers and overhead included. */
  readonly size: number
  readonly bypasses: Readonly<Partial<Record<BypassReason, number>>>
  readonly refusals: Readonly<Partial<Record<Refusal, number>>>
  readonly saved: Saved
}

/** What is counted as calls come through. */
export type Figures = Omit<Stats, keyof UnmatchedCounts>

/** What the answers that needed no provider call would have taken. */
export interface Saved {
  /** Seconds. */
  readonly time: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** US dollars: what the provider says the call cost, else its list price. Unknown models count 0. */
  readonly cost: number
}

/** An answer that was served without a provider call of its own. */
export interface Served {
  readonly provider: string
  readonly model: string | undefined
  readonly usage: Usage | undefined
  /** Milliseconds that the provider had taken. */
  readonly duration: number
}

type Counter = 'hits' | 'misses' | 'coalesced' | 'stale' | 'refreshes' | 'stores' | 'evictions'

interface Priced {
  readonly provider: string
  readonly model: string
  readonly usage: Usage
  times: number
}

// The price of a call depends on its size (long contexts cost more), so that tokens can't be summed up before they are
// priced. Hits of one answer are counted together: they share the usage object as long as the answer is in memory.
const MAX_UNPRICED = 1000

/** Counts. Prices are looked up only when somebody asks. */
export class Counters {
  readonly #counts: Record<Counter, number> = {
    hits: 0,
    misses: 0,
    coalesced: 0,
    stale: 0,
    refreshes: 0,
    stores: 0,
    evictions: 0,
  }
  readonly #bypasses: Partial<Record<BypassReason, number>> = {}
  readonly #refusals: Partial<Record<Refusal, number>> = {}
  readonly #unpriced = new Map<Usage, Priced>()
  #time = 0
  #input = 0
  #output = 0
  #cost = 0

  count(counter: Counter): void {
    this.#counts[counter]++
  }

  bypass(reason: BypassReason): void {
    this.#bypasses[reason] = (this.#bypasses[reason] ?? 0) + 1
  }

  refuse(reason: Refusal): void {
    this.#refusals[reason] = (this.#refusals[reason] ?? 0) + 1
  }

  /** Adds what one served answer saved. */
  save({ provider, model, usage, duration }: Served): void {
    this.#time += duration
    if (usage === undefined) return
    this.#input += usage.inputTokens
    this.#output += usage.outputTokens
    if (usage.cost !== undefined) this.#cost += usage.cost
    else if (model !== undefined) this.#priceLater(provider, model, usage)
  }

  snapshot(entries: number, size: number): Figures {
    this.#price(Infinity)
    const saved = { time: this.#time / 1000, inputTokens: this.#input, outputTokens: this.#output, cost: this.#cost }
    return { ...this.#counts, entries, size, bypasses: { ...this.#bypasses }, refusals: { ...this.#refusals }, saved }
  }

  #priceLater(provider: string, model: string, usage: Usage): void {
    const known = this.#unpriced.get(usage)
    if (known === undefined) this.#unpriced.set(usage, { provider, model, usage, times: 1 })
    else if (known.provider === provider && known.model === model) known.times++
    else this.#cost += priceOf(provider, model, usage) ?? 0
    if (this.#unpriced.size > MAX_UNPRICED) this.#price(1)
  }

  /** Prices the oldest ones. 1000 at once would take 10 ms and more. */
  #price(count: number): void {
    for (const call of this.#unpriced.values()) {
      if (count-- <= 0) return
      this.#cost += call.times * (priceOf(call.provider, call.model, call.usage) ?? 0)
      this.#unpriced.delete(call.usage)
    }
  }
}
