import type { Dispatcher } from 'undici'
import { onTestFinished } from 'vitest'
import { type Door, type DoorAnswer, type DoorCall, undiciDoors } from '../../support/doors.ts'

export type Interceptor = Dispatcher.DispatcherComposeInterceptor

/** A door and the undici that it belongs to. */
export interface Way {
  readonly name: string
  readonly undici: (typeof undiciDoors)[number][0]
  readonly door: Door
}

/** undici 7 and 8, with each of their calls. */
export const WAYS: readonly Way[] = undiciDoors.map(([undici, door]) => ({ name: door.name, undici, door }))

/** An agent of the running spec under interceptors, the outermost last. */
export function open({ undici }: Way, ...interceptors: Interceptor[]): Dispatcher {
  const agent = new undici.Agent()
  onTestFinished(() => agent.destroy())
  return agent.compose(...interceptors)
}

/** A streamed chat call. */
export function ask({ door }: Way, origin: string, dispatcher: Dispatcher, more: DoorCall = {}): Promise<DoorAnswer> {
  const body = JSON.stringify({ messages: [{ role: 'user', content: 'x' }], stream: true })
  const headers = { 'content-type': 'application/json' }
  return door.call(`${origin}/v1/chat/completions`, { body, headers, dispatcher, ...more })
}

/** An interceptor whose handler hears what `over` says, in the place of what is above it. */
export function hearing(over: (handler: Dispatcher.DispatchHandler) => Dispatcher.DispatchHandler): Interceptor {
  return (dispatch) => (opts, handler) =>
    dispatch(opts, {
      onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
      onRequestUpgrade: (controller, ...rest) => handler.onRequestUpgrade?.(controller, ...rest),
      onResponseStart: (controller, ...rest) => handler.onResponseStart?.(controller, ...rest),
      onResponseData: (controller, chunk) => handler.onResponseData?.(controller, chunk),
      onResponseEnd: (controller, trailers) => handler.onResponseEnd?.(controller, trailers),
      onResponseError: (controller, error) => handler.onResponseError?.(controller, error),
      ...over(handler),
    })
}

/** What a caller can tell an error by. */
export interface Failure {
  readonly name: string
  readonly message: string
  readonly code: unknown
  readonly cause: Failure | undefined
}

/** How a call failed. */
export async function failureOf(call: Promise<unknown>): Promise<Failure> {
  const error = await call.then(
    () => new Error('the call succeeded'),
    (thrown: unknown) => thrown,
  )
  return failureFrom(error)
}

function failureFrom(error: unknown): Failure {
  if (!(error instanceof Error)) throw new Error('what was thrown is no Error', { cause: error })
  const { name, message, cause } = error
  const code = 'code' in error ? error.code : undefined
  return { name, message, code, cause: cause === undefined ? undefined : failureFrom(cause) }
}
