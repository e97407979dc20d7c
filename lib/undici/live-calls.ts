import type { Dispatcher } from 'undici'
import { isPromiseLike } from '../base/promises.ts'
import { type Dispatch, type Handler, handOut } from './dispatch.ts'

const LIVE = Symbol.for('undici-llm-cache.live-calls')

/**
 * Calls in progress through caches, by origin: one table for each process, for all its caches and copies of this
 * package.
 */
interface Globals {
  [LIVE]?: Map<string, number>
}

function table(): Map<string, number> {
  const globals = globalThis as Globals // symbol-keyed globals have no type
  return (globals[LIVE] ??= new Map())
}

/** Whether a call to `origin` is in progress through a cache; without `origin`, to any. */
export function isCallLive(origin?: string): boolean {
  const live = table()
  return origin === undefined ? live.size > 0 : live.has(origin)
}

/**
 * A dispatch that records each call while it is in progress, including retries below, so that a call that bypassed
 * every cache can be recognised. While `isWatched` returns `false`, it adds nothing.
 */
export function noteLiveCalls(dispatch: Dispatch, isWatched: () => boolean): Dispatch {
  return (opts, handler) => {
    if (!isWatched()) return dispatch(opts, handler)
    const noted = new NotedCall(handler, new URL(String(opts.origin)).origin)
    try {
      const sent = dispatch(opts, handOut(noted))
      if (isPromiseLike(sent)) sent.then(undefined, () => noted.over())
      return sent
    } catch (error) {
      noted.over()
      throw error
    }
  }
}

type Arguments<Name extends keyof Handler> = Parameters<Handler[Name]>

/** Passes everything on to another handler; counted from its creation to its end. */
class NotedCall implements Handler {
  readonly #handler: Dispatcher.DispatchHandler
  readonly #origin: string
  #isOver = false

  constructor(handler: Dispatcher.DispatchHandler, origin: string) {
    this.#handler = handler
    this.#origin = origin
    const live = table()
    live.set(origin, (live.get(origin) ?? 0) + 1)
  }

  over(): void {
    if (this.#isOver) return
    this.#isOver = true
    const live = table()
    const count = live.get(this.#origin) ?? 0
    if (count > 1) live.set(this.#origin, count - 1)
    else live.delete(this.#origin)
  }

  onRequestStart(...values: Arguments<'onRequestStart'>): void {
    this.#handler.onRequestStart?.(...values)
  }

  onRequestUpgrade(...values: Arguments<'onRequestUpgrade'>): void {
    this.over()
    this.#handler.onRequestUpgrade?.(...values)
  }

  onResponseStart(...values: Arguments<'onResponseStart'>): void {
    this.#handler.onResponseStart?.(...values)
  }

  onResponseData(...values: Arguments<'onResponseData'>): void {
    this.#handler.onResponseData?.(...values)
  }

  onResponseEnd(...values: Arguments<'onResponseEnd'>): void {
    this.over()
    this.#handler.onResponseEnd?.(...values)
  }

  onResponseError(...values: Arguments<'onResponseError'>): void {
    this.over()
    this.#handler.onResponseError?.(...values)
  }

  onBodySent(...values: Arguments<'onBodySent'>): void {
    this.#handler.onBodySent?.(...values)
  }

  onRequestSent(): void {
    this.#handler.onRequestSent?.()
  }

  onResponseStarted(): void {
    this.#handler.onResponseStarted?.()
  }
}
