import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { addCounts, type FigureBatch, HOUR, type HourFigures } from '../../../lib/stores/figures.ts'
import { Counters } from '../../../lib/telemetry/counters.ts'
import { DurableFigures } from '../../../lib/telemetry/durable-figures.ts'

const MINUTE = 60_000
/** A full hour. */
const NOON = Date.UTC(2026, 0, 1, 12)
const GROUP = { model: 'gpt-5', namespace: 'n' }

/** Keeps what it is handed; can be away. */
class Store {
  readonly batches: FigureBatch[] = []
  isAway = false

  async addFigures(batch: FigureBatch): Promise<boolean> {
    this.batches.push(batch)
    return !this.isAway
  }

  async figures(): Promise<readonly HourFigures[]> {
    return []
  }

  /** Hits of all calls by the hour, each batch once. */
  hits(): Record<string, number> {
    const sums: Record<string, number> = {}
    for (const { figures } of new Map(this.batches.map((batch) => [batch.id, batch])).values()) {
      for (const { at, kind, counts } of figures) if (kind === 'all') addCounts(sums, { [at]: counts['hits'] ?? 0 })
    }
    return sums
  }
}

let counters: Counters
let store: Store
let figures: DurableFigures

beforeEach(() => {
  vi.useFakeTimers({ now: NOON + 30 * MINUTE, toFake: ['Date', 'setTimeout', 'clearTimeout'] })
  counters = new Counters()
  store = new Store()
  figures = new DurableFigures(counters, store)
})
afterEach(async () => {
  await figures.close()
  vi.useRealTimers()
})

describe('figures that outlive the process', () => {
  test('are written once a minute, as what has come since', async () => {
    for (let hit = 0; hit < 100; hit++) counters.answer('hits', GROUP)
    expect(store.batches).toEqual([])
    await vi.advanceTimersByTimeAsync(MINUTE)
    expect(store.batches).toHaveLength(1)
    expect(store.batches[0]?.figures).toEqual([
      { at: NOON, kind: 'all', name: '', counts: { hits: 100 } },
      { at: NOON, kind: 'model', name: 'gpt-5', counts: { hits: 100 } },
      { at: NOON, kind: 'namespace', name: 'n', counts: { hits: 100 } },
    ])
    counters.answer('hits', GROUP)
    counters.bypass('control')
    await vi.advanceTimersByTimeAsync(MINUTE)
    expect(store.batches[1]?.figures[0]?.counts).toEqual({ hits: 1, 'bypasses.control': 1 })
  })

  test('cost no write while there is no call', async () => {
    await vi.advanceTimersByTimeAsync(3 * HOUR)
    expect(store.batches).toEqual([])
  })

  test('belong to the hour in which they were counted', async () => {
    await vi.advanceTimersByTimeAsync(29.5 * MINUTE)
    counters.answer('hits', GROUP)
    await vi.advanceTimersByTimeAsync(MINUTE)
    counters.answer('hits', GROUP)
    counters.answer('hits', GROUP)
    await figures.flush()
    expect(store.hits()).toEqual({ [NOON]: 1, [NOON + HOUR]: 2 })
  })

  test('are handed over again under the same id where nobody knows whether they came through', async () => {
    store.isAway = true
    counters.answer('hits', GROUP)
    await vi.advanceTimersByTimeAsync(MINUTE)
    counters.answer('hits', GROUP)
    await vi.advanceTimersByTimeAsync(MINUTE)
    expect(new Set(store.batches.map(({ id }) => id)).size).toBe(1)
    store.isAway = false
    await figures.flush()
    expect(store.hits()).toEqual({ [NOON]: 2 })
  })

  test('wait for a store that is away by the hour', async () => {
    store.isAway = true
    counters.answer('hits', GROUP)
    await vi.advanceTimersByTimeAsync(HOUR)
    counters.answer('hits', GROUP)
    await vi.advanceTimersByTimeAsync(HOUR)
    counters.answer('hits', GROUP)
    store.isAway = false
    await figures.flush()
    expect(store.hits()).toEqual({ [NOON]: 1, [NOON + HOUR]: 1, [NOON + 2 * HOUR]: 1 })
  })

  test('are priced before they are written', async () => {
    const usage = { inputTokens: 1_000, outputTokens: 100 }
    counters.save({ ...GROUP, provider: 'openai', usage, duration: 1_000 })
    await figures.flush()
    expect(store.batches[0]?.figures[0]?.counts).toMatchObject({
      'saved.time': 1,
      'saved.inputTokens': 1_000,
      'saved.cost': expect.closeTo(0.00225, 5),
    })
  })

  test('are handed over at the end of the process, those too of which nobody knows whether they came through', () => {
    counters.answer('hits', GROUP)
    figures.writeAtExit()
    expect(store.hits()).toEqual({ [NOON]: 1 })
  })

  test('are tried once more when the event loop runs out of work, not for ever', async () => {
    store.isAway = true
    counters.answer('hits', GROUP)
    for (let time = 0; time < 3; time++) {
      figures.beforeExit()
      await vi.advanceTimersByTimeAsync(0)
    }
    expect(store.batches).toHaveLength(1)
  })
})
