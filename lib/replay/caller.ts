import type { Dispatcher } from 'undici'
import { type Head, toHeaderRecord, toRawHeaders } from '../undici/head.ts'

type Handler = Dispatcher.DispatchHandler

/** Where a caller's answer comes from: the live call, a recording, nothing yet. It hears what the caller does. */
export interface Source {
  /** The caller wants more. */
  onResume(): void
  /** The caller wants no more for now. */
  onPause(): void
  /** The caller has left; it has been told already. */
  onLeave(reason: Error): void
}

/**
 * One caller and its controller. The handler below is told of each step once and in order, whatever the source does;
 * an error that the handler throws ends its own answer and nobody else's, as in undici.
 */
export class Caller implements Dispatcher.DispatchController {
  rawHeaders: Buffer[] | null = null
  rawTrailers: Buffer[] | null = null
  source: Source | undefined
  readonly #handler: Handler
  // undici.request keeps this very object, so what a live call adds later must land in it.
  readonly #context: Record<string, unknown> = {}
  #paused = false
  #aborted = false
  #done = false
  #reason: Error | null = null

  constructor(handler: Handler) {
    this.#handler = handler
  }

  get paused(): boolean {
    return this.#paused
  }

  /** Whether the caller left; `false` after a normal end (nodejs/undici#5818). */
  get aborted(): boolean {
    return this.#aborted
  }

  get reason(): Error | null {
    return this.#reason
  }

  /** Whether the answer has ended, failed or been abandoned. */
  get done(): boolean {
    return this.#done
  }

  pause(): void {
    if (this.#paused || this.#done) return
    this.#paused = true
    this.source?.onPause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    if (!this.#done) this.source?.onResume()
  }

  abort(reason: Error): void {
    if (this.#done) return
    const { source } = this
    this.#aborted = true
    this.#reason = reason
    try {
      this.fail(reason)
    } finally {
      source?.onLeave(reason)
    }
  }

  /** Tells the handler that its request begins. First of all, so that an abort reaches us while the body is read. */
  start(): void {
    try {
      this.#handler.onRequestStart?.(this, this.#context)
    } catch (error) {
      this.abort(asError(error))
    }
  }

  /** What an interceptor below adds to the context (redirect's history). */
  extendContext(context: unknown): void {
    if (typeof context === 'object' && context !== null) Object.assign(this.#context, context)
  }

  /** Head of the answer from a flat list of headers. */
  head(head: Head): void {
    if (this.#done) return
    this.rawHeaders = head.forms?.raw() ?? toRawHeaders(head.headers)
    const headers = head.forms?.record() ?? toHeaderRecord(head.headers)
    try {
      this.#handler.onResponseStart?.(this, head.status, headers, head.statusText)
    } catch (error) {
      this.abort(asError(error))
    }
  }

  /** An informational answer (1xx): told, never kept. */
  inform(...[raw, status, headers, statusText]: [Buffer[] | null, ...InformArguments]): void {
    if (this.#done) return
    this.rawHeaders = raw
    this.#guard(() => this.#handler.onResponseStart?.(this, status, headers, statusText))
  }

  /** Bytes that the handler may keep and change. */
  data(chunk: Buffer): void {
    if (this.#done) return
    try {
      this.#handler.onResponseData?.(this, chunk)
    } catch (error) {
      this.abort(asError(error))
    }
  }

  /** The answer is whole. */
  end(trailers: Record<string, string | string[]> = {}, rawTrailers: Buffer[] | null = null): void {
    if (this.#done) return
    this.rawTrailers = rawTrailers
    this.#finish()
    try {
      this.#handler.onResponseEnd?.(this, trailers)
    } catch (error) {
      this.#handler.onResponseError?.(this, asError(error))
    }
  }

  /** The answer fails. Told once; what the handler throws here is nobody's but its owner's, and is thrown on. */
  fail(error: Error): void {
    if (this.#done) return
    this.#finish()
    this.#handler.onResponseError?.(this, error)
  }

  /** Hands an upgraded socket through. */
  upgrade(...[raw, status, headers, socket]: [Buffer[] | null, ...UpgradeArguments]): void {
    if (this.#done) return
    this.rawHeaders = raw
    this.#finish()
    this.#handler.onRequestUpgrade?.(this, status, headers, socket)
  }

  bodySent(chunk: Buffer): void {
    if (!this.#done) this.#guard(() => this.#handler.onBodySent?.(chunk))
  }

  requestSent(): void {
    if (!this.#done) this.#guard(() => this.#handler.onRequestSent?.())
  }

  responseStarted(): void {
    if (!this.#done) this.#guard(() => this.#handler.onResponseStarted?.())
  }

  /** An app may keep its response, and with it this controller: the recording behind it goes. */
  #finish(): void {
    this.#done = true
    this.source = undefined
  }

  #guard(tell: () => void): void {
    try {
      tell()
    } catch (error) {
      this.abort(asError(error))
    }
  }
}

type Tail<T extends unknown[]> = T extends [unknown, ...infer Rest] ? Rest : never
type InformArguments = Tail<Parameters<NonNullable<Handler['onResponseStart']>>>
type UpgradeArguments = Tail<Parameters<NonNullable<Handler['onRequestUpgrade']>>>

/** Whatever was thrown, as an `Error`. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error('A handler threw a value that is no Error', { cause: thrown })
}
