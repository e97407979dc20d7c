import type { Dispatcher } from 'undici'
import { describe, expect, test } from 'vitest'
import { openCache } from '../../support/cache.ts'
import { startProvider } from '../../support/start-provider.ts'
import { ask, hearing, type Interceptor, open, WAYS } from './asking.ts'

type Controller = Dispatcher.DispatchController
type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2]

/** An interceptor that hands up what `edit` makes of a head. */
function editing(edit: (controller: Controller, headers: Headers) => [Controller, Headers]): Interceptor {
  return hearing((handler) => ({
    onResponseStart(controller, status, headers, text) {
      const [given, edited] = edit(controller, headers)
      handler.onResponseStart?.(given, status, edited, text)
    },
  }))
}

/** A controller that says other `rawHeaders`. */
function saying(controller: Controller, rawHeaders: Buffer[]): Controller {
  return {
    rawHeaders,
    rawTrailers: null,
    paused: false,
    aborted: false,
    reason: null,
    pause: () => controller.pause(),
    resume: () => controller.resume(),
    abort: (reason) => controller.abort(reason),
  }
}

const TAG = { 'x-tag': 'below', 'content-type': 'text/event-stream; edited=1' }

function withTag(headers: Headers): Headers {
  const { 'x-provider': _removed, ...kept } = headers
  return { ...kept, ...TAG }
}

function withRawTag(raw: Controller['rawHeaders']): Buffer[] {
  const kept = Array.isArray(raw) ? raw.map((one) => Buffer.from(one)) : []
  const type = kept.findIndex((one) => one.toString().toLowerCase() === 'content-type')
  if (type >= 0) kept[type + 1] = Buffer.from(TAG['content-type'])
  return [...kept, Buffer.from('X-Tag'), Buffer.from('below')]
}

const EDITS: readonly (readonly [string, Interceptor])[] = [
  ['the headers that handlers are given', editing((controller, headers) => [controller, withTag(headers)])],
  [
    'rawHeaders in their place',
    editing((controller, headers) => {
      const { rawHeaders } = controller
      if (Array.isArray(rawHeaders)) rawHeaders.splice(0, rawHeaders.length, ...withRawTag(rawHeaders))
      return [controller, headers]
    }),
  ],
  [
    'rawHeaders of a controller around',
    editing((controller, headers) => [saying(controller, withRawTag(controller.rawHeaders)), headers]),
  ],
  ['both', editing((controller, headers) => [saying(controller, withRawTag(controller.rawHeaders)), withTag(headers)])],
]

describe.for(EDITS)('an interceptor below that edits %s', ([, below]) => {
  test.for(WAYS)('is heard live and replayed as without the cache: $name', async (way) => {
    const provider = await startProvider()
    provider.always({ headers: { 'x-provider': 'one', 'X-Twice': 'a, b', 'x-latin': 'caf\u00e9' } })
    const plain = await ask(way, provider.origin, open(way, below))
    const cache = openCache({ hosts: [provider.origin] })
    const dispatcher = open(way, below, cache.interceptor)
    for (const status of ['MISS', 'HIT', 'BYPASS']) {
      const mode = status === 'BYPASS' ? 'bypass' : 'on'
      const { headers } = await cache.with({ mode }, () => ask(way, provider.origin, dispatcher))
      expect(headers['x-llm-cache']).toBe(status)
      expect(edited(headers)).toEqual(edited(plain.headers))
    }
  })
})

function edited(headers: Readonly<Record<string, unknown>>): unknown[] {
  return ['x-tag', 'content-type', 'x-provider', 'x-twice', 'x-latin'].map((name) => headers[name])
}

test.for(WAYS)('an answer of which handlers are given the headers alone has them: $name', async (way) => {
  const provider = await startProvider()
  const without = editing((controller, headers) => [saying(controller, []), headers])
  const cache = openCache({ hosts: [provider.origin] })
  const dispatcher = open(way, without, cache.interceptor)
  for (const status of ['MISS', 'HIT']) {
    const { headers } = await ask(way, provider.origin, dispatcher)
    expect(headers).toMatchObject({ 'x-llm-cache': status, 'content-type': 'text/event-stream; charset=utf-8' })
  }
})
