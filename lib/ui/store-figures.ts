import { createPauses } from '../base/pauses.ts'
import type { EntryInfo } from '../stores/entry.ts'
import { Counters } from '../telemetry/counters.ts'
import { InsideCounters } from '../telemetry/inside-counts.ts'
import { priceOf } from '../telemetry/prices.ts'
import type { GroupFigures, Stats } from '../telemetry/stats.ts'

/**
 * Figures from the entries of a store: how often each was served, and what that saved in tokens and at list price.
 * Entries have no misses, times or reasons, so those figures are 0.
 */
export async function figuresOf(entries: Iterable<EntryInfo> | AsyncIterable<EntryInfo>): Promise<Stats> {
  const [all, models, namespaces] = [new Sum(), new Map<string, Sum>(), new Map<string, Sum>()]
  const pause = createPauses()
  let [count, size] = [0, 0]
  for await (const entry of entries) {
    size += entry.size
    for (const sum of [all, sumOf(models, entry.model ?? ''), sumOf(namespaces, entry.namespace)]) sum.add(entry)
    count++
    await pause()
  }
  return {
    ...new Counters().snapshot(count, size),
    ...new InsideCounters().snapshot(),
    unmatched: {},
    unmatchedCauses: {},
    ...all.figures(),
    byModel: byName(models),
    byNamespace: byName(namespaces),
  }
}

function sumOf(sums: Map<string, Sum>, name: string): Sum {
  const known = sums.get(name)
  if (known !== undefined) return known
  const sum = new Sum()
  sums.set(name, sum)
  return sum
}

function byName(sums: ReadonlyMap<string, Sum>): Record<string, GroupFigures> {
  return Object.fromEntries([...sums].map(([name, sum]) => [name, sum.figures()]))
}

class Sum {
  #hits = 0
  #unpriced = 0
  readonly #saved = { time: 0, inputTokens: 0, outputTokens: 0, cachedTokens: 0, cost: 0 }
  readonly #spent = { calls: 0, inputTokens: 0, outputTokens: 0, cachedTokens: 0, cacheWriteTokens: 0 }

  /** An entry counts as one provider call and its hits. */
  add({ provider, model, usage, hits }: EntryInfo): void {
    const { inputTokens = 0, outputTokens = 0, cachedTokens = 0, cacheWriteTokens = 0 } = usage ?? {}
    this.#hits += hits
    this.#saved.inputTokens += hits * inputTokens
    this.#saved.outputTokens += hits * outputTokens
    this.#saved.cachedTokens += hits * cachedTokens
    this.#spent.calls++
    this.#spent.inputTokens += inputTokens
    this.#spent.outputTokens += outputTokens
    this.#spent.cachedTokens += cachedTokens
    this.#spent.cacheWriteTokens += cacheWriteTokens
    if (hits === 0) return
    const cost = usage && (usage.cost ?? (model === undefined ? undefined : priceOf(provider, model, usage)))
    if (cost === undefined) this.#unpriced += hits
    else this.#saved.cost += hits * cost
  }

  figures(): GroupFigures {
    const answers = { hits: this.#hits, misses: 0, coalesced: 0, stale: 0, refreshes: 0 }
    return {
      ...answers,
      saved: { ...this.#saved },
      spent: { ...this.#spent },
      cacheMisses: {},
      unpriced: this.#unpriced,
    }
  }
}
