import {
  Agent,
  getGlobalDispatcher,
  interceptors,
  MockAgent,
  ProxyAgent,
  setGlobalDispatcher,
  type Dispatcher,
} from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import { installCache, openCache } from '../../support/cache.ts'
import { chat, statusOf } from '../../support/calls.ts'
import { collect } from '../../support/client.ts'
import { startProvider } from '../../support/start-provider.ts'
import { startProxy } from '../../support/proxy.ts'

function useGlobally(dispatcher: Dispatcher): void {
  const before = getGlobalDispatcher()
  setGlobalDispatcher(dispatcher)
  onTestFinished(async () => {
    setGlobalDispatcher(before)
    await dispatcher.close()
  })
}

test("install() keeps the app's proxy underneath", async () => {
  const [provider, proxy] = [await startProvider(), await startProxy()]
  useGlobally(new ProxyAgent(proxy.origin))
  installCache({ hosts: [provider.origin] })
  expect(statusOf(await chat(provider.origin))).toBe('MISS')
  await expect.poll(async () => statusOf(await chat(provider.origin))).toBe('HIT')
  expect(proxy.asked).toHaveLength(1)
})

test("install() keeps the app's mock agent underneath", async () => {
  const mock = new MockAgent()
  mock.disableNetConnect()
  const answer = { choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }] }
  const headers = { 'content-type': 'application/json' }
  mock
    .get('https://api.openai.com')
    .intercept({ path: '/v1/chat/completions', method: 'POST' })
    .reply(200, answer, { headers })
  useGlobally(mock)
  installCache()
  const first = await chat('https://api.openai.com')
  expect(await first.json()).toEqual(answer)
  const second = await chat('https://api.openai.com')
  expect([statusOf(second), await second.json()]).toEqual(['HIT', answer])
})

test("undoing install() restores the app's dispatcher", async () => {
  const provider = await startProvider()
  const own = new Agent()
  useGlobally(own)
  const cache = openCache({ hosts: [provider.origin] })
  const uninstall = cache.install()
  expect(statusOf(await chat(provider.origin))).toBe('MISS')
  uninstall()
  uninstall()
  expect(getGlobalDispatcher()).toBe(own)
  expect(statusOf(await chat(provider.origin))).toBeNull()
})

test.for(['first', 'last'])('of two caches, the one that is undone %s leaves nothing behind', async (which) => {
  const provider = await startProvider()
  const own = new Agent()
  useGlobally(own)
  const caches = [openCache({ hosts: [provider.origin] }), openCache({ hosts: [provider.origin] })]
  const undos = caches.map((cache) => cache.install())
  if (which === 'last') undos.reverse()
  for (const undo of undos) undo()
  expect(getGlobalDispatcher()).toBe(own)
  expect(statusOf(await chat(provider.origin))).toBeNull()
  expect(caches.map((cache) => cache.stats().misses)).toEqual([0, 0])
})

test("undoing install() takes the cache out from under the app's own interceptors", async () => {
  const provider = await startProvider()
  const own = new Agent()
  useGlobally(own)
  const cache = openCache({ hosts: [provider.origin] })
  const uninstall = cache.install()
  setGlobalDispatcher(getGlobalDispatcher().compose((dispatch) => (opts, handler) => dispatch(opts, handler)))
  expect(statusOf(await chat(provider.origin))).toBe('MISS')
  uninstall()
  expect(statusOf(await chat(provider.origin))).toBeNull()
})

test('undoing two caches keeps what the app has put between them', async () => {
  const provider = await startProvider()
  useGlobally(new Agent())
  const [one, two] = [openCache({ hosts: [provider.origin] }), openCache({ hosts: [provider.origin] })]
  const undoOne = one.install()
  const between = getGlobalDispatcher().compose((dispatch) => (opts, handler) => dispatch(opts, handler))
  setGlobalDispatcher(between)
  const undoTwo = two.install()
  undoOne()
  undoTwo()
  expect(getGlobalDispatcher()).toBe(between)
  expect(statusOf(await chat(provider.origin))).toBeNull()
})

test('setGlobalDispatcher with a composed agent caches the global fetch', async () => {
  const provider = await startProvider()
  const cache = openCache({ hosts: [provider.origin] })
  useGlobally(new Agent().compose(cache.interceptor))
  const first = await (await chat(provider.origin)).text()
  const second = await chat(provider.origin)
  expect([statusOf(second), await second.text()]).toEqual(['HIT', first])
})

test('a cache that is both installed and composed sees each call once', async () => {
  const provider = await startProvider()
  const cache = openCache({ hosts: [provider.origin] })
  useGlobally(new Agent().compose(cache.interceptor, interceptors.dns()))
  onTestFinished(cache.install())
  const statuses: (string | null)[] = []
  for (const fields of [{}, {}, { stream: true }, { stream: true }]) {
    const response = await chat(provider.origin, fields)
    await response.text()
    statuses.push(statusOf(response))
  }
  expect(statuses).toEqual(['MISS', 'HIT', 'MISS', 'HIT'])
  expect(cache.stats()).toMatchObject({ hits: 2, misses: 2, coalesced: 0, unmatched: {} })
})

test('two caches in one process do not see each other', async () => {
  const provider = await startProvider()
  const [one, two] = [openCache({ hosts: [provider.origin] }), openCache({ hosts: [provider.origin] })]
  const uninstall = one.install()
  await (await chat(provider.origin)).text()
  uninstall()
  onTestFinished(two.install())
  expect(statusOf(await chat(provider.origin))).toBe('MISS')
  expect([one.stats().misses, two.stats().misses]).toEqual([1, 1])
})

test('a closed cache lets every call through, wherever it is composed', async () => {
  const provider = await startProvider()
  const cache = openCache({ hosts: [provider.origin] })
  useGlobally(new Agent().compose(cache.interceptor))
  await cache.close()
  for (let i = 0; i < 2; i++) expect(statusOf(await chat(provider.origin))).toBeNull()
  expect(provider.calls).toHaveLength(2)
})

test('close() undoes install()', async () => {
  const provider = await startProvider()
  const before = getGlobalDispatcher()
  const cache = openCache({ hosts: [provider.origin] })
  cache.install()
  expect(getGlobalDispatcher()).not.toBe(before)
  await cache.close()
  expect(getGlobalDispatcher()).toBe(before)
})

test('entries() lists an answer, delete() and clear() take it away', async () => {
  const provider = await startProvider()
  const cache = installCache({ hosts: [provider.origin] })
  const first = await chat(provider.origin)
  await first.text()
  const [entry] = await collect(cache.entries())
  expect(entry).toMatchObject({
    provider: 'local',
    model: 'gpt-5.1',
    endpoint: '/v1/chat/completions',
    stream: false,
    hits: 0,
  })
  expect(entry?.key).toBe(first.headers.get('x-llm-cache-key'))
  expect(await cache.delete(entry?.key ?? '')).toBe(true)
  expect(statusOf(await chat(provider.origin))).toBe('MISS')
  await cache.clear()
  expect(cache.stats().entries).toBe(0)
})
