import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { Agent, request } from 'undici'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { LlmCache } from '../../../lib/index.ts'
import type { Behaviour } from '../../support/behaviour.ts'
import { installCache, openCache } from '../../support/cache.ts'
import { chat, statusOf } from '../../support/calls.ts'
import type { Provider } from '../../support/provider.ts'
import { startProvider } from '../../support/start-provider.ts'
import { elapse } from './clock.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

/** A cache that holds one answer which went stale 10 seconds ago. */
async function openStale(stream = false): Promise<{ cache: LlmCache; provider: Provider; old: string }> {
  const provider = await startProvider()
  const cache = installCache({ hosts: [provider.origin], ttl: 60, staleIfError: 100 })
  const old = await (await chat(provider.origin, { stream })).text()
  elapse(70)
  return { cache, provider, old }
}

const FAILURES: readonly (readonly [string, Behaviour, string])[] = [
  ...[429, 500, 502, 503, 504, 529].map(
    (status) => [`status ${status}`, { status }, `fwd-status=${status}; detail=stale-if-error`] as const,
  ),
  ['a network error', { cut: { after: 0, how: 'reset' } }, 'detail="stale-if-error ECONNRESET"'],
]

describe.for(FAILURES)('on %s', ([, behaviour, reason]) => {
  test.for([false, true])('all who wait get the stale answer, with the reason, stream: %s', async (stream) => {
    const { cache, provider, old } = await openStale(stream)
    const release = Promise.withResolvers<void>()
    provider.always({ ...behaviour, first: release.promise })
    const answers = Array.from({ length: 5 }, () => chat(provider.origin, { stream }))
    await expect.poll(() => cache.stats().coalesced).toBe(4)
    release.resolve()
    for (const answer of answers) {
      const { status, headers } = await answer
      expect([status, headers.get('x-llm-cache'), headers.get('age')]).toEqual([200, 'STALE', '70'])
      expect(headers.get('cache-status')).toMatch(/^undici-llm-cache; fwd=stale; ttl=-10; /)
      expect(headers.get('cache-status')).toContain(reason)
      expect(await (await answer).text()).toBe(old)
    }
    expect(provider.calls).toHaveLength(2)
    expect(cache.stats().stale).toBe(5)
  })
})

test.for([400, 401, 403, 404, 422])("status %i is the caller's own fault, and reaches it", async (status) => {
  const { provider } = await openStale()
  provider.script({ status })
  const answer = await chat(provider.origin)
  expect([answer.status, statusOf(answer)]).toEqual([status, 'MISS'])
})

test('a provider that answers in time is taken, and refreshes what is stored', async () => {
  const { provider, old } = await openStale()
  const answer = await chat(provider.origin)
  expect([statusOf(answer), (await answer.text()) === old]).toEqual(['MISS', false])
  expect(statusOf(await chat(provider.origin))).toBe('HIT')
})

test('a failure past the window reaches the caller', async () => {
  const { provider } = await openStale()
  elapse(100)
  provider.script({ status: 503 })
  expect((await chat(provider.origin)).status).toBe(503)
})

test('a failure in the middle of a stream reaches the caller: its answer has begun', async () => {
  const { provider } = await openStale(true)
  provider.script({ cut: { after: 2, how: 'reset' } })
  const answer = await chat(provider.origin, { stream: true })
  expect(statusOf(answer)).toBe('MISS')
  await expect(answer.text()).rejects.toThrow('terminated')
})

test('a stale answer that stands in explains no retry: the next one that fails is rescued again', async () => {
  const { provider, old } = await openStale()
  provider.always({ status: 500 })
  for (let i = 0; i < 3; i++) expect(await (await chat(provider.origin)).text()).toBe(old)
  expect(provider.calls).toHaveLength(4)
})

test.for(['headersTimeout', 'connect'] as const)('undici’s own timeout (%s) is a provider’s failure', async (which) => {
  const provider = await startProvider()
  const cache = openCache({ hosts: [provider.origin], ttl: 60, staleIfError: 100 })
  let isDown = false
  const agent = new Agent(which === 'headersTimeout' ? { headersTimeout: 100 } : {})
  const dispatcher = agent
    .compose((dispatch) => (options, handler) => {
      if (!isDown || which === 'headersTimeout') return dispatch(options, handler)
      return dispatch({ ...options, origin: 'http://127.0.0.1:1' }, handler)
    })
    .compose(cache.interceptor)
  onTestFinished(() => agent.destroy())
  const ask = async (): Promise<unknown[]> => {
    const url = `${provider.origin}/v1/chat/completions`
    const { headers, body } = await request(url, { method: 'POST', body: '{"messages":[]}', dispatcher })
    return [headers['x-llm-cache'], await body.text(), headers['cache-status']]
  }
  const [, old] = await ask()
  elapse(70)
  isDown = true
  provider.always({ first: new Promise(() => {}) })
  const why = which === 'headersTimeout' ? 'UND_ERR_HEADERS_TIMEOUT' : 'ECONNREFUSED'
  expect(await ask()).toEqual(['STALE', old, expect.stringContaining(why)])
})

test.for(['fetch', 'openai', 'Anthropic'] as const)(
  "an abort or timeout of the caller's own (%s) is no failure of the provider",
  async (client) => {
    const provider = await startProvider()
    const cache = installCache({ hosts: [provider.origin], ttl: 60, staleIfError: 100 })
    const messages = [{ role: 'user' as const, content: 'Say something.' }]
    const calls = {
      fetch: (timeout: number) => chat(provider.origin, {}, { signal: AbortSignal.timeout(timeout) }),
      openai: (timeout: number) =>
        new OpenAI({ apiKey: 'a', baseURL: `${provider.origin}/v1`, timeout, maxRetries: 0 }).chat.completions.create({
          model: 'gpt-5.1',
          messages,
        }),
      Anthropic: (timeout: number) =>
        new Anthropic({ apiKey: 'a', baseURL: provider.origin, timeout, maxRetries: 0 }).messages.create({
          model: 'claude-opus-5',
          max_tokens: 10,
          messages,
        }),
    }
    await calls[client](10_000)
    await expect.poll(() => cache.stats().stores).toBe(1)
    elapse(70)
    provider.script({ first: new Promise(() => {}) })
    // Long enough to get to the provider on a busy machine.
    await expect(calls[client](1_000)).rejects.toThrow(/time|abort/i)
    expect(await provider.calls[1]?.over).toBe(false)
    expect(cache.stats()).toMatchObject({ stale: 0, refusals: { aborted: 1 } })
  },
)

test('an SDK gets the stale answer instead of its retries', async () => {
  const { provider } = await openStale()
  provider.always({ status: 529 })
  const client = new OpenAI({ apiKey: 'sk-one', baseURL: `${provider.origin}/v1`, maxRetries: 2 })
  const ask = { model: 'gpt-5.1', messages: [{ role: 'user' as const, content: 'Say something.' }] }
  const { data, response } = await client.chat.completions.create(ask).withResponse()
  expect(data.choices[0]?.message.content).toBeTruthy()
  expect(response.headers.get('x-llm-cache')).toBe('STALE')
  expect(provider.calls).toHaveLength(2)
})
