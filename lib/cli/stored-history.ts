import { showCount, showDollars, showPlain, showSeconds } from '../base/units.ts'
import { FIGURES_KEPT } from '../stores/figures.ts'
import type { CacheStore } from '../stores/store.ts'
import { answersOf, hitRateOf } from '../telemetry/hit-rate.ts'
import { type History, historyOf } from '../telemetry/history.ts'
import type { GroupFigures } from '../telemetry/stats.ts'
import { type Column, renderColumns } from './table.ts'

const DAY = 86_400_000

/** The figures of all processes that used a store. */
export interface StoredHistory {
  readonly last24Hours: History
  readonly last30Days: History
}

/** The figures of a store; `undefined` if it keeps none, or there was no call yet. */
export async function readHistory(store: CacheStore, now: number): Promise<StoredHistory | undefined> {
  const figures = (await store.figures?.(now - FIGURES_KEPT)) ?? []
  if (figures.length === 0) return undefined
  return {
    last24Hours: historyOf(figures.filter(({ at }) => at >= now - DAY)),
    last30Days: historyOf(figures),
  }
}

/** Two tables: by time span, and by model or namespace. */
export function renderHistory({ last24Hours, last30Days }: StoredHistory, by: string): string {
  const spans: Row[] = [
    ['last 24 hours', last24Hours],
    ['last 30 days', last30Days],
  ]
  const groups = by === 'model' ? last30Days.byModel : by === 'namespace' ? last30Days.byNamespace : {}
  const rows = Object.entries(groups).toSorted(([, left], [, right]) => answersOf(right) - answersOf(left))
  const tables = [renderColumns(spans, columns('CALLS OF ALL PROCESSES'))]
  if (rows.length > 0) tables.push(renderColumns(rows, columns(`${by.toUpperCase()}, 30 DAYS`)))
  const ofProvider = reasons("Not in the provider's own cache", last30Days.cacheMisses)
  return [
    ...tables,
    ...reasons('Not stored', last30Days.refusals),
    ...reasons('Bypassed', last30Days.bypasses),
    ...ofProvider,
  ].join('\n\n')
}

type Row = readonly [name: string, figures: GroupFigures]

function columns(head: string): Column<Row>[] {
  return [
    { head, cell: ([name]) => showPlain(name) || '-' },
    { head: 'CALLS', align: 'right', cell: ([, figures]) => showCount(answersOf(figures)) },
    { head: 'HIT RATE', align: 'right', cell: ([, figures]) => showShare(hitRateOf(figures)) },
    { head: 'TIME SAVED', align: 'right', cell: ([, { saved }]) => showSeconds(saved.time) },
    {
      head: 'TOKENS SAVED',
      align: 'right',
      cell: ([, { saved }]) => showCount(saved.inputTokens + saved.outputTokens),
    },
    { head: 'SAVED', align: 'right', cell: ([, figures]) => showSaved(figures) },
    {
      head: 'CACHED BY PROVIDER',
      align: 'right',
      cell: ([, { spent }]) => showShare(spent.inputTokens === 0 ? undefined : spent.cachedTokens / spent.inputTokens),
    },
  ]
}

function showShare(share: number | undefined): string {
  return share === undefined ? '-' : `${Math.round(100 * share)} %`
}

/** Nothing if no price is known. */
function showSaved({ saved, unpriced }: GroupFigures): string {
  return saved.cost === 0 && unpriced > 0 ? '-' : showDollars(saved.cost)
}

function reasons(what: string, counts: Readonly<Record<string, number>>): string[] {
  const told = Object.entries(counts).map(([reason, count]) => `${reason} ${showCount(count)}`)
  return told.length === 0 ? [] : [`${what}, 30 days: ${told.join(', ')}`]
}
