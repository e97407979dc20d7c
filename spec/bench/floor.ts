import { hash } from 'node:crypto'
import type { Dispatcher } from 'undici'
import type { Answer } from './answer.ts'

type Handler = Dispatcher.DispatchHandler

/** An undici interceptor, as `compose` takes it. */
export type Interceptor = (dispatch: Dispatcher['dispatch']) => Dispatcher['dispatch']

/** The floor: answers a canned 200 at once, and does nothing else. */
export function floor(answer: Answer): Interceptor {
  const canned = can(answer)
  return () => (_opts, handler) => {
    handler.onRequestStart?.(canned.controller(), {})
    canned.play(handler)
    return true
  }
}

/** The hashing floor: reads the body and takes one SHA-256 of it, then answers as the floor. */
export function hashingFloor(answer: Answer): Interceptor {
  const canned = can(answer)
  return () => (opts, handler) => {
    handler.onRequestStart?.(canned.controller(), {})
    const { body } = opts
    if (typeof body === 'string' || ArrayBuffer.isView(body)) {
      hash('sha256', body)
      canned.play(handler)
    } else {
      // The body of a fetch is an async iterable of bytes.
      hashAll(body as unknown as AsyncIterable<Uint8Array>)
        .then(() => canned.play(handler))
        .catch((error: unknown) => handler.onResponseError?.(canned.controller(), asError(error)))
    }
    return true
  }
}

async function hashAll(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  const [first = new Uint8Array(), second] = chunks
  return hash('sha256', second === undefined ? first : Buffer.concat(chunks))
}

function can({ contentType, chunks }: Answer): { controller(): Controller; play(handler: Handler): void } {
  const buffers = chunks.map((chunk) => Buffer.from(chunk))
  const headers = { 'content-type': contentType, date: 'Thu, 09 Oct 2025 08:53:20 GMT', 'x-request-id': 'req_bench' }
  const rawHeaders = Object.entries(headers)
    .flat()
    .map((text) => Buffer.from(text))
  return {
    controller: () => new Controller(rawHeaders),
    play(handler) {
      const controller = new Controller(rawHeaders)
      handler.onResponseStart?.(controller, 200, headers, 'OK')
      for (const chunk of buffers) handler.onResponseData?.(controller, chunk)
      handler.onResponseEnd?.(controller, {})
    },
  }
}

/** A controller that obeys nobody: all is said before anyone could ask for a pause. */
class Controller implements Dispatcher.DispatchController {
  readonly rawHeaders: Buffer[]
  readonly aborted = false
  readonly paused = false
  readonly reason = null

  constructor(rawHeaders: Buffer[]) {
    this.rawHeaders = rawHeaders
  }

  abort(): void {}
  pause(): void {}
  resume(): void {}
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
