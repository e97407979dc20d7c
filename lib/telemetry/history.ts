import { type Check, isInteger } from '../base/check.ts'
import { addCounts, FIGURES_KEPT, type HourFigures } from '../stores/figures.ts'
import type { GroupFigures, Stats } from './stats.ts'

/**
 * Figures of all processes that share a store, for up to 30 days: hits and misses, what was saved and spent. Figures
 * that only one process has (latency, the contents of its memory) are in `stats()`.
 */
export interface History extends HistoryFigures {
  /** By the model's name as in the call; 200 names an hour at most, the rest under `other`. */
  readonly byModel: Readonly<Record<string, GroupFigures>>
  /** By namespace; `''` for calls without one. 200 names an hour at most, the rest under `other`. */
  readonly byNamespace: Readonly<Record<string, GroupFigures>>
  /** Oldest first; an hour without a call is left out. */
  readonly hours: readonly HistoryHour[]
}

/** Figures of some calls. */
export interface HistoryFigures extends GroupFigures, Pick<Stats, 'stores' | 'bypasses' | 'refusals'> {}

/** Figures of the calls of one hour. */
export interface HistoryHour extends HistoryFigures {
  /** Start of the hour, in milliseconds since the epoch. */
  readonly at: number
}

/** Options of `cache.history`. */
export interface HistoryOptions {
  /** Seconds back from now; default and maximum 30 days. The hour in which that moment lies is left out. */
  readonly newerThan?: number
}

const MOST = FIGURES_KEPT / 1000

/** Checks of {@link HistoryOptions}. */
export const HISTORY_CHECKS: Readonly<Record<keyof HistoryOptions, Check>> = {
  newerThan: isInteger({ min: 1, max: MOST }),
}

/** The start of the figures, in milliseconds since the epoch. */
export function sinceOf({ newerThan = MOST }: HistoryOptions, now: number): number {
  return now - newerThan * 1000
}

/** Sums up the figures that a store has kept. */
export function historyOf(figures: readonly HourFigures[]): History {
  const all: HourFigures['counts'][] = []
  const groups = { model: new Map<string, Sum>(), namespace: new Map<string, Sum>() }
  const hours = new Map<number, Sum>()
  for (const { at, kind, name, counts } of figures) {
    if (kind === 'all') {
      all.push(counts)
      addTo(hours, at, counts)
    } else addTo(groups[kind], name, counts)
  }
  return {
    ...figuresOf(sumOf(all)),
    byModel: byName(groups.model),
    byNamespace: byName(groups.namespace),
    hours: [...hours].toSorted(([left], [right]) => left - right).map(([at, sum]) => ({ at, ...figuresOf(sum) })),
  }
}

type Sum = Record<string, number>

function sumOf(all: readonly HourFigures['counts'][]): Sum {
  const sum: Sum = {}
  for (const counts of all) addCounts(sum, counts)
  return sum
}

function addTo<Key>(sums: Map<Key, Sum>, key: Key, counts: HourFigures['counts']): void {
  const sum = sums.get(key) ?? {}
  sums.set(key, sum)
  addCounts(sum, counts)
}

function byName(sums: ReadonlyMap<string, Sum>): Record<string, GroupFigures> {
  return Object.fromEntries([...sums].map(([name, sum]) => [name, groupOf(sum)]))
}

function groupOf(sum: Sum): GroupFigures {
  const of = (name: string): number => sum[name] ?? 0
  const tokensOf = (of: string): { inputTokens: number; outputTokens: number; cachedTokens: number } => ({
    inputTokens: sum[`${of}.inputTokens`] ?? 0,
    outputTokens: sum[`${of}.outputTokens`] ?? 0,
    cachedTokens: sum[`${of}.cachedTokens`] ?? 0,
  })
  return {
    hits: of('hits'),
    misses: of('misses'),
    coalesced: of('coalesced'),
    stale: of('stale'),
    refreshes: of('refreshes'),
    saved: { ...tokensOf('saved'), time: of('saved.time'), cost: of('saved.cost') },
    spent: { ...tokensOf('spent'), calls: of('spent.calls'), cacheWriteTokens: of('spent.cacheWriteTokens') },
    cacheMisses: reasonsOf(sum, 'cacheMisses.'),
    unpriced: of('unpriced'),
  }
}

function figuresOf(sum: Sum): HistoryFigures {
  const bypasses: HistoryFigures['bypasses'] = reasonsOf(sum, 'bypasses.')
  const refusals: HistoryFigures['refusals'] = reasonsOf(sum, 'refusals.')
  return { ...groupOf(sum), stores: sum['stores'] ?? 0, bypasses, refusals }
}

function reasonsOf(sum: Sum, prefix: string): Record<string, number> {
  const ofKind = Object.entries(sum).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(ofKind.map(([name, count]) => [name.slice(prefix.length), count]))
}
