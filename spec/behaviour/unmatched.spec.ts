import { channel } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect, createServer } from 'node:http2'
import { Agent, getGlobalDispatcher, interceptors, request, RetryAgent, setGlobalDispatcher } from 'undici'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { installCache } from '../support/cache.ts'
import { chat, statusOf } from '../support/calls.ts'
import { startProvider } from '../support/start-provider.ts'
import { isUndici7 } from '../support/undici-version.ts'
import { listen } from '../support/listen.ts'

const PATH = '/v1/chat/completions'

/** Every process warning of the running spec. */
function listenToWarnings(): string[] {
  const heard: string[] = []
  const spy = vi.spyOn(process, 'emitWarning').mockImplementation((warning) => void heard.push(String(warning)))
  onTestFinished(() => spy.mockRestore())
  return heard
}

function restoreGlobalDispatcher(): void {
  const before = getGlobalDispatcher()
  onTestFinished(() => setGlobalDispatcher(before))
}

async function callByNodeHttp(origin: string, path = PATH): Promise<void> {
  const [response] = await once(httpRequest(`${origin}${path}`, { method: 'POST' }).end('{"messages":[]}'), 'response')
  await once(response.resume(), 'end')
}

async function callByHttp2(origin: string): Promise<void> {
  const session = connect(origin)
  const stream = session.request({ ':method': 'POST', ':path': PATH }).end('{"messages":[]}')
  await once(stream.resume(), 'close')
  session.close()
}

async function startHttp2(): Promise<string> {
  return listen(createServer((_request, response) => response.end('{}')))
}

function hostOf(origin: string): string {
  return new URL(origin).host
}

describe('an LLM call that went around the cache is counted by host and cause, and its remedy is given once', () => {
  test('by node:http', async () => {
    const [{ origin }, warnings] = [await startProvider(), listenToWarnings()]
    const cache = installCache({ hosts: [origin] })
    for (let i = 0; i < 3; i++) await callByNodeHttp(origin, `${PATH}?key=sk-secret`)
    const host = hostOf(origin)
    expect(cache.stats()).toMatchObject({ unmatched: { [host]: 3 }, unmatchedCauses: { 'node-http': { [host]: 3 } } })
    expect(warnings).toEqual([
      expect.stringMatching(`^A call to ${host} was not cached: it went by node:http .*doctor`),
    ])
  })

  test('by node:http2', async () => {
    const [origin, warnings] = [await startHttp2(), listenToWarnings()]
    const cache = installCache({ hosts: [origin] })
    await callByHttp2(origin)
    expect(cache.stats().unmatchedCauses).toEqual({ 'node-http2': { [hostOf(origin)]: 1 } })
    expect(warnings).toEqual([expect.stringContaining('FetchHttpHandler')])
  })

  test('by a dispatcher of its own, also after calls that came through', async () => {
    const [provider, warnings] = [await startProvider(), listenToWarnings()]
    const { origin } = provider
    const cache = installCache({ hosts: [origin] })
    await (await chat(origin)).text()
    provider.script({ cut: { after: 0, how: 'reset' } })
    await expect(chat(origin, { seed: 1 })).rejects.toThrow('fetch failed')
    for (let i = 0; i < 2; i++) {
      const { body } = await request(origin + PATH, {
        method: 'POST',
        body: '{"messages":[]}',
        dispatcher: new Agent(),
      })
      await body.dump()
    }
    expect(cache.stats().unmatchedCauses).toEqual({ dispatcher: { [hostOf(origin)]: 2 } })
    expect(warnings).toEqual([expect.stringContaining('dispatcher.compose(cache.interceptor)')])
  })

  // undici 7's Agent has no `useH2c`.
  test.skipIf(isUndici7)('by a dispatcher that speaks HTTP/2 over node:http2, once', async () => {
    const [origin, warnings] = [await startHttp2(), listenToWarnings()]
    const cache = installCache({ hosts: [origin] })
    const dispatcher = new Agent({ useH2c: true } as Agent.Options) // its types do not know it yet
    await (await request(origin + PATH, { method: 'POST', body: '{}', dispatcher })).body.dump()
    await dispatcher.close()
    expect(cache.stats().unmatchedCauses).toEqual({ dispatcher: { [hostOf(origin)]: 1 } })
    expect(warnings).toHaveLength(1)
  })

  test('because setGlobalDispatcher was called later', async () => {
    const [{ origin }, warnings] = [await startProvider(), listenToWarnings()]
    const cache = installCache({ hosts: [origin] })
    restoreGlobalDispatcher()
    setGlobalDispatcher(new Agent())
    for (let i = 0; i < 2; i++) await (await chat(origin)).text()
    expect(cache.stats().unmatchedCauses).toEqual({ replaced: { [hostOf(origin)]: 2 } })
    expect(warnings).toEqual([expect.stringContaining('setGlobalDispatcher was called after the cache was installed')])
  })
})

describe('what may be meant so is counted, without a warning', () => {
  test('a path that is no endpoint, on a known host', async () => {
    const [{ origin }, warnings] = [await startProvider(), listenToWarnings()]
    const cache = installCache({ hosts: [origin] })
    await fetch(`${origin}/v1/files`, { method: 'POST' })
    await callByNodeHttp(origin, '/v1/files')
    expect(cache.stats().unmatchedCauses).toEqual({ endpoint: { [hostOf(origin)]: 2 } })
    expect(warnings).toEqual([])
  })

  test.for([PATH, '/gateway/v1/messages', '/api/generate'])('%s on a host that is not known', async (path) => {
    const [{ origin }, warnings] = [await startProvider(), listenToWarnings()]
    const cache = installCache()
    await fetch(origin + path, { method: 'POST' })
    expect(cache.stats().unmatchedCauses).toEqual({ host: { [hostOf(origin)]: 1 } })
    expect(warnings).toEqual([])
  })

  test('at most 100 hosts are counted apart', () => {
    const cache = installCache()
    const create = channel('undici:request:create')
    for (let i = 0; i < 150; i++) {
      create.publish({ request: { method: 'POST', origin: `http://host-${i}.example`, path: PATH } })
    }
    expect(Object.keys(cache.stats().unmatched)).toHaveLength(101)
    expect(cache.stats().unmatched['(others)']).toBe(50)
  })
})

describe('nothing is counted', () => {
  test('of a call that came through: a miss, a hit, a bypass, a stream', async () => {
    const [{ origin }, warnings] = [await startProvider(), listenToWarnings()]
    const cache = installCache({ hosts: [origin] })
    const bypass = { headers: { 'content-type': 'application/json', 'x-llm-cache': 'bypass' } }
    const calls = [[], [], [{}, bypass], [{ stream: true }]] as const
    const statuses: (string | null)[] = []
    for (const call of calls) {
      const response = await chat(origin, ...call)
      await response.text()
      statuses.push(statusOf(response))
    }
    expect(statuses).toEqual(['MISS', 'HIT', 'BYPASS', 'MISS'])
    expect([cache.stats().unmatched, warnings]).toEqual([{}, []])
  })

  test('of a retry, or of a call by address, that interceptors below the cache make', async () => {
    const [provider, warnings] = [await startProvider(), listenToWarnings()]
    const named = provider.origin.replace('127.0.0.1', 'localhost')
    restoreGlobalDispatcher()
    const retry = { minTimeout: 1, methods: ['POST' as const], statusCodes: [500] }
    setGlobalDispatcher(new RetryAgent(new Agent().compose(interceptors.dns()), retry))
    const cache = installCache({ providers: [], hosts: [named] })
    provider.script({ status: 500 })
    const { headers, body } = await request(named + PATH, { method: 'POST', body: '{"messages":[]}' })
    await body.dump()
    expect([headers['x-llm-cache'], provider.calls.length]).toEqual(['MISS', 2])
    expect([cache.stats().unmatched, warnings]).toEqual([{}, []])
  })

  test('of other calls', async () => {
    const { origin } = await startProvider()
    const cache = installCache()
    await fetch(`${origin}/v1/orders`, { method: 'POST' })
    await fetch(origin + PATH)
    await callByNodeHttp(origin, '/orders')
    expect(cache.stats().unmatched).toEqual({})
  })

  test('of what is no origin', () => {
    const cache = installCache()
    const request = { method: 'POST', origin: 'http://ok', host: 'not a host', path: PATH }
    channel('undici:request:create').publish({ request })
    expect(cache.stats().unmatched).toEqual({})
  })

  test('once the cache is taken away', async () => {
    const { origin } = await startProvider()
    const cache = installCache({ hosts: [origin] })
    expect(channel('undici:request:create').hasSubscribers).toBe(true)
    await cache.close()
    expect(channel('undici:request:create').hasSubscribers).toBe(false)
    await callByNodeHttp(origin)
    expect(cache.stats().unmatched).toEqual({})
  })
})
