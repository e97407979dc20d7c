import { Call, type CallOptions } from './call/call.ts'
import type { CacheContext } from './call/context.ts'
import { keepCompiled } from './call/keep-compiled.ts'
import { reusableHeaders } from './request/headers.ts'
import { pathOf } from './request/path.ts'
import type { Dispatch, Interceptor } from './undici/dispatch.ts'
import { noteLiveCalls } from './undici/live-calls.ts'

/**
 * Creates the interceptor. It must be the last argument of `compose`, which is outermost: above retry, redirect, dns
 * and decompress. Anything but an LLM call is passed on unchanged, its body unread.
 */
export function createInterceptor(context: CacheContext): Interceptor {
  let isKept = false
  // An app may both install and compose a cache. A call that passed it twice would wait for itself.
  const seen = Symbol('undici-llm-cache.seen')
  const mark = { [seen]: true }
  return (dispatch) => {
    const noted = noteLiveCalls(dispatch, () => context.unmatched.isWatching)
    const onward: Dispatch = (opts, handler) => noted({ ...opts, ...mark }, handler)
    return function llmCache(opts, handler) {
      const match = opts.method === 'POST' && !context.closed ? context.match(opts.origin, pathOf(opts)) : undefined
      if (match === undefined || seen in opts) return dispatch(opts, handler)
      if (!isKept) {
        isKept = true
        keepCompiled(context)
      }
      // undici reads the headers again, which an iterator does not allow.
      const headers = reusableHeaders(opts.headers)
      const again = headers === opts.headers ? opts : ({ ...opts, headers } as CallOptions) // a flat array, as undici takes it
      new Call(context, onward, again, handler, match).run()
      return true
    }
  }
}
