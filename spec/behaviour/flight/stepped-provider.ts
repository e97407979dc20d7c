import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { shapeOf } from '../../support/provider.ts'
import { listen } from '../../support/listen.ts'

/** One call at a provider that answers step by step, as the spec says. */
export interface Exchange {
  readonly headers: IncomingMessage['headers']
  /** Sends the head. */
  head(status?: number, headers?: Readonly<Record<string, string>>): void
  /** Resolves when the bytes are on their way; the head goes first. */
  send(...events: readonly (string | Uint8Array)[]): Promise<void>
  end(): void
  /** Breaks the connection. */
  reset(): void
  /** Resolves when the exchange is over: `false` when the caller left before its end. */
  readonly over: Promise<boolean>
}

/** A provider of which each step is the spec's. */
export interface SteppedProvider {
  readonly origin: string
  /** How many calls have come. */
  readonly calls: number
  /** The next call, in the order of their coming. */
  next(): Promise<Exchange>
}

/** Opens one for the running spec. */
export async function startSteppedProvider(): Promise<SteppedProvider> {
  const exchanges: Exchange[] = []
  const waiting: ((exchange: Exchange) => void)[] = []
  let calls = 0
  const server = createServer((request, response) => {
    calls++
    request.resume()
    const exchange = exchangeOf(request, response)
    const taker = waiting.shift()
    if (taker === undefined) exchanges.push(exchange)
    else taker(exchange)
  })
  const origin = await listen(server)
  return {
    origin,
    get calls() {
      return calls
    },
    next() {
      const exchange = exchanges.shift()
      return exchange === undefined ? new Promise((take) => waiting.push(take)) : Promise.resolve(exchange)
    },
  }
}

function exchangeOf(request: IncomingMessage, response: ServerResponse): Exchange {
  const closed = once(response, 'close')
  const head = (status = 200, headers: Readonly<Record<string, string>> = {}): void => {
    if (!response.headersSent) response.writeHead(status, { 'content-type': 'text/event-stream', ...headers })
    response.flushHeaders()
  }
  return {
    headers: request.headers,
    head,
    async send(...events) {
      head()
      for (const event of events) {
        if (response.destroyed) return
        await Promise.race([new Promise<void>((sent) => response.write(event, () => sent())), closed])
      }
    },
    end: () => void response.end(),
    reset: () => void response.socket?.resetAndDestroy(),
    over: closed.then(() => response.writableFinished),
  }
}

/** The events of a whole chat stream. */
export const EVENTS: readonly string[] = shapeOf(
  'POST',
  new URL('http://loopback/v1/chat/completions'),
  Buffer.from(JSON.stringify({ model: 'gpt-5.1', messages: [], stream: true })),
  { words: 4 },
  1,
).events.map(String)

/** One who reads a stream event by event. */
export class Ear {
  text = ''
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined

  constructor(response: Response) {
    this.#reader = response.body?.getReader()
  }

  /** Reads until so many events are there. */
  async events(count: number): Promise<string> {
    while (this.text.split('\n\n').length - 1 < count && (await this.#read()));
    return this.text
  }

  /** Reads to the end. */
  async rest(): Promise<string> {
    while (await this.#read());
    return this.text
  }

  /** What it heard, and the error that ended it. */
  async fate(): Promise<{ text: string; error: string | undefined }> {
    const error = await this.rest().then(
      () => undefined,
      (thrown: Error) => `${thrown.name}: ${thrown.message}`,
    )
    return { text: this.text, error }
  }

  async #read(): Promise<boolean> {
    const step = await this.#reader?.read()
    if (step?.value !== undefined) this.text += Buffer.from(step.value).toString()
    return step?.done === false
  }
}
