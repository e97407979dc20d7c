import { Agent, type Dispatcher, interceptors, request } from 'undici'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createContext } from '../../../lib/call/context.ts'
import { createInterceptor } from '../../../lib/interceptor.ts'
import { resolveOptions } from '../../../lib/options/resolve-options.ts'
import { openCache } from '../../support/cache.ts'
import { startProvider } from '../../support/start-provider.ts'
import { Listener } from './scripted.ts'
import { EVENTS, startSteppedProvider } from './stepped-provider.ts'

const PATH = '/v1/chat/completions'

function open(origin: string, ...below: Dispatcher.DispatcherComposeInterceptor[]): Dispatcher {
  const agent = new Agent()
  onTestFinished(() => agent.destroy())
  return agent.compose(...below, openCache({ hosts: [origin] }).interceptor)
}

function ask(
  origin: string,
  dispatcher: Dispatcher,
  fields: object = {},
  highWaterMark?: number,
): Promise<Dispatcher.ResponseData> {
  const body = JSON.stringify({ messages: [], stream: true, ...fields })
  return request(origin + PATH, { method: 'POST', body, dispatcher, ...(highWaterMark && { highWaterMark }) })
}

test('callers share the attempts of a retry interceptor below', async () => {
  const provider = await startProvider()
  provider.script({ status: 503 }, {})
  const retry = interceptors.retry({ minTimeout: 1, methods: ['POST'], statusCodes: [503] })
  const dispatcher = open(provider.origin, retry)
  const answers = await Promise.all([ask(provider.origin, dispatcher), ask(provider.origin, dispatcher)])
  expect(answers.map(({ headers }) => headers['x-llm-cache'])).toEqual(['MISS', 'COALESCED'])
  const [first, second] = await Promise.all(answers.map(({ body }) => body.text()))
  expect(first).toMatch(/\[DONE\]\n\n$/)
  expect(second).toBe(first)
  expect(provider.calls).toHaveLength(2)
})

test('a caller may join a call that is held back from within the data of another call', async () => {
  const provider = await startSteppedProvider()
  const dispatcher = open(provider.origin)
  // Nobody reads this one: after its first chunk it holds the call back.
  const unread = ask(provider.origin, dispatcher, {}, 1)
  const held = await provider.next()
  await held.send(EVENTS[0] ?? '')
  const reader = (await unread).body
  await expect.poll(() => reader.readableLength).toBeGreaterThan(0)

  const other = ask(provider.origin, dispatcher, { seed: 1 })
  const exchange = await provider.next()
  exchange.head()
  const { body } = await other
  // undici's parser runs while a listener of 'data' does.
  const joined = new Promise<Dispatcher.ResponseData>((resolve, reject) => {
    body.once('data', () => void ask(provider.origin, dispatcher).then(resolve, reject))
  })
  await exchange.send(EVENTS[0] ?? '')
  const follower = await joined
  expect(follower.headers['x-llm-cache']).toBe('COALESCED')
  await held.send(...EVENTS.slice(1))
  held.end()
  expect(await follower.body.text()).toBe(EVENTS.join(''))
  expect(await reader.text()).toBe(EVENTS.join(''))
})

describe('a replay in time', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  /** Records a stream whose events come 100 ms apart, and returns a caller of the stored answer. */
  function openRecorded(replay: 'recorded' | { speed: number }): () => Listener {
    const origin = 'http://127.0.0.1:9'
    const context = createContext(resolveOptions({ hosts: [origin], replay }))
    const dispatch = createInterceptor(context)((_options, handler) => {
      const controller = {
        paused: false,
        aborted: false,
        reason: null,
        rawHeaders: ['content-type', 'text/event-stream'],
        rawTrailers: null,
        pause() {},
        resume() {},
        abort() {},
      }
      handler.onRequestStart?.(controller, {})
      handler.onResponseStart?.(controller, 200, {}, 'OK')
      for (const event of EVENTS) {
        vi.advanceTimersByTime(100)
        handler.onResponseData?.(controller, Buffer.from(event))
      }
      handler.onResponseEnd?.(controller, {})
      return true
    })
    const call = (): Listener => {
      const listener = new Listener()
      dispatch({ origin, path: PATH, method: 'POST', body: '{"stream":true}' }, listener)
      return listener
    }
    expect(call().done).toBe(true)
    return call
  }

  test.for([
    ['recorded', 100],
    [{ speed: 4 }, 25],
  ] as const)('%o: the answer is under way before its end, each event after its gap', ([replay, gap]) => {
    const call = openRecorded(replay)
    const listener = call()
    expect(listener.told).toEqual(['head 200'])
    for (const [count, event] of EVENTS.entries()) {
      vi.advanceTimersByTime(gap - 1)
      expect(listener.got).toHaveLength(count)
      vi.advanceTimersByTime(1)
      expect(listener.got.at(-1)?.toString()).toBe(event)
    }
    expect(listener.done).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('a caller that leaves holds no timer, and another one is not disturbed', () => {
    const call = openRecorded('recorded')
    const [leaver, stayer] = [call(), call()]
    vi.advanceTimersByTime(150)
    leaver.abort()
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(EVENTS.length * 100)
    expect([leaver.got.length, stayer.got.length, stayer.done]).toEqual([1, EVENTS.length, true])
    expect(vi.getTimerCount()).toBe(0)
  })
})
