import type { Readable } from 'node:stream'
import { abortError, asError } from '../base/errors.ts'
import { isObject } from '../base/json.ts'
import { Patience } from './patience.ts'
import { Pieces } from './pieces.ts'
import { ABORTED, type BodyOwner, type PassedBody, passed, type ReadBody, whole } from './read-body.ts'

/** Whether a body is a Node.js stream, which can take back what was read from it. */
export function isStream(body: object): body is Readable {
  return ['on', 'pipe', 'read', 'unshift', 'destroy'].every((name) => typeof Reflect.get(body, name) === 'function')
}

/**
 * Reads a whole stream, or puts back what was read and passes the stream itself on. undici then pauses it, handles its
 * errors and destroys it, as it would without the cache.
 */
export function drainStream(stream: Readable, maxSize: number, owner: BodyOwner): Promise<ReadBody> {
  // Already read or destroyed, which undici reports.
  if (!stream.readable) return Promise.resolve(passed(stream, 'body-failed'))
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
  /** Whether undici would have sent its `content-length`: all of it was available from the beginning. */
  readonly #isLengthKnown: boolean
  readonly #patience = new Patience(() => this.#pass('body-slow'))
  readonly #pieces = new Pieces()
  #isPassed = false
  readonly #listeners = {
    data: (chunk: unknown) => this.#take(chunk),
    end: () => this.#end(),
    close: () => this.#close(),
  }

  constructor(stream: Readable, drain: Drain) {
    const { ended, objectMode } = stateOf(stream)
    this.#stream = stream
    this.#drain = drain
    this.#isLengthKnown = ended === true && objectMode === false
  }

  start(): void {
    const { owner } = this.#drain
    owner.source = { onResume() {}, onPause() {}, onLeave: (reason) => destroy(this.#stream, reason) }
    for (const [event, listener] of Object.entries(this.#listeners)) this.#stream.on(event, listener)
    // Never removed: an unhandled error would end the process. As in undici, it fails the call as long as the call
    // lasts.
    this.#stream.on('error', (error: unknown) => {
      if (!this.#isPassed) owner.breakOff(asError(error))
      this.#settle(ABORTED)
    })
    this.#stream.resume()
  }

  #take(chunk: unknown): void {
    this.#patience.renew()
    if (!this.#keep(chunk)) this.#pass('body-failed', chunk)
    else if (this.#pieces.isTooLarge(this.#drain.maxSize)) this.#pass('body-too-large')
  }

  #keep(chunk: unknown): boolean {
    try {
      this.#pieces.add(chunk)
      return true
    } catch {
      return false // undici reports what is wrong with it
    }
  }

  #end(): void {
    const bytes = this.#pieces.whole()
    this.#settle(whole(bytes, this.#isLengthKnown ? bytes : this.#pieces))
    // undici does the same for streams that don't do it themselves.
    if (stateOf(this.#stream)['autoDestroy'] !== true) destroy(this.#stream)
  }

  /** Handles a stream that was destroyed before its end, without an error. */
  #close(): void {
    if (this.#stream.closed) return this.#pass('body-failed')
    this.#drain.owner.breakOff(abortError())
    this.#settle(ABORTED)
  }

  #pass(reason: PassedBody, ...odd: unknown[]): void {
    if (this.#drain.owner.done) return this.#settle(ABORTED)
    this.#isPassed = true
    this.#stream.pause()
    this.#settle(passed(this.#stream, reason))
    const encoding = this.#stream.readableEncoding ?? undefined
    for (const chunk of [...this.#pieces.list, ...odd].toReversed()) this.#stream.unshift(chunk, encoding)
  }

  #settle(read: ReadBody): void {
    this.#patience.end()
    for (const [event, listener] of Object.entries(this.#listeners)) this.#stream.off(event, listener)
    this.#drain.resolve(read)
  }
}

/** The state that undici reads as well. Streams of other libraries may have none. */
function stateOf(stream: Readable): Readonly<Record<string, unknown>> {
  const state: unknown = Reflect.get(stream, '_readableState')
  return isObject(state) ? state : {}
}

// As in undici: an incoming request that is sent on must not destroy its connection, which is needed for the response.
function destroy(stream: Readable, reason?: Error): void {
  if (Object.getPrototypeOf(stream)?.constructor?.name === 'IncomingMessage') Reflect.set(stream, 'socket', null)
  try {
    stream.destroy(reason)
  } catch {} // managed sockets (HTTP/2) may throw
}
