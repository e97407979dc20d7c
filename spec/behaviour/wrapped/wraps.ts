import type { Dispatcher } from 'undici'

type Handler = Dispatcher.DispatchHandler
type Controller = Dispatcher.DispatchController

/** A way in which code that is not ours hands on what it was given. */
export interface Wrap {
  readonly name: string
  /** `known`: the members that the wrapper's author knew. */
  readonly around: <T extends object>(object: T, known: readonly (keyof T & string)[]) => T
}

/** Every way. */
export const WRAPS: readonly Wrap[] = [
  { name: 'a Proxy', around: (object) => new Proxy(object, {}) },
  { name: 'Object.create', around: (object) => Object.create(object) },
  { name: 'a spread', around: (object) => ({ ...object }) },
  { name: 'single members', around: (object, known) => pick(object, known) },
  { name: 'a forwarder of some members', around: (object, known) => forwarder(object, known) },
  { name: 'a class', around: (object, known) => new (classOf(known))(object) as typeof object },
]

const LISTENING = [
  'onRequestStart',
  'onResponseStart',
  'onResponseData',
  'onResponseEnd',
  'onResponseError',
] as const satisfies (keyof Handler)[]

const STEERING = [
  'pause',
  'resume',
  'abort',
  'paused',
  'aborted',
  'reason',
  'rawHeaders',
  'rawTrailers',
] as const satisfies (keyof Controller)[]

/** An interceptor that hands down another object in the place of the handler. */
export function wrappingHandlers({ around }: Wrap): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (opts, handler) => dispatch(opts, around(handler, LISTENING))
}

/** An interceptor that hands up another object in the place of the controller. */
export function wrappingControllers({ around }: Wrap): Dispatcher.DispatcherComposeInterceptor {
  const wrapped = (controller: Controller): Controller => around(controller, STEERING)
  return (dispatch) => (opts, handler) =>
    dispatch(opts, {
      onRequestStart: (controller, context) => handler.onRequestStart?.(wrapped(controller), context),
      onRequestUpgrade: (controller, ...rest) => handler.onRequestUpgrade?.(wrapped(controller), ...rest),
      onResponseStart: (controller, ...rest) => handler.onResponseStart?.(wrapped(controller), ...rest),
      onResponseData: (controller, chunk) => handler.onResponseData?.(wrapped(controller), chunk),
      onResponseEnd: (controller, trailers) => handler.onResponseEnd?.(wrapped(controller), trailers),
      onResponseError: (controller, error) => handler.onResponseError?.(wrapped(controller), error),
    })
}

/** Members as they are, called without their object. */
function pick<T extends object>(object: T, known: readonly (keyof T & string)[]): T {
  const bare: Partial<T> = {}
  for (const name of known) bare[name] = object[name]
  return bare as T // what was not picked is what the wrapper's author did not know
}

/** An object that asks the other one each time, as `{ onData: (...all) => handler.onData(...all) }` does. */
function forwarder<T extends object>(object: T, known: readonly (keyof T & string)[]): T {
  const made = {}
  for (const name of known) Object.defineProperty(made, name, { get: () => forwarded(object, name), enumerable: true })
  return made as T // as above
}

function forwarded<T extends object>(object: T, name: keyof T): unknown {
  const value = object[name]
  return typeof value === 'function' ? (...all: unknown[]): unknown => value.call(object, ...all) : value
}

function classOf(known: readonly string[]): new (inner: object) => object {
  class Around {
    readonly #inner: object

    constructor(inner: object) {
      this.#inner = inner
    }

    static innerOf(around: Around): object {
      return around.#inner
    }
  }
  for (const name of known) {
    Object.defineProperty(Around.prototype, name, {
      get(this: Around) {
        return forwarded(Around.innerOf(this), name as never) // any name is one of the inner object's
      },
    })
  }
  return Around
}
