import { setImmediate } from 'node:timers' // an app's tests may fake the global one
import type { Dispatcher } from 'undici'
import { reportError } from '../telemetry/diagnostics.ts'
import { abortError, asError } from '../base/errors.ts'
import { type Head, type RawHeaders, toHeaderRecord, toRawHeaders } from '../undici/head.ts'

type Handler = Dispatcher.DispatchHandler

/** The source of a caller's answer: a live call or a recording. It is told what the caller does. */
export interface Source {
  /** The caller wants more. */
  onResume(): void
  /** The caller has paused. */
  onPause(): void
  /** The caller has left. Its handler already knows. */
  onLeave(reason: Error): void
}

/**
 * One caller and its controller. The handler is told each step once and in order, whatever the source does; an error
 * that it throws ends only its own answer, as in undici. The controller's members are own properties and need no
 * `this`, because interceptors above us wrap it in a Proxy, or by `Object.create(controller)`.
 */
export class Caller implements Dispatcher.DispatchController {
  rawHeaders: RawHeaders = null
  rawTrailers: RawHeaders = null
  paused = false
  /** Whether the caller left; `false` after a normal end (nodejs/undici#5818). */
  aborted = false
  reason: Error | null = null
  source: Source | undefined
  readonly #handler: Handler
  // undici.request keeps this object, so what a live call adds later must be put into it.
  readonly #context: Record<string, unknown> = {}
  #headed = false
  #done = false

  constructor(handler: Handler) {
    this.#handler = handler
  }

  /** Whether the answer has ended, failed or been abandoned. */
  get done(): boolean {
    return this.#done
  }

  readonly pause = (): void => {
    if (this.paused || this.#done) return
    this.paused = true
    this.source?.onPause()
  }

  readonly resume = (): void => {
    if (!this.paused) return
    this.paused = false
    if (!this.#done) this.source?.onResume()
  }

  // undici's own readers give no reason when their body is destroyed.
  readonly abort = (reason: Error = abortError()): void => {
    this.#leave(reason, () => this.#handler.onResponseError?.(this, reason))
  }

  /** Tells the handler that its request begins. Must be first, so that an abort is noticed while the body is read. */
  start(): void {
    try {
      this.#handler.onRequestStart?.(this, this.#context)
    } catch (error) {
      this.breakOff(asError(error))
    }
  }

  /** Adds what an interceptor below has put into the context (redirect's history). */
  extendContext(context: unknown): void {
    if (typeof context === 'object' && context !== null) Object.assign(this.#context, context)
  }

  /** Passes on the head of the answer. */
  head(head: Head): void {
    if (this.#done) return
    this.#headed = true
    this.rawHeaders = head.forms?.raw() ?? rawHeadersOf(head)
    const headers = head.forms?.record() ?? toHeaderRecord(head.headers)
    try {
      this.#handler.onResponseStart?.(this, head.status, headers, head.statusText)
    } catch (error) {
      this.breakOff(asError(error))
    }
  }

  /** An informational answer (1xx): passed on, never kept. */
  inform(...[raw, status, headers, statusText]: [RawHeaders, ...InformArguments]): void {
    if (this.#done) return
    this.rawHeaders = raw
    this.#guard(() => this.#handler.onResponseStart?.(this, status, headers, statusText))
  }

  /** Passes on bytes, which the handler may keep and change. */
  data(chunk: Buffer): void {
    if (this.#done) return
    try {
      this.#handler.onResponseData?.(this, chunk)
    } catch (error) {
      this.breakOff(asError(error))
    }
  }

  /** The answer is whole. */
  end(trailers: Record<string, string | string[]> = {}, rawTrailers: RawHeaders = null): void {
    if (this.#done) return
    this.rawTrailers = rawTrailers
    this.#finish()
    try {
      this.#handler.onResponseEnd?.(this, trailers)
    } catch (error) {
      this.#tell(asError(error))
    }
  }

  /** The answer fails. The handler is told once. */
  fail(error: Error): void {
    if (this.#done) return
    this.#finish()
    this.#tell(error)
  }

  /** Nothing more can be delivered to this caller: its handler has thrown, or can't read what it gets. */
  breakOff(error: Error): void {
    this.#leave(error, () => this.#tell(error))
  }

  #leave(reason: Error, tell: () => void): void {
    if (this.#done) return
    const { source } = this
    this.aborted = true
    this.reason = reason
    this.#finish()
    try {
      tell()
    } finally {
      source?.onLeave(reason)
    }
  }

  // fetch misses an error in the same turn as the head, and would wait for ever.
  #tell(error: Error): void {
    if (this.#headed) setImmediate(() => this.#tellFailure(error))
    else this.#handler.onResponseError?.(this, error)
  }

  #tellFailure(error: Error): void {
    try {
      this.#handler.onResponseError?.(this, error)
    } catch (thrown) {
      reportError('answer', thrown)
    }
  }

  /** Passes on an upgraded socket. */
  upgrade(...[raw, status, headers, socket]: [RawHeaders, ...UpgradeArguments]): void {
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

  /** An app may keep its response, and with it this controller, which must not keep the recording alive. */
  #finish(): void {
    this.#done = true
    this.source = undefined
  }

  #guard(tell: () => void): void {
    try {
      tell()
    } catch (error) {
      this.breakOff(asError(error))
    }
  }
}

function rawHeadersOf({ headers, rawHeaders = headers, isRawObject }: Head): RawHeaders {
  return isRawObject === true ? toHeaderRecord(rawHeaders) : toRawHeaders(rawHeaders)
}

type Tail<T extends unknown[]> = T extends [unknown, ...infer Rest] ? Rest : never
type InformArguments = Tail<Parameters<NonNullable<Handler['onResponseStart']>>>
type UpgradeArguments = Tail<Parameters<NonNullable<Handler['onRequestUpgrade']>>>
