import type { Dispatcher } from 'undici'
import { describe, expect, test } from 'vitest'
import { openCache } from '../../support/cache.ts'
import { startProvider } from '../../support/start-provider.ts'
import { ask, type Failure, failureOf, hearing, type Interceptor, open, WAYS, type Way } from './asking.ts'

const boom = new Error('boom')
const thrower = (): never => {
  throw boom
}

// An interceptor that is async is none by its type, and there are such.
const rejecting = (async (_opts: unknown, _handler: unknown) => thrower()) as unknown as Dispatcher['dispatch']

const THROWERS: readonly (readonly [string, Interceptor])[] = [
  ['dispatch throws', () => (_opts, _handler) => thrower()],
  ['dispatch rejects', () => rejecting],
  ['onRequestStart throws', hearing(() => ({ onRequestStart: thrower }))],
  ['onResponseStart throws', hearing(() => ({ onResponseStart: thrower }))],
  ['onResponseData throws', hearing(() => ({ onResponseData: thrower }))],
  ['onResponseEnd throws', hearing(() => ({ onResponseEnd: thrower }))],
]

describe.for(WAYS)('what code below the cache throws is the error of its caller: $name', (way) => {
  test.for(THROWERS)('%s', async ([, below]) => {
    const provider = await startProvider()
    await expectBoom(way, provider.origin, [below], [])
  })

  test('a controller that can not be steered', async () => {
    const provider = await startProvider()
    provider.always({ words: 20_000 })
    await expectBoom(way, provider.origin, [unsteered], [pausing])
  })
})

describe.for(WAYS)('what code above the cache throws is the error of its caller: $name', (way) => {
  test.for(THROWERS.filter(([name]) => name.includes('Response')))(
    '%s, on a miss, a hit and a bypass',
    async ([, above]) => {
      const provider = await startProvider()
      const cache = openCache({ hosts: [provider.origin] })
      await ask(way, provider.origin, open(way, cache.interceptor))
      const dispatcher = open(way, cache.interceptor, above)
      for (const mode of ['on', 'refresh', 'bypass'] as const) {
        expectIsBoom(await failureOf(cache.with({ mode }, () => ask(way, provider.origin, dispatcher))))
      }
    },
  )
})

/** Lets nobody steer the call below it. */
const unsteered = hearing((handler) => ({
  onRequestStart(controller, context) {
    handler.onRequestStart?.({ ...controller, pause: thrower, resume: thrower, abort: thrower }, context)
  },
}))

/** Holds an answer back for a turn of the event loop. */
const pausing = hearing((handler) => ({
  onResponseStart(controller, ...rest) {
    handler.onResponseStart?.(controller, ...rest)
    controller.pause()
    setImmediate(() => controller.resume())
  },
}))

async function expectBoom(way: Way, origin: string, below: Interceptor[], above: Interceptor[]): Promise<void> {
  const cache = openCache({ hosts: [origin] })
  const dispatcher = open(way, ...below, cache.interceptor, ...above)
  for (const mode of ['on', 'bypass'] as const) {
    expectIsBoom(await failureOf(cache.with({ mode }, () => ask(way, origin, dispatcher))))
  }
}

function expectIsBoom({ message, cause }: Failure): void {
  expect([message, cause?.message]).toContain('boom')
}
