import type { Dispatcher } from 'undici'
import { expect, test } from 'vitest'
import { createContext } from '../../lib/call/context.ts'
import type { CacheContext } from '../../lib/call/context.ts'
import { createInterceptor } from '../../lib/interceptor.ts'
import { resolveOptions } from '../../lib/options/resolve-options.ts'
import { bytesInUse } from './heap.ts'
import { Listener, settled } from '../behaviour/flight/scripted.ts'
import { EVENTS } from '../behaviour/flight/stepped-provider.ts'

type Handler = Required<Dispatcher.DispatchHandler>

const ORIGIN = 'http://127.0.0.1:9'
const FLIGHTS = 10_000
/** Prompts come again after so many, so that tables of prompts are as full at the start as at the end. */
const ROUND = 1300

/** The provider's side of one call, and its caller's. */
interface Scene {
  readonly handler: Handler
  readonly controller: Dispatcher.DispatchController
  readonly callers: readonly Listener[]
  readonly context: CacheContext
}

const fails = new Error('the network failed')
const start = ({ handler, controller }: Scene, status = 200): void =>
  handler.onResponseStart(controller, status, { 'content-type': 'text/event-stream' }, '')
const send = ({ handler, controller }: Scene, ...events: readonly string[]): void => {
  for (const event of events) handler.onResponseData(controller, Buffer.from(event))
}
const end = ({ handler, controller }: Scene): void => handler.onResponseEnd(controller, {})

/** Every way in which a flight can end. */
const ENDINGS: Readonly<Record<string, (scene: Scene) => void>> = {
  'a whole answer': (scene) => (start(scene), send(scene, ...EVENTS), end(scene)),
  'an answer cut short': (scene) => (start(scene), send(scene, ...EVENTS.slice(0, 2)), end(scene)),
  'a status': (scene) => (start(scene, 500), send(scene, 'overloaded'), end(scene)),
  'no connection': ({ handler, controller }) => handler.onResponseError(controller, fails),
  'a reset': (scene) => {
    start(scene)
    send(scene, ...EVENTS.slice(0, 2))
    scene.handler.onResponseError(scene.controller, fails)
  },
  'all leave before the head': ({ callers }) => callers.forEach((caller) => caller.abort()),
  'all leave in the middle': (scene) => {
    start(scene)
    send(scene, ...EVENTS.slice(0, 2))
    for (const caller of scene.callers) caller.abort()
  },
  'all leave after the marker': (scene) => {
    start(scene)
    send(scene, ...EVENTS)
    for (const caller of scene.callers) caller.abort()
  },
  'the leader leaves': (scene) => {
    scene.callers[0]?.abort()
    start(scene)
    send(scene, ...EVENTS)
    end(scene)
  },
  'an answer too large': (scene) => (start(scene), send(scene, ...EVENTS, 'x'.repeat(5000)), end(scene)),
  'a clear': (scene) => {
    start(scene)
    void scene.context.clear({})
    send(scene, ...EVENTS)
    end(scene)
  },
  'a paused reader that leaves': (scene) => {
    scene.callers[0]?.pause()
    start(scene)
    send(scene, ...EVENTS)
    end(scene)
    scene.callers[0]?.abort()
  },
  'a dispatch that throws': () => {
    throw fails
  },
}

/** The least that undici gives a handler; an abort is told at once. */
function controllerFor(handler: Handler): Dispatcher.DispatchController {
  const controller = {
    paused: false,
    aborted: false,
    reason: null as Error | null,
    pause: () => void (controller.paused = true),
    resume: () => void (controller.paused = false),
    abort(reason: Error) {
      if (controller.aborted) return
      Object.assign(controller, { aborted: true, reason })
      handler.onResponseError(controller, reason)
    },
    rawHeaders: ['content-type', 'text/event-stream'],
    rawTrailers: null,
  }
  return controller
}

const interceptors = new WeakMap<CacheContext, ReturnType<typeof createInterceptor>>()

/** One a cache, as an app has it. */
function interceptorOf(context: CacheContext): ReturnType<typeof createInterceptor> {
  let interceptor = interceptors.get(context)
  if (interceptor === undefined) interceptors.set(context, (interceptor = createInterceptor(context)))
  return interceptor
}

/** One flight with a leader and a follower. */
function fly(context: CacheContext, prompt: string, ending: (scene: Scene) => void): readonly Listener[] {
  let flight: Handler | undefined
  // Our own handlers have every member.
  const dispatch = interceptorOf(context)((_options, handler) => {
    flight = handler as Handler
    if (ending === ENDINGS['a dispatch that throws']) throw fails
    return true
  })
  const body = JSON.stringify({ stream: true, messages: [{ role: 'user', content: prompt }] })
  const callers = [listen(dispatch, body), listen(dispatch, body)]
  if (flight === undefined || ending === ENDINGS['a dispatch that throws']) return callers
  const controller = controllerFor(flight)
  flight.onRequestStart(controller, {})
  ending({ handler: flight, controller, callers, context })
  return callers
}

function listen(dispatch: Dispatcher['dispatch'], body: string): Listener {
  const listener = new Listener()
  dispatch({ origin: ORIGIN, path: '/v1/chat/completions', method: 'POST', body }, listener)
  return listener
}

test('10,000 flights of every ending leave nothing behind', async () => {
  const context = createContext(resolveOptions({ hosts: [ORIGIN], maxEntrySize: 4000 }))
  const endings = Object.entries(ENDINGS)
  const run = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      if (i % ROUND === 0) await context.clear({})
      const [name, ending] = endings[i % endings.length] ?? []
      if (ending === undefined) continue
      const callers = fly(context, `${i % ROUND}`, ending)
      await new Promise(setImmediate)
      if (callers.some(({ done }) => !done)) throw new Error(`A caller is left waiting after ${name}`)
      if (context.flights.size > 0) throw new Error(`A flight is left after ${name}`)
    }
    await context.clear({})
    await settled()
  }
  // Bounded tables (aliases of keys, failures) fill up once, and so does compiled code.
  await run(2 * ROUND)
  const before = bytesInUse()
  await run(FLIGHTS)
  expect(context.flights.size).toBe(0)
  expect(bytesInUse() - before).toBeLessThan(2_000_000)
  const { stores, refusals } = context.counters.snapshot(0, 0)
  expect(stores).toBeGreaterThan(FLIGHTS / endings.length)
  expect(Object.keys(refusals).toSorted()).toEqual([
    'aborted',
    'cleared',
    'incomplete',
    'network',
    'status',
    'too-large',
  ])
})

test('an app that keeps its responses keeps no recording', async () => {
  const context = createContext(resolveOptions({ hosts: [ORIGIN] }))
  const kept: Listener[] = []
  const before = bytesInUse()
  const big = `data: {"choices":[{"index":0,"delta":{"content":"${'x'.repeat(1_000_000)}"}}]}\n\n`
  for (let i = 0; i < 20; i++) {
    kept.push(...fly(context, `${i}`, (scene) => (start(scene), send(scene, big, ...EVENTS), end(scene))))
    for (const listener of kept) listener.got.length = 0
    await context.clear({})
  }
  expect(bytesInUse() - before).toBeLessThan(3_000_000)
  expect(kept).toHaveLength(40)
})

test('a flight that is over keeps no caller, whoever below keeps its handler', () => {
  const context = createContext(resolveOptions({ hosts: [ORIGIN] }))
  const kept: Handler[] = []
  const whole = (scene: Scene): void => {
    kept.push(scene.handler)
    for (const caller of scene.callers) caller.got.push(Buffer.alloc(1_000_000))
    start(scene)
    send(scene, ...EVENTS)
    end(scene)
  }
  const before = bytesInUse()
  for (let i = 0; i < 20; i++) fly(context, `${i}`, whole)
  context.flights.catchUp()
  expect(bytesInUse() - before).toBeLessThan(3_000_000)
  expect(kept).toHaveLength(20)
})
