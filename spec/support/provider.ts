import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Behaviour } from './behaviour.ts'
import { transcription } from './shapes/openai-other.ts'
import { route } from './shapes/route.ts'
import { document, type Body, type Shape } from './shapes/shape.ts'
import { write } from './write.ts'

/** One call that reached the provider. */
export interface Call {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  /** Resolves when the exchange is over: `true` when the whole answer went out, `false` when the caller left. */
  readonly over: Promise<boolean>
}

/** A provider on this machine that speaks the wire formats of the real ones. */
export interface Provider extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string
  /** Every call that reached it, in order. */
  readonly calls: readonly Call[]
  /** The next calls are answered so, one behaviour a call; then as `always` says. */
  script(...behaviours: Behaviour[]): void
  /** Every call that `script` does not cover is answered so. */
  always(behaviour: Behaviour): void
}

/** Opens a provider on a free port. Specs use `startProvider`, which closes it too. */
export async function openProvider(): Promise<Provider> {
  const calls: Call[] = []
  const scripted: Behaviour[] = []
  let standing: Behaviour = {}
  const server = createServer(async (request, response) => {
    // Taken before the body has come, so that calls at once get theirs in the order of their arrival.
    const behaviour = scripted.shift() ?? standing
    const over = once(response, 'close').then(() => response.writableFinished)
    const body = await buffer(request).catch(() => Buffer.alloc(0))
    calls.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body, over })
    await answer(request, response, body, behaviour, calls.length)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    // A listening TCP server has an AddressInfo.
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    script: (...behaviours) => void scripted.push(...behaviours),
    always: (behaviour) => void (standing = behaviour),
    [Symbol.asyncDispose]: () => close(server),
  }
}

/** Where Vercel's gateway is told to stream. */
export const STREAMING = 'ai-language-model-streaming'

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  behaviour: Behaviour,
  serial: number,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://loopback')
  const isStreaming = request.headers[STREAMING] === 'true'
  const shape = shapeOf(request.method ?? '', url, body, behaviour, serial, isStreaming)
  await write(response, shape, behaviour)
}

/** What the provider sends for a call, be it over a socket or through msw. */
export function shapeOf(
  method: string,
  url: URL,
  body: Buffer,
  behaviour: Behaviour,
  serial: number,
  isStreaming = false,
): Shape & { readonly status: number } {
  const { status = 200, words = 8 } = behaviour
  if (status !== 200) return { ...problem(`status ${status}`), status }
  if (method !== 'POST') return { ...document({ object: 'list', serial }), status }
  if (url.pathname.endsWith('/audio/transcriptions')) return { ...transcription(body, serial), status }
  const parsed = parse(body)
  const shape = parsed && route(url, { body: parsed, serial, words, isStreaming })
  if (shape === undefined) return { ...problem(parsed ? 'no such endpoint' : 'no JSON'), status: parsed ? 404 : 400 }
  return { ...shape, status }
}

function problem(message: string): Shape {
  return document({ error: { message, type: 'invalid_request_error', param: null, code: null } })
}

function parse(body: Buffer): Body | undefined {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections()
  if (!server.listening) return
  server.close()
  await once(server, 'close')
}
