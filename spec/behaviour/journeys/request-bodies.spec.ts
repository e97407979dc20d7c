import { createServer, type RequestListener } from 'node:http'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { Agent, fetch, MockAgent, request, type Dispatcher } from 'undici'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openCache } from '../../support/cache.ts'
import { listen } from '../../support/listen.ts'
import { startProvider } from '../../support/start-provider.ts'
import { isUndici7 } from '../../support/undici-version.ts'

const path = '/v1/chat/completions'
const BODY = JSON.stringify({ model: 'gpt-5.1', messages: [{ role: 'user', content: 'Grüße, 世界' }] })
const BYTES = Buffer.from(BODY)
const PIECES = [BYTES.subarray(0, 50), BYTES.subarray(50, 51), BYTES.subarray(51)]
const TEXTS = [BODY.slice(0, 20), BODY.slice(20)]

function* pieces(): Generator<Buffer> {
  yield* PIECES
}

async function* texts(): AsyncGenerator<string> {
  yield* TEXTS
}

async function* failing(): AsyncGenerator<string> {
  yield BODY
  throw new RangeError('the disk is gone')
}

async function* odd(): AsyncGenerator<unknown> {
  yield BODY
  yield 42
}

/** All of it is there, and its end. */
function wholeStream(): Readable {
  const stream = new Readable({ read() {} })
  for (const piece of [...PIECES, null]) stream.push(piece)
  return stream
}

/** A file that was changed since it was opened. */
class ChangedFile extends Blob {
  override arrayBuffer(): Promise<ArrayBuffer> {
    return Promise.reject(new RangeError('the file has changed'))
  }
}

type Headers = Record<string, string>

const BODIES: readonly (readonly [name: string, make: () => unknown, headers?: Headers])[] = [
  ['none', () => undefined],
  ['null', () => null, { 'content-length': '0' }],
  ['a string', () => BODY],
  ['a string of announced length', () => BODY, { 'content-length': String(BYTES.length) }],
  ['a string of wrong length', () => BODY, { 'content-length': '7' }],
  ['a Buffer', () => BYTES],
  ['an ArrayBuffer', () => Uint8Array.from(BYTES).buffer],
  ['a Blob', () => new Blob(PIECES, { type: 'application/json' })],
  ['a file that has changed', () => new ChangedFile(PIECES)],
  ['an array', () => TEXTS],
  ['a generator of bytes', pieces],
  ['a generator of texts', texts],
  ['a generator of wrong length', texts, { 'content-length': '7' }],
  ['a generator that fails', failing],
  ['a generator of what is no bytes', odd],
  ['a ReadableStream', () => ReadableStream.from(pieces())],
  ['a stream of objects', () => Readable.from(TEXTS)],
  ['a stream of bytes', () => Readable.from(pieces(), { objectMode: false }).pipe(new PassThrough())],
  ['a stream of text', () => Readable.from(pieces(), { objectMode: false }).setEncoding('utf8')],
  ['a stream that is whole already', wholeStream],
  ['a stream of wrong length', () => Readable.from(TEXTS), { 'content-length': '700' }],
  ['a stream that fails', () => Readable.from(failing())],
  ['a stream that is destroyed', () => wholeStream().destroy()],
]

/** Sends a body, and tells what undici tells of it: what was sent, if all of it was, and how the call ended. */
async function send(dispatcher: Dispatcher, origin: string, body: unknown, headers: Headers): Promise<unknown[]> {
  const sent: Buffer[] = []
  const told: unknown[] = []
  const ended = Promise.withResolvers<void>()
  const options = { origin, path, method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body }
  dispatcher.dispatch(options as Dispatcher.DispatchOptions /* it takes more than its types say */, {
    onRequestStart() {},
    onBodySent: (chunk: Uint8Array) => void sent.push(Buffer.from(chunk)),
    onRequestSent: () => void told.push(Buffer.concat(sent).toString()),
    onResponseStart: (_, status) => void told.push(status),
    onResponseData() {},
    onResponseEnd: () => ended.resolve(),
    onResponseError(_, error) {
      told.push(error)
      ended.resolve()
    },
  })
  await ended.promise
  return told
}

/** What the provider and the caller see of a call. */
async function outcome(body: unknown, headers: Headers, isCached: boolean): Promise<unknown> {
  const provider = await startProvider()
  const cache = openCache({ hosts: [provider.origin] })
  const agent = new Agent()
  onTestFinished(() => agent.destroy())
  const told = await send(isCached ? agent.compose(cache.interceptor) : agent, provider.origin, body, headers)
  return { told, calls: provider.calls.map((call) => ({ ...call.headers, host: undefined, body: String(call.body) })) }
}

describe.for(BODIES)('a body that is %s', ([, make, headers = {}]) => {
  test('is sent, and its caller gets its answer, as without the cache', async () => {
    expect(await outcome(make(), headers, true)).toEqual(await outcome(make(), headers, false))
  })
})

test('a body of announced length is sent whole, so that a retry below the cache can send it again', async () => {
  const provider = await startProvider()
  const cache = openCache({ hosts: [provider.origin] })
  const agent = new Agent()
  onTestFinished(() => agent.close())
  const bodies: unknown[] = []
  const below: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
    bodies.push(options.body)
    return dispatch(options, handler)
  }
  const dispatcher = agent.compose(below, cache.interceptor)
  await (await fetch(provider.origin + path, { method: 'POST', body: BODY, dispatcher })).text()
  expect(bodies).toEqual([BYTES])
})

function startServer(listener: RequestListener): Promise<string> {
  return listen(createServer(listener))
}

test('what a MockAgent below the cache lets through to a real server has its body', async () => {
  const origin = await startServer((incoming, answer) => void incoming.pipe(answer))
  const cache = openCache({ hosts: [origin] })
  const mock = new MockAgent()
  onTestFinished(() => mock.close())
  const dispatcher = mock.compose(cache.interceptor)
  for (const body of [BODY, ReadableStream.from(PIECES)]) {
    const answer = await fetch(origin + path, { method: 'POST', body, duplex: 'half', dispatcher } as never)
    expect(await answer.text()).toBe(BODY)
  }
})

// undici 7 takes it for a handler of its older kind.
test.skipIf(isUndici7)('a handler that a MockAgent takes, without onRequestStart, gets its answer', async () => {
  const cache = openCache()
  const mock = new MockAgent()
  onTestFinished(() => mock.close())
  mock.get('https://api.openai.com').intercept({ path, method: 'POST' }).reply(200, 'hello')
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const options = { origin: 'https://api.openai.com', path, method: 'POST', body: BODY } as const
  mock.compose(cache.interceptor).dispatch(options, {
    onResponseStart: (_, status) => resolve(status),
    onResponseData() {},
    onResponseEnd() {},
    onResponseError: (_, error) => reject(error),
  })
  expect(await promise).toBe(200)
})

test('a half-read request that is sent on, and left, keeps the connection on which it is answered', async () => {
  const cache = openCache({ hosts: ['http://127.0.0.1:1'] })
  const agent = new Agent()
  onTestFinished(() => agent.close())
  const dispatcher = agent.compose(cache.interceptor)
  const origin = await startServer((incoming, answer) => {
    const options = { origin: 'http://127.0.0.1:1', path, method: 'POST', body: incoming } as const
    dispatcher.dispatch(options, {
      onRequestStart: (controller) => void incoming.once('data', () => controller.abort(new Error('enough'))),
      onResponseError: () => void incoming.once('close', () => answer.writeHead(502).end('no answer')),
    })
  })
  const body = new PassThrough()
  body.write(BODY)
  const answer = await request(origin, { method: 'POST', body, dispatcher: agent })
  body.end()
  expect([answer.statusCode, await text(answer.body)]).toEqual([502, 'no answer'])
})
