import { PassThrough } from 'node:stream'
import { Agent, type Dispatcher, request } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import type { CacheStore, LlmCacheOptions } from '../../../lib/index.ts'
import { openCache } from '../../support/cache.ts'
import { startProvider } from '../../support/start-provider.ts'

const BODY = JSON.stringify({ messages: [] })

function open(options: LlmCacheOptions): { cache: ReturnType<typeof openCache>; dispatcher: Dispatcher } {
  const cache = openCache(options)
  const agent = new Agent()
  onTestFinished(() => agent.destroy())
  return { cache, dispatcher: agent.compose(cache.interceptor) }
}

test('a call whose body comes only after the cache was closed is answered, and stored nowhere', async () => {
  const provider = await startProvider()
  const { cache, dispatcher } = open({ hosts: [provider.origin] })
  const body = new PassThrough()
  const answer = request(`${provider.origin}/v1/chat/completions`, { method: 'POST', body, dispatcher })
  body.write(BODY.slice(0, 5))
  await cache.close()
  body.end(BODY.slice(5))
  const { statusCode, body: got } = await answer
  expect([statusCode, (await got.text()).length > 0]).toEqual([200, true])
  expect(cache.stats()).toMatchObject({ entries: 0, stores: 0, refusals: { cleared: 1 } })
})

test('a caller that leaves while a store looks its answer up makes no provider call', async () => {
  const provider = await startProvider()
  const asked = Promise.withResolvers<void>()
  const found = Promise.withResolvers<undefined>()
  const store: CacheStore = {
    get: () => (asked.resolve(), found.promise),
    set: () => {},
    delete: () => false,
    clear: () => 0,
    entries: () => [],
    close: () => {},
  }
  const { cache, dispatcher } = open({ hosts: [provider.origin], store, storeTimeout: 10 })
  const leave = new AbortController()
  const url = `${provider.origin}/v1/chat/completions`
  const leaver = request(url, { method: 'POST', body: BODY, dispatcher, signal: leave.signal })
  await asked.promise
  leave.abort()
  await expect(leaver).rejects.toThrow('aborted')
  found.resolve(undefined)
  // One more goes the same way behind it: what the first had started would have reached the provider before.
  await (await request(url, { method: 'POST', body: BODY, dispatcher })).body.dump()
  expect(provider.calls).toHaveLength(1)
  expect(cache.stats()).toMatchObject({ misses: 1, coalesced: 0 })
})
