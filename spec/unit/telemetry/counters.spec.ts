import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Counters } from '../../../lib/telemetry/counters.ts'

const NO_TOKENS = { inputTokens: 0, outputTokens: 0, cachedTokens: 0 }
const NOBODY = { count: 0, p50: 0, p90: 0, p99: 0, max: 0 }
const ONE = { model: 'gpt-4o', namespace: '' }

describe('figures', () => {
  it('start at nothing', () => {
    expect(new Counters().snapshot(0, 0)).toEqual({
      hits: 0,
      misses: 0,
      coalesced: 0,
      stale: 0,
      refreshes: 0,
      stores: 0,
      evictions: 0,
      entries: 0,
      size: 0,
      bypasses: {},
      refusals: {},
      saved: { time: 0, ...NO_TOKENS, cost: 0 },
      spent: { calls: 0, ...NO_TOKENS, cacheWriteTokens: 0 },
      cacheMisses: {},
      unpriced: 0,
      latency: { hit: NOBODY, miss: NOBODY },
      minutes: [],
      byModel: {},
      byNamespace: {},
    })
  })

  it("count the provider's own reasons for a miss of its cache; what is no word of one is counted together", () => {
    const counters = new Counters()
    const served = { ...ONE, provider: 'anthropic', usage: undefined, duration: 1 }
    for (const reason of ['tools_changed', 'tools_changed', 'A prompt!', 'a'.repeat(65)]) counters.spend(served, reason)
    for (let n = 0; n < 100; n++) counters.spend(served, `made_up_${'abcdefghij'.charAt(n % 10)}_${'x'.repeat(n / 10)}`)
    const { cacheMisses } = counters.snapshot(0, 0)
    expect(cacheMisses).toMatchObject({ tools_changed: 2 })
    expect(Object.keys(cacheMisses).length).toBeLessThanOrEqual(31)
  })

  it('count by kind and by reason', () => {
    const counters = new Counters()
    counters.answer('hits', ONE)
    counters.answer('hits', ONE)
    counters.bypass('policy')
    counters.refuse('error')
    counters.refuse('error')
    expect(counters.snapshot(3, 99)).toMatchObject({
      hits: 2,
      entries: 3,
      size: 99,
      bypasses: { policy: 1 },
      refusals: { error: 2 },
    })
  })

  it('add up seconds and tokens that were saved, at list prices', () => {
    const counters = new Counters()
    const usage = { inputTokens: 1000, outputTokens: 100, cachedTokens: 200 }
    counters.save({ provider: 'openai', ...ONE, usage, duration: 1500 })
    counters.save({ provider: 'openai', ...ONE, usage, duration: 500 })
    const { saved, unpriced } = counters.snapshot(0, 0)
    expect(saved).toMatchObject({ time: 2, inputTokens: 2000, outputTokens: 200, cachedTokens: 400 })
    // 800 tokens at $2.50, 200 cached at $1.25 and 100 out at $10 a million, twice.
    expect(saved.cost).toBeCloseTo(2 * 0.00325, 10)
    expect(counters.snapshot(0, 0).saved.cost).toBeCloseTo(2 * 0.00325, 10)
    expect(unpriced).toBe(0)
  })

  it("take the provider's own figure where there is one", () => {
    const counters = new Counters()
    const usage = { inputTokens: 1000, outputTokens: 100, cost: 0.5 }
    counters.save({ provider: 'openrouter', model: 'openai/gpt-4o', namespace: '', usage, duration: 0 })
    expect(counters.snapshot(0, 0).saved.cost).toBe(0.5)
  })

  it.each([
    ['a model that nobody knows', 'openai', 'no-such-model', { inputTokens: 10, outputTokens: 10 }],
    ['a local server', 'local', 'llama-3.3-70b-instruct-q4-of-mine', { inputTokens: 10, outputTokens: 10 }],
    ['an answer without usage', 'openai', 'gpt-4o', undefined],
    ['a call that names no model', 'openai', undefined, { inputTokens: 10, outputTokens: 10 }],
  ])('say of %s that its cost is not known', (_what, provider, model, usage) => {
    const counters = new Counters()
    for (const duration of [10, 20]) counters.save({ provider, model, namespace: '', usage, duration })
    const { saved, unpriced } = counters.snapshot(0, 0)
    expect([saved.cost, unpriced]).toEqual([0, 2])
    expect(saved.time).toBeCloseTo(0.03, 10)
  })

  it('price one answer by the call that it was given to', () => {
    const counters = new Counters()
    const usage = { inputTokens: 1_000_000, outputTokens: 0 }
    for (const model of ['gpt-4o', 'gpt-4o-mini', 'gpt-4o', 'no-such-model']) {
      counters.save({ provider: 'openai', model, namespace: '', usage, duration: 0 })
    }
    const { saved, unpriced, byModel } = counters.snapshot(0, 0)
    expect(saved.cost).toBeCloseTo(2 * 2.5 + 0.15, 8)
    expect(unpriced).toBe(1)
    expect(byModel['gpt-4o-mini']?.saved.cost).toBeCloseTo(0.15, 8)
  })

  it('count each hit for its own model and namespace, also where answers have the same usage, or none', () => {
    const counters = new Counters()
    const shared = { inputTokens: 1000, outputTokens: 100 }
    for (const usage of [shared, undefined]) {
      const served = { provider: 'openai', namespace: '', usage, duration: 1000 }
      counters.hit('hits', { ...served, model: 'one' }, Date.now())
      counters.hit('hits', { ...served, model: 'one' }, Date.now())
      counters.hit('stale', { ...served, model: 'other' }, Date.now())
      counters.hit('hits', { ...served, model: 'one', namespace: 'team' }, Date.now())
      counters.hit('hits', { ...served, model: 'one', duration: 500 }, Date.now())
      counters.save({ ...served, model: 'one' }, 3)
    }
    const { hits, stale, saved, byModel, byNamespace } = counters.snapshot(0, 0)
    expect({ hits, stale }).toEqual({ hits: 8, stale: 2 })
    expect(saved).toMatchObject({ inputTokens: 8000, outputTokens: 800, time: expect.closeTo(15, 8) })
    expect(byModel['one']).toMatchObject({ hits: 8, stale: 0, unpriced: 14, saved: { inputTokens: 7000 } })
    expect(byModel['other']).toMatchObject({ hits: 0, stale: 2, saved: { inputTokens: 1000 } })
    expect(byNamespace['team']).toMatchObject({ hits: 2, saved: { time: expect.closeTo(2, 8) } })
  })

  it('price many different calls without keeping them all', () => {
    const counters = new Counters()
    for (let i = 1; i <= 1500; i++) {
      counters.save({ provider: 'openai', ...ONE, usage: { inputTokens: i, outputTokens: 0 }, duration: 0 })
    }
    expect(counters.snapshot(0, 0).saved.cost).toBeCloseTo((((1500 * 1501) / 2) * 2.5) / 1e6, 8)
  })

  it('are of each model and namespace too', () => {
    const counters = new Counters()
    const usage = { inputTokens: 1000, outputTokens: 100 }
    counters.answer('hits', { model: 'gpt-4o', namespace: 'a' })
    counters.save({ provider: 'openai', model: 'gpt-4o', namespace: 'a', usage, duration: 1000 })
    counters.answer('misses', { model: 'mine', namespace: 'b' })
    counters.spend({ provider: 'local', model: 'mine', namespace: 'b', usage, duration: 1000 })
    const { byModel, byNamespace, saved, spent } = counters.snapshot(0, 0)
    expect(Object.keys(byModel)).toEqual(['gpt-4o', 'mine'])
    expect(byModel['gpt-4o']).toMatchObject({ hits: 1, misses: 0, saved, unpriced: 0 })
    expect(byModel['mine']).toMatchObject({ hits: 0, misses: 1, spent })
    expect(byNamespace['a']).toEqual(byModel['gpt-4o'])
    expect(byNamespace['b']).toEqual(byModel['mine'])
  })

  it('count what a provider read from and wrote to its own cache', () => {
    const counters = new Counters()
    const usage = { inputTokens: 1000, outputTokens: 100, cachedTokens: 600, cacheWriteTokens: 300 }
    counters.spend({ provider: 'openai', ...ONE, usage, duration: 0 })
    expect(counters.snapshot(0, 0).spent).toEqual({
      calls: 1,
      inputTokens: 1000,
      outputTokens: 100,
      cachedTokens: 600,
      cacheWriteTokens: 300,
    })
  })

  it('are bounded in names: what comes later is counted together', () => {
    const counters = new Counters()
    for (let i = 0; i < 1200; i++) counters.answer('misses', { model: `m${i}`, namespace: '' })
    const { byModel, misses } = counters.snapshot(0, 0)
    expect(misses).toBe(1200)
    expect(Object.keys(byModel)).toHaveLength(1001)
    expect(byModel['other']?.misses).toBe(200)
  })

  it('measure how long callers waited, in seconds', () => {
    const counters = new Counters()
    for (let ms = 1; ms <= 100; ms++) counters.waited('miss', ms * 10)
    counters.waited('hit', 0.2)
    const { hit, miss } = counters.snapshot(0, 0).latency
    expect(hit).toMatchObject({ count: 1, p50: expect.closeTo(0.0002, 5) })
    expect(miss.count).toBe(100)
    expect(miss.p50).toBeCloseTo(0.5, 1)
    expect(miss.p90).toBeCloseTo(0.9, 1)
    expect(miss.max).toBeCloseTo(1, 1)
  })
})

describe('figures by the minute', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 60_000 * 1_000_000 }))
  afterEach(() => void vi.useRealTimers())

  it('leave out minutes without a call, and what is older than a day', () => {
    const counters = new Counters()
    const minute = (n: number): number => 60_000 * (1_000_000 + n)
    counters.answer('misses', ONE)
    counters.answer('hits', ONE)
    counters.answer('coalesced', ONE)
    vi.setSystemTime(minute(5))
    counters.answer('refreshes', ONE)
    expect(counters.snapshot(0, 0).minutes).toEqual([
      { at: minute(0), hits: 2, misses: 1 },
      { at: minute(5), hits: 0, misses: 1 },
    ])
    vi.setSystemTime(minute(24 * 60 + 1))
    expect(counters.snapshot(0, 0).minutes).toEqual([{ at: minute(5), hits: 0, misses: 1 }])
  })
})
