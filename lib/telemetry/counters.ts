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

/** How often an answer was served from the cache, or shared, since it was last added to the figures. */
interface Tally extends Served {
  hits: number
  stale: number
  shared: number
}

// Hits of one answer are counted together: they share the usage object as long as the answer is in memory. What they
// add to which figure, and their price, is found when somebody asks: 0.1 µs less for each hit.
const MAX_TALLIES = 1000
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
  readonly #tallies = new Map<Usage | undefined, Tally>()

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
    this.#tallyOf(served)[kind]++
    this.#minutes.count('hits', now)
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

  /** Adds what an answer saved that `times` callers were given without a provider call of their own. */
  save(served: Served, times = 1): void {
    this.#tallyOf(served).shared += times
  }

  /** Adds the tokens of one provider call, and why the provider's own cache missed. */
  spend(served: Served, cacheMiss?: string): void {
    for (const group of this.#groupsOf(served)) group.spend(served.usage, cacheMiss)
  }

  snapshot(entries: number, size: number): Figures {
    this.settle()
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

  /** All settled figures except latency, as numbers by name: `hits`, `saved.cost`, `bypasses.control`. */
  *groups(): Generator<CountedGroup> {
    const all = { ...this.#all.counts(), ...named('', { stores: this.#counts.stores }) }
    const reasons = { ...named('bypasses.', this.#bypasses), ...named('refusals.', this.#refusals) }
    yield { kind: 'all', name: '', counts: { ...all, ...reasons } }
    for (const [name, group] of this.#models) yield { kind: 'model', name, counts: group.counts() }
    for (const [name, group] of this.#namespaces) yield { kind: 'namespace', name, counts: group.counts() }
  }

  /** Adds everything served from the cache so far to the figures, with its price. */
  settle(): void {
    this.#settle(Infinity)
  }

  /**
   * Like {@link settle}, but in steps that leave the event loop free in between. 1000 prices at once take 10 ms or
   * more.
   */
  async settleInSteps(): Promise<void> {
    for (let left = this.#tallies.size; left > 0; left -= PRICED_AT_ONCE) {
      this.#settle(PRICED_AT_ONCE)
      await turnOfLoop()
    }
  }

  #groupsOf({ model = '', namespace }: CallGroup): readonly GroupCounter[] {
    return [this.#all, this.#models.of(model), this.#namespaces.of(namespace)]
  }

  #tallyOf(served: Served): Tally {
    const known = this.#tallies.get(served.usage)
    if (known !== undefined && isAlike(known, served)) return known
    if (known !== undefined) this.#add(known)
    else if (this.#tallies.size >= MAX_TALLIES) this.#settle(1)
    // Not `served` itself: an entry has a body.
    const { provider, model, namespace, usage, duration } = served
    const tally: Tally = { provider, model, namespace, usage, duration, hits: 0, stale: 0, shared: 0 }
    this.#tallies.set(usage, tally)
    return tally
  }

  /** Adds the oldest counts to the figures. */
  #settle(count: number): void {
    for (const tally of this.#tallies.values()) {
      if (count-- <= 0) return
      this.#add(tally)
    }
  }

  #add(tally: Tally): void {
    const { usage, hits, stale, shared } = tally
    const times = hits + stale + shared
    const cost = costOf(tally)
    for (const group of this.#groupsOf(tally)) {
      group.count('hits', hits)
      group.count('stale', stale)
      group.save(tally, times)
      group.price(cost, times)
    }
    this.#tallies.delete(usage)
  }
}

function isAlike(tally: Tally, { provider, model, namespace, duration }: Served): boolean {
  return (
    tally.provider === provider && tally.model === model && tally.namespace === namespace && tally.duration === duration
  )
}

/** The provider's own figure, otherwise the list price. */
function costOf({ provider, model, usage }: Served): number | undefined {
  if (usage === undefined || usage.cost !== undefined || model === undefined) return usage?.cost
  return priceOf(provider, model, usage)
}
