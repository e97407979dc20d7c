import type { Dispatcher } from 'undici'
import { abortError } from '../base/errors.ts'
import { flattenHeaders, toHeaderRecord, toRawHeaders } from './head.ts'

type Handler = Dispatcher.DispatchHandler
type Controller = Dispatcher.DispatchController

/**
 * The handler interface of undici 6 and of the built-in fetch of Node 22 and 24. Current undici types no longer have
 * it:
 * https://github.com/nodejs/undici/blob/v6.x/docs/docs/api/Dispatcher.md#parameter-dispatchhandler
 */
export interface LegacyHandler {
  onConnect?(abort: (reason?: Error) => void, context?: unknown): void
  onUpgrade?(status: number, rawHeaders: Buffer[], socket: unknown): void
  onHeaders?(status: number, rawHeaders: Buffer[], resume: () => void, statusText: string): boolean | void
  onData?(chunk: Buffer): boolean | void
  onComplete?(rawTrailers: Buffer[]): void
  onError?(error: Error): void
  onBodySent?(chunk: Buffer): void
  onRequestSent?(): void
  onResponseStarted?(): void
}

/** Members of the current interface, first the one that undici itself checks for. Mock agents check for none. */
const MODERN = ['onRequestStart', 'onResponseStart', 'onResponseEnd', 'onResponseError'] as const

/** Whether a handler has only the old interface. */
function isLegacyHandler(handler: Handler | LegacyHandler): handler is LegacyHandler {
  return !MODERN.some((member) => typeof Reflect.get(handler, member) === 'function')
}

/** A handler with the current interface around any handler of the caller. */
export function modernHandler(handler: Handler | LegacyHandler): Handler {
  return isLegacyHandler(handler) ? new ModernHandler(handler) : handler
}

class ModernHandler implements Handler {
  readonly #handler: LegacyHandler

  constructor(handler: LegacyHandler) {
    this.#handler = handler
  }

  onRequestStart(controller: Controller, context: unknown): void {
    const abort = (reason = abortError()): void => controller.abort(reason)
    this.#handler.onConnect?.(abort, context)
  }

  onRequestUpgrade(
    ...[controller, status, headers, socket]: Parameters<NonNullable<Handler['onRequestUpgrade']>>
  ): void {
    this.#handler.onUpgrade?.(status, rawOf(controller.rawHeaders, headers), socket)
  }

  onResponseStart(...[controller, status, headers, text]: Parameters<NonNullable<Handler['onResponseStart']>>): void {
    const raw = rawOf(controller.rawHeaders, headers)
    if (this.#handler.onHeaders?.(status, raw, () => controller.resume(), text ?? '') === false) controller.pause()
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#handler.onData?.(chunk) === false) controller.pause()
  }

  onResponseEnd(...[controller, trailers]: Parameters<NonNullable<Handler['onResponseEnd']>>): void {
    this.#handler.onComplete?.(rawOf(controller.rawTrailers, trailers))
  }

  onResponseError(_controller: Controller, error: Error): void {
    this.#handler.onError?.(error)
  }

  onBodySent(chunk: Buffer): void {
    this.#handler.onBodySent?.(chunk)
  }

  onRequestSent(): void {
    this.#handler.onRequestSent?.()
  }

  onResponseStarted(): void {
    this.#handler.onResponseStarted?.()
  }
}

function rawOf(raw: Controller['rawHeaders'], given: Parameters<typeof flattenHeaders>[0]): Buffer[] {
  return isBuffers(raw) ? raw : toRawHeaders(flattenHeaders(raw ?? given))
}

function isBuffers(raw: Controller['rawHeaders']): raw is Buffer[] {
  return Array.isArray(raw) && raw.every((one) => Buffer.isBuffer(one))
}

/**
 * A handler with the old interface around one with the current interface, for a dispatcher of undici 6 or of Node 22
 * and 24.
 */
export function legacyHandler(handler: Handler | LegacyHandler): LegacyHandler {
  return isLegacyHandler(handler) ? handler : new OldHandler(handler)
}

// Members are own properties and need no `this`, as in `handOut`: interceptors below may wrap the handler, those above
// its controller.
export class OldHandler implements LegacyHandler {
  readonly #handler: Handler
  #controller: OldController | undefined

  constructor(handler: Handler) {
    this.#handler = handler
  }

  readonly onConnect = (abort: (reason?: Error) => void, context?: unknown): void => {
    this.#controller = new OldController(abort)
    this.#handler.onRequestStart?.(this.#controller, context)
  }

  readonly onUpgrade = (status: number, rawHeaders: Buffer[], socket: unknown): void => {
    const controller = this.#started(rawHeaders)
    const headers = toHeaderRecord(flattenHeaders(rawHeaders))
    // The old interface passes a net.Socket as well, but its types don't say so.
    this.#handler.onRequestUpgrade?.(controller, status, headers, socket as import('node:stream').Duplex)
  }

  readonly onHeaders = (status: number, rawHeaders: Buffer[], resume: () => void, statusText: string): boolean => {
    const controller = this.#started(rawHeaders)
    controller.wake = resume
    const headers = toHeaderRecord(flattenHeaders(rawHeaders))
    this.#handler.onResponseStart?.(controller, status, headers, statusText)
    return !controller.paused
  }

  readonly onData = (chunk: Buffer): boolean => {
    const controller = this.#started(null)
    this.#handler.onResponseData?.(controller, chunk)
    return !controller.paused
  }

  readonly onComplete = (rawTrailers: Buffer[] | null): void => {
    const controller = this.#started(null)
    controller.rawTrailers = rawTrailers
    this.#handler.onResponseEnd?.(controller, toHeaderRecord(flattenHeaders(rawTrailers)))
  }

  readonly onError = (error: Error): void => {
    this.#handler.onResponseError?.(this.#started(null), error)
  }

  readonly onBodySent = (chunk: Buffer): void => {
    this.#handler.onBodySent?.(chunk)
  }

  readonly onRequestSent = (): void => {
    this.#handler.onRequestSent?.()
  }

  readonly onResponseStarted = (): void => {
    this.#handler.onResponseStarted?.()
  }

  // A connection may fail before onConnect was called.
  #started(rawHeaders: Buffer[] | null): OldController {
    const controller = (this.#controller ??= new OldController(() => {}))
    if (rawHeaders !== null) controller.rawHeaders = rawHeaders
    return controller
  }
}

class OldController implements Controller {
  rawHeaders: Buffer[] | null = null
  rawTrailers: Buffer[] | null = null
  paused = false
  aborted = false
  reason: Error | null = null
  wake: (() => void) | undefined
  readonly #abort: (reason?: Error) => void

  constructor(abort: (reason?: Error) => void) {
    this.#abort = abort
  }

  readonly pause = (): void => {
    this.paused = true
  }

  readonly resume = (): void => {
    if (!this.paused) return
    this.paused = false
    this.wake?.()
  }

  readonly abort = (reason: Error): void => {
    if (this.aborted) return
    this.aborted = true
    this.reason = reason
    this.#abort(reason)
  }
}
