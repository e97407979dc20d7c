import { describe, expect, it } from 'vitest'
import { Counters } from '../../lib/telemetry/stats.ts'

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
      saved: { time: 0, inputTokens: 0, outputTokens: 0, cost: 0 },
    })
  })

  it('count by kind and by reason', () => {
    const counters = new Counters()
    counters.count('hits')
    counters.count('hits')
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
    counters.save({ provider: 'openai', model: 'gpt-4o', usage, duration: 1500 })
    counters.save({ provider: 'openai', model: 'gpt-4o', usage, duration: 500 })
    const { saved } = counters.snapshot(0, 0)
    expect(saved).toMatchObject({ time: 2, inputTokens: 2000, outputTokens: 200 })
    // 800 tokens at $2.50, 200 cached at $1.25 and 100 out at $10 a million, twice.
    expect(saved.cost).toBeCloseTo(2 * 0.00325, 10)
    expect(counters.snapshot(0, 0).saved.cost).toBeCloseTo(2 * 0.00325, 10)
  })

  it("take the provider's own figure where there is one", () => {
    const counters = new Counters()
    const usage = { inputTokens: 1000, outputTokens: 100, cost: 0.5 }
    counters.save({ provider: 'openrouter', model: 'openai/gpt-4o', usage, duration: 0 })
    expect(counters.snapshot(0, 0).saved.cost).toBe(0.5)
  })

  it.each([
    ['a model that nobody knows', 'openai', 'no-such-model'],
    ['a local server', 'local', 'llama-3.3-70b-instruct-q4-of-mine'],
  ])('say 0 for %s', (_what, provider, model) => {
    const counters = new Counters()
    counters.save({ provider, model, usage: { inputTokens: 10, outputTokens: 10 }, duration: 0 })
    expect(counters.snapshot(0, 0).saved).toMatchObject({ inputTokens: 10, cost: 0 })
  })

  it('price one answer by the call that it was given to', () => {
    const counters = new Counters()
    const usage = { inputTokens: 1_000_000, outputTokens: 0 }
    for (const model of ['gpt-4o', 'gpt-4o-mini', 'gpt-4o', 'no-such-model']) {
      counters.save({ provider: 'openai', model, usage, duration: 0 })
    }
    expect(counters.snapshot(0, 0).saved.cost).toBeCloseTo(2 * 2.5 + 0.15, 8)
  })

  it('price many different calls without keeping them all', () => {
    const counters = new Counters()
    for (let i = 1; i <= 1500; i++) {
      counters.save({ provider: 'openai', model: 'gpt-4o', usage: { inputTokens: i, outputTokens: 0 }, duration: 0 })
    }
    expect(counters.snapshot(0, 0).saved.cost).toBeCloseTo((((1500 * 1501) / 2) * 2.5) / 1e6, 8)
  })
})
