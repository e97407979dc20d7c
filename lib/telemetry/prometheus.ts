import { LlmCacheError } from '../base/errors.ts'
import { optionalPackage } from '../base/optional-package.ts'
import { METRICS } from './metrics.ts'
import type { Stats } from './stats.ts'

/** The members of prom-client's `Registry` that are used here. */
export interface MetricsRegistry {
  registerMetric(metric: object): void
  metrics(): Promise<string>
}

/** The members of prom-client that are used here. */
interface PromClient {
  readonly Registry: new () => MetricsRegistry
  readonly Counter: MetricClass
  readonly Gauge: MetricClass
}

type MetricClass = new (options: {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  readonly registers: readonly []
  /** Called for each scrape. */
  readonly collect: (this: { reset(): void; inc(labels: object, value: number): void }) => void
}) => object

/** Exports the figures of one cache in Prometheus's text format. */
export class PrometheusMetrics {
  readonly #stats: () => Stats
  readonly #known = new WeakSet<MetricsRegistry>()
  #own: MetricsRegistry | undefined

  constructor(stats: () => Stats) {
    this.#stats = stats
  }

  /**
   * The text of all metrics of a registry, including this cache's. Default: a registry with this cache's metrics only.
   *
   * @throws LlmCacheError with code `ERR_LLM_CACHE_PACKAGE` if prom-client is not installed.
   */
  text(given: MetricsRegistry | undefined): Promise<string> {
    const client = optionalPackage('prom-client') as PromClient | undefined // the package of that name
    if (client === undefined) {
      throw new LlmCacheError(
        'ERR_LLM_CACHE_PACKAGE',
        'cache.metrics() needs the package prom-client (npm install prom-client)',
      )
    }
    const registry = given ?? (this.#own ??= new client.Registry())
    if (!this.#known.has(registry)) this.#register(client, registry)
    return registry.metrics()
  }

  #register(client: PromClient, registry: MetricsRegistry): void {
    this.#known.add(registry)
    // A scrape reads the figures once for all metrics.
    let figures: Stats | undefined
    const read = (): Stats => {
      if (figures === undefined) queueMicrotask(() => (figures = undefined))
      return (figures ??= this.#stats())
    }
    for (const { name, help, type, labels, read: readSamples } of METRICS) {
      const metric = new client[type]({
        name,
        help,
        labelNames: labels,
        registers: [],
        collect() {
          this.reset()
          for (const [values, value] of readSamples(read())) this.inc(values, value)
        },
      })
      registry.registerMetric(metric)
    }
  }
}
