import type { Dispatcher } from 'undici'
import { asError } from '../base/errors.ts'
import { isPromiseLike } from '../base/promises.ts'
import { OldHandler } from './legacy-handlers.ts'

/** undici's `dispatch`. */
export type Dispatch = Dispatcher['dispatch']

/** An interceptor for `dispatcher.compose`. */
export type Interceptor = (dispatch: Dispatch) => Dispatch

/** A handler with every method. */
export type Handler = Required<Dispatcher.DispatchHandler>

/** A handler with a member for a call that could not be made. */
export interface Receiver extends Handler {
  fail(error: Error): void
}

/** Makes a call. If it can't be made, the receiver's `fail` is called. */
export function dispatchTo(dispatch: Dispatch, opts: Dispatcher.DispatchOptions, receiver: Receiver): void {
  attempt(
    () => dispatch(opts, handOut(receiver)),
    (thrown) => receiver.fail(asError(thrown)),
  )
}

/**
 * Runs code that dispatches to the interceptors below us, which may be the app's own. Whatever it throws, or its
 * promise rejects with, goes to `onThrown`.
 */
export function attempt(dispatching: () => unknown, onThrown: (error: unknown) => void): void {
  try {
    const sent = dispatching()
    if (isPromiseLike(sent)) sent.then(undefined, onThrown)
  } catch (error) {
    onThrown(error)
  }
}

/**
 * A handler for other code. Interceptors wrap handlers in a Proxy, by `Object.create(handler)` or `{ ...handler }`, or
 * call single members. So its members are own properties, and need no `this`. With undici 7 they may be those of the
 * old interface, since handlers have both there.
 */
export function handOut(handler: Handler): Handler {
  return new HandedOut(handler)
}

class HandedOut extends OldHandler implements Handler {
  readonly onRequestStart: Handler['onRequestStart']
  readonly onRequestUpgrade: Handler['onRequestUpgrade']
  readonly onResponseStart: Handler['onResponseStart']
  readonly onResponseData: Handler['onResponseData']
  readonly onResponseEnd: Handler['onResponseEnd']
  readonly onResponseError: Handler['onResponseError']

  constructor(handler: Handler) {
    super(handler)
    this.onRequestStart = (controller, context) => handler.onRequestStart(controller, context)
    this.onRequestUpgrade = (...upgrade) => handler.onRequestUpgrade(...upgrade)
    this.onResponseStart = (controller, status, headers, text) =>
      handler.onResponseStart(controller, status, headers, text)
    this.onResponseData = (controller, chunk) => handler.onResponseData(controller, chunk)
    this.onResponseEnd = (controller, trailers) => handler.onResponseEnd(controller, trailers)
    this.onResponseError = (controller, error) => handler.onResponseError(controller, error)
  }
}
