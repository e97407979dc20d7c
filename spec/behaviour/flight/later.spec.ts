import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type CacheContext, createContext } from '../../../lib/call/context.ts'
import type { Flight } from '../../../lib/flight/flight.ts'
import { createLlmCache, type LlmCache } from '../../../lib/index.ts'
import { createInterceptor } from '../../../lib/interceptor.ts'
import { resolveOptions } from '../../../lib/options/resolve-options.ts'
import type { Verdict } from '../../../lib/judge/verdict.ts'
import type { CacheStore } from '../../../lib/stores/store.ts'
import { join, Listener, openFlight, ScriptedUpstream, settled } from './scripted.ts'

const good: Verdict = { store: true, usage: undefined }
const ORIGIN = 'http://localhost:11434'
const WHOLE = `data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`

function bytes(text: string): { bytes: Buffer } {
  return { bytes: Buffer.from(text) }
}

/** A flight that catches up when it is told to; `heard` is what its judge was given. */
function openLate(): ReturnType<typeof openFlight> & { readonly heard: string[]; turn: (verdict: Verdict) => void } {
  const heard: string[] = []
  const late = {
    heard,
    turn: (_verdict: Verdict): void => {},
    ...openFlight({
      later: () => {},
      judge: (_head, onTurn) => {
        late.turn = onTurn
        return { write: (chunk) => void heard.push(Buffer.from(chunk).toString()), finish: () => good }
      },
    }),
  }
  return late
}

describe('an answer that is judged later', () => {
  test('reaches its callers first, to its end, and is judged in one piece', () => {
    const { flight, upstream, log, heard } = openLate()
    const listener = join(flight)
    upstream.start()
    upstream.head()
    for (const text of ['a', 'b', 'c']) upstream.send(bytes(text))
    upstream.send({ end: true })
    expect([listener.bytes.toString(), listener.done, heard, log.settled]).toEqual(['abc', true, [], 0])
    flight.catchUp()
    flight.catchUp()
    expect([heard, log.stored.map(String), log.settled]).toEqual([['abc'], ['abc'], 1])
  })

  test('is judged on the bytes of the network, whatever its first reader makes of them', () => {
    const { flight, upstream, heard } = openLate()
    join(flight) // a Listener spoils what it has read
    upstream.start()
    upstream.head()
    upstream.send(bytes('untouched'))
    flight.catchUp()
    expect(heard).toEqual(['untouched'])
  })

  test('is judged before the last caller to leave decides whether the call goes on', () => {
    const late = openLate()
    const listener = join(late.flight)
    late.upstream.start()
    late.upstream.head()
    late.heard.push = (text) => {
      late.turn(good)
      return text.length
    }
    late.upstream.send(bytes('[DONE]'))
    listener.abort()
    expect(late.log).toMatchObject({ stored: [Buffer.from('[DONE]')], failed: 0, settled: 1, refused: [] })
  })

  test('is judged before it fails', () => {
    const { flight, upstream, log, heard } = openLate()
    join(flight)
    upstream.start()
    upstream.head()
    upstream.send(bytes('a'))
    upstream.send({ error: new Error('reset') })
    expect([heard, log.settled]).toEqual([['a'], 1])
  })

  test('asks to be judged soon while it comes, now when much of it has come, and when it has ended', () => {
    const asked: string[] = []
    const { flight, upstream } = openFlight({
      maxEntrySize: 1_000_000,
      later: (urgency) => void asked.push(urgency),
    })
    join(flight)
    upstream.start()
    upstream.head()
    for (let i = 0; i < 3; i++) upstream.send(bytes('a'))
    expect(asked).toEqual(['soon'])
    for (let i = 0; i < 3; i++) upstream.send({ bytes: Buffer.alloc(200_000) })
    expect(asked).toEqual(['soon', 'now'])
    flight.catchUp()
    upstream.send(bytes('b'))
    upstream.send({ end: true })
    expect(asked).toEqual(['soon', 'now', 'soon', 'ended'])
  })

  test('is judged one piece after the other, also where storing it has somebody look', () => {
    const steps: string[] = []
    const opened: ReturnType<typeof openFlight> = openFlight({
      maxEntrySize: 100_000,
      later: () => {},
      judge: (_head, onTurn) => ({
        write: ({ length }) => {
          steps.push(`${length} in`)
          onTurn(good)
          steps.push('out')
        },
        finish: () => good,
      }),
      store: () => {
        opened.flight.catchUp()
        return undefined
      },
    })
    const { flight, upstream, log } = opened
    join(flight)
    upstream.start()
    upstream.head()
    for (let i = 0; i < 2; i++) upstream.send({ bytes: Buffer.alloc(5000) })
    upstream.send({ end: true })
    flight.catchUp()
    expect([steps, log.settled]).toEqual([['5000 in', 'out', '5000 in', 'out'], 1])
  })
})

/** Asks a provider without a network, which says all it has to say at once; `'end'` is the transport's. */
function ask(
  interceptor: LlmCache['interceptor'],
  listener = new Listener(),
  events: readonly string[] = [WHOLE, 'end'],
): void {
  const dispatch = interceptor((_opts, handler) => {
    // Of a call that is no hit, what is dispatched is a flight.
    const upstream = new ScriptedUpstream(handler as Flight)
    upstream.rawHeaders = [Buffer.from('content-type'), Buffer.from('text/event-stream')]
    upstream.start()
    upstream.head()
    for (const event of events) upstream.send(event === 'end' ? { end: true } : bytes(event))
    return true
  })
  const body = JSON.stringify({ model: 'm', messages: [], stream: true })
  dispatch({ origin: ORIGIN, path: '/v1/chat/completions', method: 'POST', body }, listener)
}

function openCore(): CacheContext {
  return createContext(resolveOptions({ hosts: [ORIGIN] }))
}

async function countAll(cache: LlmCache): Promise<number> {
  let count = 0
  for await (const _entry of cache.entries()) count++
  return count
}

describe('who looks for an answer that has just ended', () => {
  test('with the same call, gets it from the store', () => {
    const context = openCore()
    ask(createInterceptor(context))
    ask(createInterceptor(context))
    expect(context.counters.snapshot(0, 0)).toMatchObject({ hits: 1, misses: 1, stores: 1, coalesced: 0 })
  })

  test('from within that end, gets it from the store', () => {
    const context = openCore()
    const listener = new Listener()
    listener.onResponseEnd = () => ask(createInterceptor(context))
    ask(createInterceptor(context), listener)
    expect(context.counters.snapshot(0, 0)).toMatchObject({ hits: 1, misses: 1, stores: 1 })
  })

  test.each<[string, (cache: LlmCache) => number | Promise<number>]>([
    ['stats()', (cache) => cache.stats().entries],
    ['the stores of stats()', (cache) => cache.stats().stores],
    ['for … of entries()', (cache) => [...cache.entries()].length],
    ['for await … of entries()', countAll],
    ['clear()', (cache) => cache.clear()],
  ])('with %s, finds it', async (_name, count) => {
    const cache = createLlmCache({ hosts: [ORIGIN] })
    ask(cache.interceptor)
    expect(await count(cache)).toBe(1)
  })

  test('finds it as old as it is, however late it was judged', () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const context = openCore()
    ask(createInterceptor(context))
    const arrivedAt = Date.now()
    vi.advanceTimersByTime(60_000)
    context.flights.catchUp()
    expect([...context.tiers.memory.entries()].map(({ storedAt }) => storedAt)).toEqual([arrivedAt])
  })

  test('need not look: one whose marker has come is there, though the transport stays open', async () => {
    const context = openCore()
    ask(createInterceptor(context), new Listener(), [WHOLE])
    expect(context.tiers.memory.count).toBe(0)
    await vi.waitFor(() => expect(context.tiers.memory.count).toBe(1))
  })

  test('need not look: it is there a turn of the event loop later', async () => {
    const context = openCore()
    ask(createInterceptor(context))
    await settled()
    expect(context.tiers.memory.count).toBe(1)
  })
})

test('an answer is in a second tier before its caller gets its end, since others read that, and it outlives the process', async () => {
  const told: string[] = []
  const store: CacheStore = {
    get: () => undefined,
    set: () => void told.push('stored'),
    delete: () => false,
    clear: () => 0,
    entries: () => [],
    close: () => {},
  }
  const listener = new Listener()
  const { promise, resolve } = Promise.withResolvers<void>()
  listener.onResponseEnd = () => {
    told.push('end')
    resolve()
  }
  ask(createInterceptor(createContext(resolveOptions({ hosts: [ORIGIN], store }))), listener)
  await promise
  expect(told.slice(-2)).toEqual(['stored', 'end'])
})
