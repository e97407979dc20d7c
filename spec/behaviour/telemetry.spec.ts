import { context, metrics, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { Counter, Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installCache } from '../support/cache.ts'
import { chat } from '../support/calls.ts'
import { startProvider } from '../support/start-provider.ts'

describe('cache.metrics()', () => {
  test('gives the figures in the text format of Prometheus', async () => {
    const provider = await startProvider()
    const cache = installCache({ hosts: [provider.origin] })
    for (let i = 0; i < 3; i++) await (await chat(provider.origin)).text()
    const text = await cache.metrics()
    expect(text).toMatch(/^# TYPE undici_llm_cache_answers_total counter$/m)
    expect(text).toMatch(/^undici_llm_cache_answers_total\{model="[^"]*",status="hit"\} 2$/m)
    expect(text).toMatch(/^undici_llm_cache_answers_total\{model="[^"]*",status="miss"\} 1$/m)
    expect(text).toMatch(/^undici_llm_cache_entries 1$/m)
    await (await chat(provider.origin)).text()
    expect(await cache.metrics()).toMatch(/^undici_llm_cache_answers_total\{model="[^"]*",status="hit"\} 3$/m)
  })

  test("adds them to a registry of the app's own", async () => {
    const cache = installCache()
    const registry = new Registry()
    new Counter({ name: 'mine_total', help: 'of the app', registers: [registry] }).inc()
    await cache.metrics(registry)
    expect(await registry.metrics()).toMatch(/^mine_total 1$[^]*^undici_llm_cache_entries 0$/m)
    expect(await cache.metrics(registry)).toContain('mine_total 1')
  })
})

describe('OpenTelemetry', () => {
  const spans = new InMemorySpanExporter()
  const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
  const exporter = new InMemoryMetricExporter(0)
  const reader = new PeriodicExportingMetricReader({ exporter })
  const meters = new MeterProvider({ readers: [reader] })
  beforeAll(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    trace.setGlobalTracerProvider(tracers)
    metrics.setGlobalMeterProvider(meters)
  })
  afterAll(async () => {
    await meters.shutdown()
    for (const api of [context, trace, metrics]) api.disable()
  })

  test('has on the active span how a call was answered, and what a hit saved under names of ours', async () => {
    const provider = await startProvider()
    installCache({ hosts: [provider.origin] })
    const ask = (name: string): Promise<void> =>
      trace.getTracer('app').startActiveSpan(name, async (span) => {
        await (await chat(provider.origin)).text()
        span.end()
      })
    await ask('first')
    await ask('second')
    const [first, second] = spans.getFinishedSpans().map(({ attributes }) => attributes)
    expect(first).toMatchObject({ 'gen_ai.provider.name': 'local', 'undici_llm_cache.status': 'MISS' })
    expect(second).toMatchObject({
      'undici_llm_cache.status': 'HIT',
      'undici_llm_cache.saved.time': expect.any(Number),
      'undici_llm_cache.saved.input_tokens': expect.any(Number),
    })
    expect(JSON.stringify(second)).not.toContain('cache_read')
  })

  test('gets the figures of a cache that has been called', async () => {
    const provider = await startProvider()
    installCache({ hosts: [provider.origin] })
    for (let i = 0; i < 2; i++) await (await chat(provider.origin)).text()
    await reader.forceFlush()
    const named = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
    const answers = named.findLast(({ descriptor }) => descriptor.name === 'undici_llm_cache.answers')
    const hits = answers?.dataPoints.filter(({ attributes }) => attributes['undici_llm_cache.status'] === 'hit')
    expect(hits?.map(({ value }) => value)).toContain(1)
  })
})
