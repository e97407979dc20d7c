import type { GroupFigures, Latency, Stats, Tokens } from './stats.ts'

/** Values of one metric by its labels. */
export type Sample = readonly [labels: Readonly<Record<string, string>>, value: number]

/** One metric, for Prometheus and OpenTelemetry. */
export interface Metric {
  readonly name: string
  readonly help: string
  readonly type: 'Counter' | 'Gauge'
  readonly labels: readonly string[]
  readonly read: (stats: Stats) => readonly Sample[]
}

/** Every metric, named by Prometheus's rules: https://prometheus.io/docs/practices/naming/ */
export const METRICS: readonly Metric[] = [
  {
    name: 'undici_llm_cache_answers_total',
    help: 'Calls by how they were answered',
    type: 'Counter',
    labels: ['model', 'status'],
    read: ({ byModel }) =>
      perModel(byModel, ({ hits, misses, coalesced, stale, refreshes }) =>
        Object.entries({ hit: hits, miss: misses, coalesced, stale, refresh: refreshes }).map(named('status')),
      ),
  },
  {
    name: 'undici_llm_cache_bypasses_total',
    help: 'Calls that passed the cache by',
    type: 'Counter',
    labels: ['reason'],
    read: ({ bypasses }) => Object.entries(bypasses).map(named('reason')),
  },
  {
    name: 'undici_llm_cache_refusals_total',
    help: 'Answers that were not stored',
    type: 'Counter',
    labels: ['reason'],
    read: ({ refusals }) => Object.entries(refusals).map(named('reason')),
  },
  {
    name: 'undici_llm_cache_unmatched_total',
    help: 'LLM calls that did not get to the cache',
    type: 'Counter',
    labels: ['host'],
    read: ({ unmatched }) => Object.entries(unmatched).map(named('host')),
  },
  {
    name: 'undici_llm_cache_provider_cache_misses_total',
    help: "Misses of the provider's own cache, by its own reason",
    type: 'Counter',
    labels: ['model', 'reason'],
    read: ({ byModel }) => perModel(byModel, ({ cacheMisses }) => Object.entries(cacheMisses).map(named('reason'))),
  },
  single('undici_llm_cache_stores_total', 'Answers that were stored', 'Counter', ({ stores }) => stores),
  single(
    'undici_llm_cache_evictions_total',
    'Entries that were evicted from memory',
    'Counter',
    ({ evictions }) => evictions,
  ),
  single('undici_llm_cache_entries', 'Entries in memory', 'Gauge', ({ entries }) => entries),
  single('undici_llm_cache_size_bytes', 'Bytes in memory', 'Gauge', ({ size }) => size),
  {
    name: 'undici_llm_cache_saved_seconds_total',
    help: 'Time of the provider calls that were not needed',
    type: 'Counter',
    labels: ['model'],
    read: ({ byModel }) => perModel(byModel, ({ saved }) => [[{}, saved.time]]),
  },
  {
    name: 'undici_llm_cache_saved_dollars_total',
    help: 'Cost of the provider calls that were not needed, as far as it is known',
    type: 'Counter',
    labels: ['model'],
    read: ({ byModel }) => perModel(byModel, ({ saved }) => [[{}, saved.cost]]),
  },
  {
    name: 'undici_llm_cache_unpriced_total',
    help: 'Answers from the cache whose cost is not known',
    type: 'Counter',
    labels: ['model'],
    read: ({ byModel }) => perModel(byModel, ({ unpriced }) => [[{}, unpriced]]),
  },
  {
    name: 'undici_llm_cache_saved_tokens_total',
    help: 'Tokens of the provider calls that were not needed',
    type: 'Counter',
    labels: ['model', 'type'],
    read: ({ byModel }) => perModel(byModel, ({ saved }) => tokensOf(saved)),
  },
  {
    name: 'undici_llm_cache_spent_tokens_total',
    help: 'Tokens of the provider calls whose answers were stored',
    type: 'Counter',
    labels: ['model', 'type'],
    read: ({ byModel }) =>
      perModel(byModel, ({ spent }) => [...tokensOf(spent), [{ type: 'cache_write' }, spent.cacheWriteTokens]]),
  },
  {
    name: 'undici_llm_cache_latency_seconds',
    help: 'Time until the head of the answer, by percentile',
    type: 'Gauge',
    labels: ['from', 'quantile'],
    read: ({ latency }) => [...quantiles('cache', latency.hit), ...quantiles('provider', latency.miss)],
  },
]

function single(name: string, help: string, type: Metric['type'], read: (stats: Stats) => number): Metric {
  return { name, help, type, labels: [], read: (stats) => [[{}, read(stats)]] }
}

function named(label: string): (pair: readonly [string, number | undefined]) => Sample {
  return ([value, count = 0]) => [{ [label]: value }, count]
}

function perModel(byModel: Stats['byModel'], read: (figures: GroupFigures) => readonly Sample[]): Sample[] {
  return Object.entries(byModel).flatMap(([model, figures]) =>
    read(figures).map(([labels, value]) => [{ model, ...labels }, value] as const),
  )
}

function tokensOf({ inputTokens, outputTokens, cachedTokens }: Tokens): Sample[] {
  return Object.entries({ input: inputTokens, output: outputTokens, cached: cachedTokens }).map(named('type'))
}

function quantiles(from: string, { p50, p90, p99 }: Latency): Sample[] {
  return Object.entries({ 0.5: p50, 0.9: p90, 0.99: p99 }).map(([quantile, value]) => [{ from, quantile }, value])
}
