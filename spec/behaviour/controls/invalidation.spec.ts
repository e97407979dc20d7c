import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { LlmCache } from '../../../lib/index.ts'
import { see, type Setup, setUp } from './setup.ts'

type Filter = Parameters<LlmCache['clear']>[0]

describe('delete', () => {
  test('takes out the one answer whose key it is given', async () => {
    const { ask, cache } = await setUp()
    const wrong = await ask()
    const other = await ask({ fields: { seed: 1 } })
    expect(await cache.delete(wrong.key ?? '')).toBe(true)
    expect(await cache.delete(wrong.key ?? '')).toBe(false)
    const fresh = await ask()
    expect([fresh.cache, fresh.key, fresh.text === wrong.text]).toEqual(['MISS', wrong.key, false])
    expect((await ask({ fields: { seed: 1 } })).text).toBe(other.text)
  })

  test.for(['', 'x', '0'.repeat(64)])('gives false for %j', async (key) => {
    const { ask, cache } = await setUp()
    await ask()
    expect(await cache.delete(key)).toBe(false)
    expect(cache.stats().entries).toBe(1)
  })
})

describe('a filter that says nothing that is known', () => {
  // What an app in JavaScript may pass.
  const wrong = (value: unknown): never => value as never

  test('takes nothing away', async () => {
    const { ask, cache } = await setUp()
    await ask()
    await expect(cache.clear(wrong({ tags: ['a'] }))).rejects.toThrow(/^filter\.tags does not exist; .* tag$/)
    await expect(cache.clear(wrong('a'))).rejects.toThrow(/^filter must be an object, not "a"$/)
    await expect(cache.clear(wrong({ olderThan: '60' }))).rejects.toThrow(/^filter\.olderThan must be a number/)
    await expect(cache.delete(wrong(undefined))).rejects.toThrow(/^key must be a string, not undefined$/)
    expect(() => cache.entries(wrong({ model: 1 }))).toThrow(/^filter\.model must be a string, not 1$/)
    expect(cache.stats().entries).toBe(1)
  })
})

describe('clear', () => {
  async function fill({ ask }: Setup): Promise<void> {
    await ask({ headers: { 'x-llm-cache-namespace': 'prompt-v7', 'x-llm-cache-tags': 'a,b' } })
    await ask({ headers: { 'x-llm-cache-namespace': 'prompt-v8', 'x-llm-cache-tags': 'b' } })
    await ask({ fields: { model: 'gpt-5.1-mini' } })
  }

  const FILTERS: readonly (readonly [filter: Filter, gone: number])[] = [
    [undefined, 3],
    [{}, 3],
    [{ model: 'gpt-5.1' }, 2],
    [{ model: 'gpt-5' }, 0],
    [{ provider: 'local' }, 3],
    [{ provider: 'openai' }, 0],
    [{ namespace: 'prompt-v7' }, 1],
    [{ namespace: '' }, 1],
    [{ tag: 'a' }, 1],
    [{ tag: 'b' }, 2],
    [{ tag: 'b', namespace: 'prompt-v8' }, 1],
    [{ tag: 'a', namespace: 'prompt-v8' }, 0],
  ]

  test.for(FILTERS)('%j takes out %i of three', async ([filter, gone]) => {
    const setup = await setUp()
    await fill(setup)
    const picked = [...setup.cache.entries(filter)].map(({ key }) => key)
    expect(picked).toHaveLength(gone)
    expect(await setup.cache.clear(filter)).toBe(gone)
    expect([...setup.cache.entries()].filter(({ key }) => picked.includes(key))).toEqual([])
    expect(setup.cache.stats().entries).toBe(3 - gone)
  })

  test('olderThan picks by seconds since the answer was stored', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 })
    onTestFinished(() => void vi.useRealTimers())
    const { ask, cache } = await setUp()
    await ask()
    vi.setSystemTime(Date.now() + 60_000)
    const young = await ask({ fields: { seed: 1 } })
    expect(await cache.clear({ olderThan: 60 })).toBe(0)
    expect(await cache.clear({ olderThan: 59 })).toBe(1)
    expect([...cache.entries()].map(({ key }) => key)).toEqual([young.key])
  })
})

test('a namespace doubles as a version', async () => {
  const { ask } = await setUp()
  const version = (name: string): object => ({ headers: { 'x-llm-cache-namespace': name } })
  const seven = await ask(version('prompt-v7'))
  expect((await ask(version('prompt-v8'))).cache).toBe('MISS')
  expect((await ask(version('prompt-v7'))).text).toBe(seven.text)
})

describe('what was cleared is not resurrected', () => {
  const CLEARS: readonly (readonly [name: string, clear: (setup: Setup, key: string) => Promise<unknown>])[] = [
    ['delete(key)', ({ cache }, key) => cache.delete(key)],
    ['clear()', ({ cache }) => cache.clear()],
    ['clear({ model })', ({ cache }) => cache.clear({ model: 'gpt-5.1' })],
    ['clear({ provider })', ({ cache }) => cache.clear({ provider: 'local' })],
    ['clear({ namespace })', ({ cache }) => cache.clear({ namespace: 'n' })],
    ['clear({ tag })', ({ cache }) => cache.clear({ tag: 't' })],
  ]
  const headers = { 'x-llm-cache-namespace': 'n', 'x-llm-cache-tags': 't' }

  async function keyOf({ ask }: Setup, fields: object): Promise<string> {
    const probe = await ask({ headers: { ...headers, 'x-llm-cache': 'only' }, fields: { ...fields } })
    return probe.key ?? ''
  }

  test.for(CLEARS)('by a JSON answer that was on its way at %s', async ([, clear]) => {
    const setup = await setUp()
    const gate = Promise.withResolvers<void>()
    setup.provider.script({ first: gate.promise })
    const key = await keyOf(setup, {})
    const running = setup.ask({ headers })
    await expect.poll(() => setup.provider.calls.length).toBe(1)
    await clear(setup, key)
    gate.resolve()
    const old = await running
    expect([old.status, old.key]).toEqual([200, key])
    expect(setup.cache.stats()).toMatchObject({ stores: 0, entries: 0, refusals: { cleared: 1 } })
    const next = await setup.ask({ headers })
    expect([next.cache, next.text === old.text]).toEqual(['MISS', false])
  })

  test.for(CLEARS)('by a stream that was half-way at %s, and nobody joins it any more', async ([, clear]) => {
    const setup = await setUp()
    const gate = Promise.withResolvers<void>()
    setup.provider.script({ gate: { after: 4, until: gate.promise } })
    const fields = { stream: true }
    const key = await keyOf(setup, fields)
    const running = await setup.start({ headers, fields })
    await clear(setup, key)
    const next = await setup.ask({ headers, fields })
    expect(next.cache).toBe('MISS')
    gate.resolve()
    const old = await see(running)
    expect([old.text.endsWith('data: [DONE]\n\n'), old.text === next.text]).toEqual([true, false])
    expect((await setup.ask({ headers, fields })).text).toBe(next.text)
  })

  test.for(CLEARS)('by the rest of a stream that had its marker already at %s', async ([, clear]) => {
    const setup = await setUp()
    const gate = Promise.withResolvers<void>()
    setup.provider.script({ hold: gate.promise })
    const fields = { stream: true }
    const key = await keyOf(setup, fields)
    const running = setup.ask({ headers, fields })
    await expect.poll(() => setup.cache.stats().entries).toBe(1)
    await clear(setup, key)
    expect(setup.cache.stats().entries).toBe(0)
    gate.resolve()
    await running
    expect(setup.cache.stats().entries).toBe(0)
  })

  test('by an answer that was on its way when x-llm-cache-clear came', async () => {
    const setup = await setUp()
    const gate = Promise.withResolvers<void>()
    setup.provider.script({ first: gate.promise })
    const running = setup.ask()
    await expect.poll(() => setup.provider.calls.length).toBe(1)
    const fresh = await setup.ask({ headers: { 'x-llm-cache-clear': 'true' } })
    gate.resolve()
    const old = await running
    expect((await setup.ask()).text).toBe(fresh.text)
    expect(fresh.text).not.toBe(old.text)
  })

  test('and what was not picked is stored as ever', async () => {
    const setup = await setUp()
    const gate = Promise.withResolvers<void>()
    setup.provider.script({ first: gate.promise })
    const running = setup.ask({ headers })
    await expect.poll(() => setup.provider.calls.length).toBe(1)
    await setup.cache.clear({ namespace: 'other' })
    gate.resolve()
    await running
    expect(setup.cache.stats()).toMatchObject({ stores: 1, entries: 1, refusals: {} })
  })
})
