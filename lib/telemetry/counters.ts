import { setImmediate as turnOfLoop } from 'node:timers/promises'
import type { BypassReason, Refusal } from '../base/reasons.ts'
import type { Usage } from '../providers/answer.ts'
import type { FigureKind } from '../stores/figures.ts'
import { type AnswerKind, GroupCounter, GroupCounters, named } from './group-counter.ts'
import { LatencyCounter } from './latency.ts'
import { MinuteCounter } from './minutes.ts'
import { priceOf } from './prices.ts'
import type { Figures } from './stats.ts'

/** The provider, model and namespace of a call. */
export interface CallGroup {
  readonly model: string | undefined
  readonly namespace: string
}

/** Counts of all calls, of one model or of one namespace; what is 0 is left out. */
export interface CountedGroup {
  readonly kind: FigureKind
  readonly name: string
  readonly counts: Readonly<Record<string, number>>
}

/** A provider's answer, as far as the figures need it. */
export interface Served extends CallGroup {
  readonly provider: string
  readonly usage: Usage | undefined
  /** Milliseconds that the provider took. */
  readonly duration: number
}

interface Priced {
  readonly provider: string
  readonly model: string
  readonly usage: Usage
  readonly groups: readonly GroupCounter[]
  times: number
}

// Prices depend on a call's size (long contexts cost more), so tokens can't be summed up before they are priced. Hits
// of one answer are counted together: they share its usage object as long as it is in memory.
const MAX_WAITING = 1000
const PRICED_AT_ONCE = 10

/** Counts calls. Prices are looked up only when somebody reads the figures. */
export class Counters {
  readonly #all = new GroupCounter()
  readonly #models = new GroupCounters()
  readonly #namespaces = new GroupCounters()
  readonly #minutes = new MinuteCounter()
  readonly #latency = { hit: new LatencyCounter(), miss: new LatencyCounter() }
  readonly #counts = { stores: 0, evictions: 0 }
  readonly #bypasses: Partial<Record<BypassReason, number>> = {}
  readonly #refusals: Partial<Record<Refusal, number>> = {}
  readonly #waiting = new Map<Usage, Priced>()

  count(counter: 'stores' | 'evictions'): void {
    this.#counts[counter]++
  }

  /** A call is answered, or about to be. */
  answer(kind: AnswerKind, group: CallGroup): void {
    for (const one of this.#groupsOf(group)) one.count(kind)
    this.#minutes.count(kind === 'misses' || kind === 'refreshes' ? 'misses' : 'hits', Date.now())
  }

  /** A call is answered from the cache at `now`, in milliseconds since the epoch. */
  hit(kind: 'hits' | 'stale', served: Served, now: number): void {
    const groups = this.#groupsOf(served)
    for (const group of groups) group.count(kind)
    this.#minutes.count('hits', now)
    this.#save(served, groups)
  }

  /** Records how long a caller waited for the head of its answer, in milliseconds. */
  waited(kind: 'hit' | 'miss', duration: number): void {
    this.#latency[kind].add(duration)
  }

  bypass(reason: BypassReason): void {
    this.#bypasses[reason] = (this.#bypasses[reason] ?? 0) + 1
  }

  refuse(reason: Refusal): void {
    this.#refusals[reason] = (this.#refusals[reason] ?? 0) + 1
  }

  /** Adds the time and tokens saved by an answer that needed no provider call of its own. */
  save(served: Served): void {
    this.#save(served, this.#groupsOf(served))
  }

  /** Adds the tokens of one provider call, and why the provider's own cache missed. */
  spend(served: Served, cacheMiss?: string): void {
    for (const group of this.#groupsOf(served)) group.spend(served.usage, cacheMiss)
  }

  snapshot(entries: number, size: number): Figures {
    this.priceAll()
    return {
      ...this.#all.snapshot(),
      ...this.#counts,
      entries,
      size,
      bypasses: { ...this.#bypasses },
      refusals: { ...this.#refusals },
      latency: { hit: this.#latency.hit.snapshot(), miss: this.#latency.miss.snapshot() },
      minutes: this.#minutes.snapshot(),
      byModel: this.#models.snapshot(),
      byNamespace: this.#namespaces.snapshot(),
    }
  }

  /** All figures except latency, as numbers by name: `hits`, `saved.cost`, `bypasses.control`. */
  *groups(): Generator<CountedGroup> {
    const all = { ...this.#all.counts(), ...named('', { stores: this.#counts.stores }) }
    const reasons = { ...named('bypasses.', this.#bypasses), ...named('refusals.', this.#refusals) }
    yield { kind: 'all', name: '', counts: { ...all, ...reasons } }
    for (const [name, group] of this.#models) yield { kind: 'model', name, counts: group.counts() }
    for (const [name, group] of this.#namespaces) yield { kind: 'namespace', name, counts: group.counts() }
  }

  /** Prices everything that was saved so far. */
  priceAll(): void {
    this.#price(Infinity)
  }

  /** Like {@link priceAll}, but in steps that leave the event loop free in between. */
  async priceInSteps(): Promise<void> {
    while (this.#waiting.size > 0) {
      this.#price(PRICED_AT_ONCE)
      await turnOfLoop()
    }
  }

  #groupsOf({ model = '', namespace }: CallGroup): readonly GroupCounter[] {
    return [this.#all, this.#models.of(model), this.#namespaces.of(namespace)]
  }

  #save({ provider, model, usage, duration }: Served, groups: readonly GroupCounter[]): void {
    for (const group of groups) group.save(duration, usage)
    if (usage?.cost !== undefined) return price(groups, usage.cost, 1)
    if (usage === undefined || model === undefined) return price(groups, undefined, 1)
    const known = this.#waiting.get(usage)
    if (known === undefined) this.#priceLater({ provider, model, usage, groups, times: 1 })
    else if (known.provider === provider && known.model === model) known.times++
    else price(groups, priceOf(provider, model, usage), 1)
  }

  #priceLater(call: Priced): void {
    this.#waiting.set(call.usage, call)
    if (this.#waiting.size > MAX_WAITING) this.#price(1)
  }

  /** Prices the oldest ones. 1000 at once would take 10 ms or more. */
  #price(count: number): void {
    for (const { provider, model, usage, groups, times } of this.#waiting.values()) {
      if (count-- <= 0) return
      price(groups, priceOf(provider, model, usage), times)
      this.#waiting.delete(usage)
    }
  }
}

function price(groups: readonly GroupCounter[], cost: number | undefined, times: number): void {
  for (const group of groups) group.price(cost, times)
}
