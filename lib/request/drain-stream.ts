import type { Readable } from 'node:stream'
import { abortError } from '../base/errors.ts'
import { Patience } from './patience.ts'
import { ABORTED, type BodyOwner, type PassedBody, passed, type ReadBody, toBytes, whole } from './read-body.ts'

/** Whether a body is a stream of Node's kind, which can take back what was read of it. */
export function isStream(body: object): body is Readable {
  return ['on', 'pipe', 'read', 'unshift', 'destroy'].every((name) => typeof Reflect.get(body, name) === 'function')
}

/**
 * Reads all that a stream gives, or puts back what was read and passes the stream itself on: undici pauses it, hears its
 * errors and destroys it then, as without the cache.
 */
export function drainStream(stream: Readable, maxSize: number, owner: BodyOwner): Promise<ReadBody> {
  // It was read before, or destroyed: undici says so.
  if (!stream.readable) return Promise.resolve(passed(stream, 'body-encoding'))
  return new Promise((resolve) => new StreamDrain(stream, { maxSize, owner, resolve }).start())
}

interface Drain {
  readonly maxSize: number
  readonly owner: BodyOwner
  readonly resolve: (read: ReadBody) => void
}

class StreamDrain {
  readonly #stream: Readable
  readonly #drain: Drain
  readonly #patience = new Patience(() => this.#pass('body-slow'))
  readonly #chunks: (string | Buffer)[] = []
  #size = 0
  readonly #listeners = {
    readable: () => this.#take(),
    end: () => this.#settle(whole(this.#bytes())),
    error: (error: unknown) => this.#fail(error),
    // undici says the same of a stream that ends without its end.
    close: () => this.#fail(abortError()),
  }

  constructor(stream: Readable, drain: Drain) {
    this.#stream = stream
    this.#drain = drain
  }

  start(): void {
    for (const [event, listener] of Object.entries(this.#listeners)) this.#stream.on(event, listener)
    // undici destroys a body when its request is aborted; so do we.
    this.#drain.owner.source = { onResume() {}, onPause() {}, onLeave: (reason) => void this.#stream.destroy(reason) }
  }

  #take(): void {
    try {
      for (let chunk = this.#stream.read(); chunk !== null; chunk = this.#stream.read()) {
        this.#patience.renew()
        this.#keep(chunk)
        if (this.#size > this.#drain.maxSize) return this.#pass('body-too-large')
      }
    } catch (error) {
      this.#fail(error)
      this.#stream.destroy()
    }
  }

  // A copy: the app may fill the same buffer again, as soon as undici would have sent it.
  #keep(chunk: unknown): void {
    const bytes = toBytes(chunk)
    this.#chunks.push(typeof chunk === 'string' ? chunk : Buffer.from(bytes))
    this.#size += bytes.length
  }

  #bytes(): Uint8Array {
    const buffers = this.#chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk))
    const [first] = buffers
    return buffers.length === 1 && first !== undefined ? first : Buffer.concat(buffers)
  }

  #fail(error: unknown): void {
    this.#settle({ kind: 'failed', error })
  }

  #pass(reason: PassedBody): void {
    if (this.#drain.owner.done) return
    this.#settle(passed(this.#stream, reason))
    // What goes wrong before undici listens is told to it when it does.
    this.#stream.on('error', () => {})
    const encoding = this.#stream.readableEncoding ?? undefined
    for (const chunk of this.#chunks.toReversed()) this.#stream.unshift(chunk, encoding)
  }

  #settle(read: ReadBody): void {
    this.#patience.end()
    for (const [event, listener] of Object.entries(this.#listeners)) this.#stream.off(event, listener)
    this.#drain.resolve(this.#drain.owner.done ? ABORTED : read)
  }
}
