import { once } from 'node:events'
import { createServer, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { type Dispatcher, fetch, H2CClient } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import { openCache } from '../../support/cache.ts'
import { isUndici7 } from '../../support/undici-version.ts'

const PATH = '/v1/chat/completions'
const ANSWER = JSON.stringify({ choices: [{ index: 0, finish_reason: 'stop', message: { content: 'Hello.' } }] })

/** A provider that speaks HTTP/2 without TLS, and sends trailers. */
async function startHttp2Provider(): Promise<{ origin: string; calls: string[] }> {
  const calls: string[] = []
  const sessions = new Set<ServerHttp2Session>()
  const server = createServer()
  server.on('session', (session) => void sessions.add(session))
  server.on('stream', async (stream) => {
    let body = ''
    for await (const chunk of stream.setEncoding('utf8')) body += chunk
    calls.push(body)
    stream.respond({ ':status': 200, 'content-type': 'application/json', 'x-own': 'one' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-checksum': '7' }))
    stream.end(ANSWER)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  // A listening TCP server has an AddressInfo.
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls }
}

/** All that a handler hears of one call. */
function hear(dispatcher: Dispatcher, origin: string): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const heard: Record<string, unknown> = {}
    let body = ''
    const opts = { origin, path: PATH, method: 'POST', body: '{"messages":[]}' } as const
    dispatcher.dispatch(opts, {
      onRequestStart() {},
      onResponseStart({ rawHeaders }, status, headers) {
        Object.assign(heard, { status, rawHeaders, headers })
      },
      onResponseData: (_controller, chunk) => void (body += String(chunk)),
      onResponseEnd: ({ rawTrailers }, trailers) => resolve({ ...heard, body, rawTrailers, trailers }),
      onResponseError: (_controller, error) => reject(error),
    })
  })
}

// undici 7 gives arrays.
test.skipIf(isUndici7)(
  'a call over HTTP/2 is heard as without the cache: raw headers and trailers are objects there',
  async () => {
    const { origin, calls } = await startHttp2Provider()
    const client = new H2CClient(origin)
    onTestFinished(() => client.destroy())
    const cache = openCache({ hosts: [origin] })
    const dispatcher = client.compose(cache.interceptor)
    const plain = await hear(client, origin)
    expect(plain).toMatchObject({ rawHeaders: { 'x-own': 'one' }, rawTrailers: { 'x-checksum': '7' }, body: ANSWER })
    for (const mode of ['on', 'bypass', 'refresh'] as const) {
      const heard = await cache.with({ mode }, () => hear(dispatcher, origin))
      expect(heard['headers']).toHaveProperty('x-llm-cache')
      expect(heard['rawHeaders']).toEqual(heard['headers'])
      expect(without(heard)).toEqual(without(plain))
    }
    expect(await hear(dispatcher, origin)).toMatchObject({ headers: { 'x-llm-cache': 'HIT' }, body: ANSWER })
    for (const status of ['MISS', 'HIT']) {
      const response = await fetch(origin + PATH, { method: 'POST', body: '{"messages":[]}', dispatcher })
      expect([response.headers.get('x-llm-cache'), response.headers.get('x-own')]).toEqual([status, 'one'])
      expect(await response.text()).toBe(ANSWER)
    }
    expect(calls).toHaveLength(5)
  },
)

/** What was heard, less our own fields, the time, and what Node marks such objects with. */
function without(heard: Record<string, unknown>): object {
  const members = Object.entries(heard).map(([name, value]) => [name, isObject(value) ? own(value) : value])
  return Object.fromEntries(members)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function own(headers: object): object {
  const fields = Object.entries(headers).filter(([name]) => !/^(x-llm-cache|cache-status|date)/.test(name))
  return Object.fromEntries(fields)
}
