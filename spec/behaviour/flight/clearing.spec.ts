import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { LlmCache } from '../../../lib/index.ts'
import { installCache } from '../../support/cache.ts'
import { chat, statusOf } from '../../support/calls.ts'
import { Ear, EVENTS, startSteppedProvider } from './stepped-provider.ts'

const WHOLE = EVENTS.join('')
const OTHER = WHOLE.replaceAll('chatcmpl-1', 'chatcmpl-2')
const REFRESH = {
  headers: { 'content-type': 'application/json', authorization: 'Bearer sk-one', 'x-llm-cache': 'refresh' },
}

const CLEARS: Readonly<Record<string, (cache: LlmCache, key: string) => Promise<unknown>>> = {
  'delete(key)': (cache, key) => cache.delete(key),
  'clear()': (cache) => cache.clear(),
  'clear({ model })': (cache) => cache.clear({ model: 'gpt-5.1' }),
  'close()': (cache) => cache.close(),
}

describe.for(Object.entries(CLEARS))('%s', ([, clear]) => {
  test.for([0, 2, EVENTS.length])(
    'after %i events: the caller gets all of it, and none of it comes back',
    async (at) => {
      const provider = await startSteppedProvider()
      const cache = installCache({ hosts: [provider.origin] })
      const first = chat(provider.origin, { stream: true })
      const exchange = await provider.next()
      exchange.head()
      await exchange.send(...EVENTS.slice(0, at))
      const response = await first
      const ear = new Ear(response)
      await ear.events(at)
      await clear(cache, response.headers.get('x-llm-cache-key') ?? '')
      await exchange.send(...EVENTS.slice(at), '\n')
      exchange.end()
      expect(await ear.rest()).toBe(`${WHOLE}\n`)
      await expect.poll(() => cache.stats().refusals).toEqual({ cleared: 1 })
      expect(cache.stats().entries).toBe(0)
      const again = chat(provider.origin, { stream: true })
      const live = await provider.next()
      await live.send(...EVENTS)
      live.end()
      expect(await (await again).text()).toBe(WHOLE)
    },
  )
})

test('a clear that does not pick the answer on its way leaves it alone', async () => {
  const provider = await startSteppedProvider()
  const cache = installCache({ hosts: [provider.origin] })
  const first = chat(provider.origin, { stream: true })
  const exchange = await provider.next()
  await cache.clear({ model: 'another' })
  await exchange.send(...EVENTS)
  exchange.end()
  await (await first).text()
  expect(cache.stats()).toMatchObject({ entries: 1, refusals: {} })
})

test('what was cleared while a compressed answer was judged stays cleared', async () => {
  const provider = await startSteppedProvider()
  const cache = installCache({ hosts: [provider.origin] })
  const first = chat(provider.origin, { stream: true })
  const exchange = await provider.next()
  exchange.head(200, { 'content-encoding': 'gzip' })
  await exchange.send(gzipSync(WHOLE))
  await cache.clear()
  exchange.end()
  expect(await (await first).text()).toBe(WHOLE)
  await expect.poll(() => cache.stats().refusals).toEqual({ cleared: 1 })
  expect(cache.stats().entries).toBe(0)
})

test.each([
  ['which is stored by then', true],
  ['which waits to be judged as well', false],
])('an answer that a refresh has overtaken, %s, does not take its place', async (_name, isStored) => {
  const provider = await startSteppedProvider()
  const cache = installCache({ hosts: [provider.origin] })
  const slow = chat(provider.origin, { stream: true })
  const old = await provider.next()
  await old.send(...EVENTS.slice(0, 2))
  const refresh = chat(provider.origin, { stream: true }, REFRESH)
  const young = await provider.next()
  await young.send(OTHER)
  young.end()
  expect(await (await refresh).text()).toBe(OTHER)
  // Looking has it judged.
  if (isStored) expect(cache.stats().stores).toBe(1)
  await old.send(...EVENTS.slice(2))
  old.end()
  expect(await (await slow).text()).toBe(WHOLE)
  if (isStored) expect(cache.stats().refusals).toEqual({ superseded: 1 })
  const hit = await chat(provider.origin, { stream: true })
  expect([statusOf(hit), await hit.text()]).toEqual(['HIT', OTHER])
})

test('a refresh that fails leaves the stored answer', async () => {
  const provider = await startSteppedProvider()
  installCache({ hosts: [provider.origin] })
  const first = chat(provider.origin, { stream: true })
  const exchange = await provider.next()
  await exchange.send(...EVENTS)
  exchange.end()
  await (await first).text()
  const refresh = chat(provider.origin, { stream: true }, REFRESH)
  ;(await provider.next()).reset()
  await expect(refresh).rejects.toThrow()
  expect(statusOf(await chat(provider.origin, { stream: true }))).toBe('HIT')
})
