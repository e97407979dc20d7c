import { Agent, interceptors, MockAgent, ProxyAgent, request, type Dispatcher } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import { openCache } from '../../support/cache.ts'
import { startProvider } from '../../support/start-provider.ts'
import { startProxy } from '../../support/proxy.ts'

const body = JSON.stringify({ model: 'gpt-5.1', messages: [] })
const path = '/v1/chat/completions'

async function ask(origin: string, dispatcher: Dispatcher): Promise<{ status: number; cache: unknown; text: string }> {
  const response = await request(origin + path, { method: 'POST', body, dispatcher })
  return { status: response.statusCode, cache: response.headers['x-llm-cache'], text: await response.body.text() }
}

function untilEnd(dispatcher: Dispatcher): Dispatcher {
  onTestFinished(() => dispatcher.close())
  return dispatcher
}

test('over retry, the answer of the attempt that succeeds is stored', async () => {
  const provider = await startProvider()
  provider.script({ status: 503 }, { status: 503 })
  const cache = openCache({ hosts: [provider.origin] })
  const retry = interceptors.retry({ maxRetries: 2, minTimeout: 1, methods: ['POST'], statusCodes: [503] })
  const dispatcher = untilEnd(new Agent().compose(retry, cache.interceptor))
  const first = await ask(provider.origin, dispatcher)
  expect(first).toMatchObject({ status: 200, cache: 'MISS' })
  expect(await ask(provider.origin, dispatcher)).toEqual({ ...first, cache: 'HIT' })
  expect(provider.calls).toHaveLength(3)
})

test('over redirect, the answer of the last host is stored under the first', async () => {
  const [provider, front] = [await startProvider(), await startProvider()]
  front.always({ status: 307, headers: { location: provider.origin + path } })
  const cache = openCache({ hosts: [front.origin] })
  const dispatcher = untilEnd(new Agent().compose(interceptors.redirect({ maxRedirections: 2 }), cache.interceptor))
  const first = await ask(front.origin, dispatcher)
  expect(first).toMatchObject({ status: 200, cache: 'MISS' })
  expect(await ask(front.origin, dispatcher)).toEqual({ ...first, cache: 'HIT' })
  expect([front.calls.length, provider.calls.length]).toEqual([1, 1])
  expect(provider.calls[0]?.body.toString()).toBe(body)
})

test.for([true, false])('over ProxyAgent, the proxy is asked once, tunnelling: %s', async (proxyTunnel) => {
  const [provider, proxy] = [await startProvider(), await startProxy()]
  const cache = openCache({ hosts: [provider.origin] })
  const dispatcher = untilEnd(new ProxyAgent({ uri: proxy.origin, proxyTunnel }).compose(cache.interceptor))
  const first = await ask(provider.origin, dispatcher)
  expect(await ask(provider.origin, dispatcher)).toEqual({ ...first, cache: 'HIT' })
  expect(proxy.asked).toHaveLength(1)
  expect(provider.calls).toHaveLength(1)
})

test('over MockAgent, an interceptor for one call serves two', async () => {
  const cache = openCache()
  const mock = new MockAgent()
  mock.disableNetConnect()
  const answer = { choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }] }
  mock
    .get('https://api.openai.com')
    .intercept({ path, method: 'POST', body })
    .reply(200, answer, {
      headers: { 'content-type': 'application/json' },
    })
  const dispatcher = untilEnd(mock.compose(cache.interceptor))
  const first = await ask('https://api.openai.com', dispatcher)
  expect(first).toMatchObject({ status: 200, cache: 'MISS', text: JSON.stringify(answer) })
  expect(await ask('https://api.openai.com', dispatcher)).toEqual({ ...first, cache: 'HIT' })
  mock.assertNoPendingInterceptors()
})
