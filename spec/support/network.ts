import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import type { Behaviour } from './behaviour.ts'
import { shapeOf, STREAMING } from './provider.ts'
import { bodyOf, head } from './write.ts'

/** One call that got as far as the network. */
export interface NetworkCall {
  readonly method: string
  readonly url: URL
  readonly headers: Headers
  readonly body: Buffer
}

/** The internet as this process sees it: every host is a provider. */
export interface Network extends Disposable {
  readonly calls: readonly NetworkCall[]
  /** The next calls are answered so; those after them whole, at once, with 200. */
  script(...behaviours: Behaviour[]): void
}

/**
 * Stands in for the network below the dispatcher (msw patches `net` and `tls`), so that the SDKs' own host names can be
 * used. Paces and accidents need a real socket: `openProvider`. Specs use `startNetwork`, which closes it too.
 */
export function openNetwork(): Network {
  const calls: NetworkCall[] = []
  const scripted: Behaviour[] = []
  const server = setupServer(
    http.all('*', async ({ request }) => {
      const behaviour = scripted.shift() ?? {}
      const url = new URL(request.url)
      const body = Buffer.from(await request.arrayBuffer())
      calls.push({ method: request.method, url, headers: request.headers, body })
      const isStreaming = request.headers.get(STREAMING) === 'true'
      const shape = shapeOf(request.method, url, body, behaviour, calls.length, isStreaming)
      const events = bodyOf(shape, behaviour)
      return new HttpResponse(streamOf(events), { status: shape.status, headers: head(shape, behaviour, events) })
    }),
  )
  server.listen()
  return {
    calls,
    script: (...behaviours) => void scripted.push(...behaviours),
    [Symbol.dispose]: () => server.close(),
  }
}

function streamOf(events: readonly (string | Uint8Array)[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from(events.map((event) => Buffer.from(event)))
}
