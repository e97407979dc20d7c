import { optionalPackage } from '../base/optional-package.ts'
import type { DiagnosticMessages } from './diagnostics.ts'
import { METRICS } from './metrics.ts'
import type { Stats } from './stats.ts'

type Attributes = Record<string, string | number>

/** The members of a span that are used here. */
export interface Span {
  setAttributes(attributes: Attributes): unknown
}

interface Observable {
  addCallback(callback: (result: { observe(value: number, attributes: Attributes): void }) => void): void
}

interface InstrumentOptions {
  readonly description: string
}

/** The members of `@opentelemetry/api` that are used here. */
interface Api {
  readonly trace: { getActiveSpan(): Span | undefined }
  readonly metrics: {
    getMeter(name: string): {
      createObservableCounter(name: string, options: InstrumentOptions): Observable
      createObservableGauge(name: string, options: InstrumentOptions): Observable
    }
  }
}

// Where the API keeps what an SDK registers: `_globalThis[Symbol.for('opentelemetry.js.api.1')]`. As long as it is
// empty, nobody listens, and the package is not loaded.
const REGISTERED = Symbol.for('opentelemetry.js.api.1')

/**
 * Names of attributes, by the GenAI conventions if they have one (https://opentelemetry.io/docs/specs/semconv/gen-ai/).
 * Hits have names of this package's own, since `cache_read` there means the provider's cache. Written out because the
 * published constants lack some.
 */
export const ATTRIBUTES = {
  provider: 'gen_ai.provider.name',
  model: 'gen_ai.request.model',
  type: 'gen_ai.token.type',
  host: 'server.address',
  status: 'undici_llm_cache.status',
  detail: 'undici_llm_cache.detail',
  reason: 'undici_llm_cache.reason',
  from: 'undici_llm_cache.from',
  quantile: 'undici_llm_cache.quantile',
  savedTime: 'undici_llm_cache.saved.time',
  savedInput: 'undici_llm_cache.saved.input_tokens',
  savedOutput: 'undici_llm_cache.saved.output_tokens',
} as const

/** Reports calls and figures to OpenTelemetry, if the app runs an SDK of it. */
export class OpenTelemetry {
  readonly #stats: () => Stats
  #api: Api | undefined
  #isLoaded = false

  constructor(stats: () => Stats) {
    this.#stats = stats
  }

  /** The caller's active span; must be read while the caller's code runs. Takes 10 ns without OpenTelemetry. */
  activeSpan(): Span | undefined {
    if (!(REGISTERED in globalThis)) return undefined
    if (!this.#isLoaded) this.#load()
    return this.#api?.trace.getActiveSpan()
  }

  #load(): void {
    this.#isLoaded = true
    this.#api = optionalPackage('@opentelemetry/api') as Api | undefined // the package of that name
    const meter = this.#api?.metrics.getMeter('undici-llm-cache')
    for (const { name, help, type, read } of METRICS) {
      const options = { description: help }
      const own = nameOf(name)
      const instrument =
        type === 'Counter' ? meter?.createObservableCounter(own, options) : meter?.createObservableGauge(own, options)
      instrument?.addCallback((result) => {
        for (const [labels, value] of read(this.#stats())) result.observe(value, rename(labels))
      })
    }
  }
}

/** `undici_llm_cache_saved_seconds_total` is `undici_llm_cache.saved.seconds`. */
function nameOf(name: string): string {
  const rest = name.slice('undici_llm_cache_'.length).replace(/_total$/, '')
  return `undici_llm_cache.${rest.replaceAll('_', '.')}`
}

function rename(labels: Readonly<Record<string, string>>): Attributes {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [attributeOf(name), value]))
}

function attributeOf(label: string): string {
  return Object.hasOwn(ATTRIBUTES, label) ? ATTRIBUTES[label as keyof typeof ATTRIBUTES] : label // hasOwn has checked it
}

/** The attributes of a span for one answer. */
export function attributesOf(answer: DiagnosticMessages['undici-llm-cache:answer']): Attributes {
  const { status, provider, model, detail, saved } = answer
  return {
    [ATTRIBUTES.provider]: provider,
    [ATTRIBUTES.status]: status,
    ...(model !== undefined && { [ATTRIBUTES.model]: model }),
    ...(detail !== undefined && { [ATTRIBUTES.detail]: detail }),
    ...(saved !== undefined && { [ATTRIBUTES.savedTime]: saved.time }),
    ...(saved?.usage !== undefined && {
      [ATTRIBUTES.savedInput]: saved.usage.inputTokens,
      [ATTRIBUTES.savedOutput]: saved.usage.outputTokens,
    }),
  }
}
