import { describe, expect, onTestFinished, test } from 'vitest'
import { installCache, openCache } from '../../support/cache.ts'
import { chat, statusOf } from '../../support/calls.ts'
import { vector } from '../../support/shapes/openai-other.ts'
import { startProvider } from '../../support/start-provider.ts'
import { ask, failureOf, hearing, type Interceptor, open, WAYS } from './asking.ts'
import { type Wrap, WRAPS, wrappingControllers, wrappingHandlers } from './wraps.ts'

/** Where code that is not ours stands, and what it wraps there. */
const PLACES = [
  { place: 'handlers below the cache', below: wrappingHandlers, above: () => passing },
  { place: 'controllers above the cache', below: () => passing, above: wrappingControllers },
] as const

const passing: Interceptor = (dispatch) => (opts, handler) => dispatch(opts, handler)

const CASES = PLACES.flatMap((place) =>
  WRAPS.map((wrap) => ({ ...place, name: `${place.place}, wrapped by ${wrap.name},`, wrap })),
)

describe.for(CASES)('$name', ({ below, above, wrap }) => {
  test.for(WAYS)('serve a miss, a hit and a bypass: $name', async (way) => {
    const provider = await startProvider()
    const cache = openCache({ hosts: [provider.origin] })
    const dispatcher = open(way, below(wrap), cache.interceptor, above(wrap))
    const first = await ask(way, provider.origin, dispatcher)
    const second = await ask(way, provider.origin, dispatcher)
    const third = await cache.with({ mode: 'bypass' }, () => ask(way, provider.origin, dispatcher))
    const statuses = [first, second, third].map(({ headers }) => headers['x-llm-cache'])
    expect(statuses).toEqual(['MISS', 'HIT', 'BYPASS'])
    expect(second.body.equals(first.body)).toBe(true)
    expect(third.body.toString()).toMatch(/\[DONE\]\n\n$/)
  })

  test.for(WAYS)('report an error as without the cache: $name', async (way) => {
    const provider = await startProvider()
    provider.always({ cut: { after: 3, how: 'reset' } })
    const plain = await failureOf(ask(way, provider.origin, open(way)))
    const cache = openCache({ hosts: [provider.origin] })
    const dispatcher = open(way, below(wrap), cache.interceptor, above(wrap))
    expect(await failureOf(ask(way, provider.origin, dispatcher))).toEqual(plain)
    const bypassed = cache.with({ mode: 'bypass' }, () => ask(way, provider.origin, dispatcher))
    expect(await failureOf(bypassed)).toEqual(plain)
  })

  test.for(WAYS)('let a caller leave: $name', async (way) => {
    const provider = await startProvider()
    provider.always({ gate: { after: 3, until: new Promise(() => {}) } })
    const cache = openCache({ hosts: [provider.origin] })
    for (const mode of ['on', 'bypass'] as const) {
      const caller = new AbortController()
      const leaving = hearing((handler) => ({
        onResponseData(controller, chunk) {
          handler.onResponseData?.(controller, chunk)
          setImmediate(() => caller.abort())
        },
      }))
      const dispatcher = open(way, below(wrap), cache.interceptor, above(wrap), leaving)
      const { signal } = caller
      const call = cache.with({ mode }, () => ask(way, provider.origin, dispatcher, { signal }))
      expect(await failureOf(call)).toMatchObject({ name: 'AbortError' })
      expect(await provider.calls.at(-1)?.over).toBe(false)
    }
    expect(cache.stats()).toMatchObject({ entries: 0, refusals: { aborted: 1 } })
  })

  test.for(WAYS)('serve a batch of which a part is known: $name', async (way) => {
    const provider = await startProvider()
    const cache = openCache({ hosts: [provider.origin] })
    const dispatcher = open(way, below(wrap), cache.interceptor, above(wrap))
    const embed = (input: string[]): ReturnType<typeof ask> => {
      const body = JSON.stringify({ model: 'm', input })
      return way.door.call(`${provider.origin}/v1/embeddings`, { body, dispatcher })
    }
    await embed(['a', 'b'])
    const { headers, body } = await embed(['b', 'c'])
    expect(headers['cache-status']).toContain('detail="items=1/2"')
    const answer = JSON.parse(body.toString()) as { data: { embedding: unknown }[] }
    expect(answer.data.map(({ embedding }) => embedding)).toEqual(['b', 'c'].map(vector))
  })
})

/** An interceptor that was written for undici 6: undici 7 still runs such. */
const writtenForUndici6 = ((dispatch: OldDispatcher['dispatch']) => (opts: object, handler: OldHandler) =>
  dispatch(opts, {
    onConnect: (...all) => handler.onConnect(...all),
    onHeaders: (...all) => handler.onHeaders(...all),
    onData: (...all) => handler.onData(...all),
    onComplete: (...all) => handler.onComplete(...all),
    onError: (...all) => handler.onError(...all),
  })) as unknown as Interceptor // the old language has no type in today's undici

describe.for(WAYS.filter(({ name }) => name.startsWith('undici 7')))(
  'an interceptor of undici 6 below: $name',
  (way) => {
    test('sees a miss and a bypass; a hit is served', async () => {
      const provider = await startProvider()
      const cache = openCache({ hosts: [provider.origin] })
      const dispatcher = open(way, writtenForUndici6, cache.interceptor)
      for (const status of ['MISS', 'HIT', 'BYPASS']) {
        const mode = status === 'BYPASS' ? 'bypass' : 'on'
        const { headers, body } = await cache.with({ mode }, () => ask(way, provider.origin, dispatcher))
        expect(headers['x-llm-cache']).toBe(status)
        expect(body.toString()).toMatch(/\[DONE\]\n\n$/)
      }
    })

    test('reports errors, and lets a caller leave', async () => {
      const provider = await startProvider()
      provider.script({ cut: { after: 3, how: 'reset' } }, { cut: { after: 3, how: 'reset' } })
      provider.always({ gate: { after: 3, until: new Promise(() => {}) } })
      const plain = await failureOf(ask(way, provider.origin, open(way, writtenForUndici6)))
      const cache = openCache({ hosts: [provider.origin] })
      const dispatcher = open(way, writtenForUndici6, cache.interceptor)
      expect(await failureOf(ask(way, provider.origin, dispatcher))).toEqual(plain)
      const caller = new AbortController()
      const call = failureOf(ask(way, provider.origin, dispatcher, { signal: caller.signal }))
      await expect.poll(() => provider.calls.length).toBe(3)
      caller.abort()
      expect(await call).toMatchObject({ name: 'AbortError' })
      expect(await provider.calls.at(-1)?.over).toBe(false)
    })
  },
)

const LEGACY = Symbol.for('undici.globalDispatcher.1')
const OLD_MEMBERS = ['onConnect', 'onHeaders', 'onData', 'onComplete', 'onError'] as const

type OldHandler = Record<(typeof OLD_MEMBERS)[number], (...all: unknown[]) => unknown>

interface OldDispatcher {
  dispatch(opts: object, handler: OldHandler): boolean
}

describe.for(WRAPS)('handlers of the old language, wrapped by $name,', (wrap: Wrap) => {
  test('serve a miss, a hit and a bypass of the built-in fetch, and what is no LLM call', async () => {
    const provider = await startProvider()
    await fetch('data:,')
    const globals = globalThis as { [LEGACY]?: OldDispatcher } // symbol-keyed globals have no type
    const before = globals[LEGACY]
    if (before === undefined) throw new Error('there is no built-in dispatcher')
    globals[LEGACY] = { dispatch: (opts, handler) => before.dispatch(opts, wrap.around(handler, OLD_MEMBERS)) }
    onTestFinished(() => void (globals[LEGACY] = before))
    const cache = installCache({ hosts: [provider.origin] })
    const statuses: unknown[] = []
    for (const mode of ['on', 'on', 'bypass'] as const) {
      const response = await cache.with({ mode }, () => chat(provider.origin, { stream: true }))
      statuses.push(statusOf(response))
      expect(await response.text()).toMatch(/\[DONE\]\n\n$/)
    }
    expect(statuses).toEqual(['MISS', 'HIT', 'BYPASS'])
    expect((await fetch(`${provider.origin}/v1/files`, { method: 'POST', body: '{}' })).status).toBe(404)
  })
})

test('the cache itself may be taken apart, and stand behind a Proxy', async () => {
  const provider = await startProvider()
  const { stats, clear, install } = new Proxy(openCache({ hosts: [provider.origin] }), {})
  onTestFinished(install())
  await chat(provider.origin)
  expect(stats().stores).toBe(1)
  expect(await clear()).toBe(1)
})
