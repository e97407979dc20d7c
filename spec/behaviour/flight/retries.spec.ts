import OpenAI from 'openai'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Retries } from '../../../lib/call/retries.ts'
import { installCache } from '../../support/cache.ts'
import { chat, statusOf } from '../../support/calls.ts'
import { startProvider } from '../../support/start-provider.ts'
import { EVENTS, startSteppedProvider } from './stepped-provider.ts'

const BASE = { 'content-type': 'application/json', authorization: 'Bearer sk-one' }
const retry = (origin: string, fields: object = {}): Promise<Response> =>
  chat(origin, fields, { headers: { ...BASE, 'x-stainless-retry-count': '1' } })

describe('a retry', () => {
  test('that no failure explains never gets the stored answer, and its own takes that one’s place', async () => {
    const provider = await startProvider()
    const cache = installCache({ hosts: [provider.origin] })
    const first = await (await chat(provider.origin)).text()
    const second = await retry(provider.origin)
    expect(statusOf(second)).toBe('REFRESH')
    expect(second.headers.get('cache-status')).toContain('; detail=retry')
    const text = await second.text()
    expect(text).not.toBe(first)
    const third = await chat(provider.origin)
    expect([statusOf(third), await third.text()]).toEqual(['HIT', text])
    expect(cache.stats()).toMatchObject({ refreshes: 1, hits: 1 })
  })

  test('after a failure gets what another caller has had stored meanwhile, once', async () => {
    const provider = await startProvider()
    provider.script({ status: 500 })
    installCache({ hosts: [provider.origin] })
    await (await chat(provider.origin)).text()
    await (await chat(provider.origin)).text()
    const answers = [await retry(provider.origin), await retry(provider.origin)]
    expect(answers.map(statusOf)).toEqual(['HIT', 'REFRESH'])
  })

  test('after an answer that its reader broke off before the end may have the stored one', async () => {
    const provider = await startSteppedProvider()
    installCache({ hosts: [provider.origin] })
    const leave = new AbortController()
    const first = chat(provider.origin, { stream: true }, { signal: leave.signal })
    first.catch(() => {})
    await provider.next()
    leave.abort()
    const second = chat(provider.origin, { stream: true })
    const exchange = await provider.next()
    await exchange.send(...EVENTS)
    exchange.end()
    await (await second).text()
    expect(statusOf(await retry(provider.origin, { stream: true }))).toBe('HIT')
  })

  test('joins a call that nobody has left, and none that somebody has', async () => {
    const provider = await startSteppedProvider()
    installCache({ hosts: [provider.origin] })
    const leave = new AbortController()
    const stays = chat(provider.origin, { stream: true })
    const leaver = chat(provider.origin, { stream: true }, { signal: leave.signal })
    leaver.catch(() => {})
    const exchange = await provider.next()
    exchange.head()
    await leaver
    const joiner = await retry(provider.origin, { stream: true })
    expect(statusOf(joiner)).toBe('COALESCED')
    leave.abort()
    const own = retry(provider.origin, { stream: true })
    const live = await provider.next()
    for (const one of [live, exchange]) {
      await one.send(...EVENTS)
      one.end()
    }
    expect(statusOf(await own)).toBe('MISS')
    expect(await (await stays).text()).toBe(EVENTS.join(''))
  })

  test('of an SDK whose time ran out makes a call of its own, and its answer is stored', async () => {
    const provider = await startProvider()
    provider.script({ first: new Promise(() => {}) })
    const cache = installCache({ hosts: [provider.origin] })
    const client = new OpenAI({ apiKey: 'sk-one', baseURL: `${provider.origin}/v1`, timeout: 100, maxRetries: 1 })
    await client.chat.completions.create({ model: 'gpt-5.1', messages: [] })
    expect(provider.calls).toHaveLength(2)
    expect(cache.stats()).toMatchObject({ stores: 1, refusals: { aborted: 1 } })
  })
})

describe('Retries', () => {
  afterEach(() => void vi.useRealTimers())

  test('explains as many retries as callers failed', () => {
    const retries = new Retries()
    retries.failed('key', 2)
    retries.failed('key', 1)
    retries.failed('other', 0)
    expect([1, 2, 3, 4].map(() => retries.explains('key'))).toEqual([true, true, true, false])
    expect(retries.explains('other')).toBe(false)
  })

  test('forgets a failure after two minutes, however the clock is set meanwhile', () => {
    vi.useFakeTimers()
    // lru-cache takes a start of 0 for none, and the faked performance.now() begins there.
    vi.advanceTimersByTime(1)
    const retries = new Retries()
    retries.failed('key', 1)
    retries.failed('late', 1)
    vi.setSystemTime(Date.now() + 3_600_000)
    vi.advanceTimersByTime(119_999)
    expect(retries.explains('key')).toBe(true)
    vi.advanceTimersByTime(2)
    expect(retries.explains('late')).toBe(false)
  })
})
