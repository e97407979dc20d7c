import type { Dispatcher } from 'undici'
import type { Caller, Source } from './caller.ts'
import { abortError } from '../base/errors.ts'
import type { Handler, Receiver } from '../undici/dispatch.ts'
import { copyOf, type Head, readHead, trailersOf } from '../undici/head.ts'
import { UpstreamController } from '../undici/upstream-controller.ts'

type Controller = Dispatcher.DispatchController

/** Passes a live answer to one caller as it arrives, with our own header fields in its head. */
export class PassThrough implements Receiver, Source {
  readonly #caller: Caller
  readonly #decorate: (head: Head) => Head
  protected readonly upstream: UpstreamController = new UpstreamController((error) => this.fail(error))

  constructor(caller: Caller, decorate: (head: Head) => Head) {
    this.#caller = caller
    this.#decorate = decorate
    caller.source = this
  }

  /** The call could not be made, or can't be steered. */
  fail(error: Error): void {
    this.#caller.fail(error)
  }

  onResume(): void {
    this.upstream.resume()
  }

  onPause(): void {
    this.upstream.pause()
  }

  onLeave(reason: Error): void {
    this.upstream.abort(reason)
  }

  // The caller's handler already knows. A retry interceptor below starts again: the newest controller counts.
  onRequestStart(controller: Controller, context: unknown): void {
    this.upstream.connect(controller)
    this.#caller.extendContext(context)
    if (this.#caller.aborted) this.upstream.abort(this.#caller.reason ?? abortError())
  }

  onRequestUpgrade(...[controller, status, headers, socket]: Parameters<Handler['onRequestUpgrade']>): void {
    this.#caller.upgrade(copyOf(controller.rawHeaders), status, headers, socket)
  }

  onResponseStart(...[controller, status, headers, statusText]: Parameters<Handler['onResponseStart']>): void {
    if (status < 200) return this.#caller.inform(copyOf(controller.rawHeaders), status, headers, statusText)
    this.#caller.head(this.#decorate(readHead(controller, status, headers, statusText)))
    if (this.#caller.paused) this.upstream.pause()
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    this.#caller.data(chunk)
  }

  onResponseEnd(...[controller, trailers]: Parameters<Handler['onResponseEnd']>): void {
    this.#caller.end(trailersOf(trailers), copyOf(controller.rawTrailers))
  }

  onResponseError(_controller: Controller, error: Error): void {
    this.#caller.fail(error)
  }

  onBodySent(chunk: Buffer): void {
    this.#caller.bodySent(chunk)
  }

  onRequestSent(): void {
    this.#caller.requestSent()
  }

  onResponseStarted(): void {
    this.#caller.responseStarted()
  }
}
