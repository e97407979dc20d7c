import { LRUCache } from 'lru-cache'
import { atMost } from '../base/lru.ts'
import type { CachePlan } from '../controls/plan.ts'
import type { Flights } from '../flight/flights.ts'
import type { Tiers } from '../stores/tiers.ts'

/** The next sample of a prompt, once all of them are stored. */
export class SampleTurns {
  readonly #turns = new LRUCache<string, number>(atMost(10_000))

  /** 0, 1, 2 … for each prompt. */
  next(key: string): number {
    const turn = this.#turns.get(key) ?? 0
    this.#turns.set(key, turn + 1)
    return turn
  }
}

/** The sample for a call: first a missing one, then each in turn. A call that stores nothing gets a stored one. */
export function chooseSample(
  { tiers, flights, samples }: { readonly tiers: Tiers; readonly flights: Flights; readonly samples: SampleTurns },
  plan: Pick<CachePlan, 'samples' | 'write'>,
  keyOf: (variant: number) => string,
): number {
  flights.catchUp()
  const isTaken = (variant: number): boolean => {
    const key = keyOf(variant)
    return tiers.memory.has(key) || flights.has(key)
  }
  const variants = Array.from({ length: plan.samples }, (_, variant) => variant)
  const free = plan.write ? variants.find((variant) => !isTaken(variant)) : undefined
  if (free !== undefined) return free
  const taken = plan.write ? variants : variants.filter(isTaken)
  return taken[samples.next(keyOf(0)) % taken.length] ?? 0
}
