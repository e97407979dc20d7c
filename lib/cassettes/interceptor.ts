import type { Dispatcher } from 'undici'
import { reusableHeaders } from '../request/headers.ts'
import { pathOf } from '../request/path.ts'
import type { Match } from '../providers/provider.ts'
import type { Interceptor } from '../undici/dispatch.ts'
import { CassetteCall } from './call.ts'
import type { Session } from './session.ts'

/**
 * Makes the interceptor of cassettes. It goes last in `compose`, which is outermost.
 *
 * @param current the session that a call belongs to, asked as the call begins; `undefined`: none, it is passed on.
 */
export function createCassetteInterceptor(current: () => Session | undefined): Interceptor {
  return (dispatch) =>
    function llmCassette(opts, handler) {
      const session = current()
      if (session === undefined || session.options.mode === 'off') return dispatch(opts, handler)
      const match = isPlainCall(opts) ? session.scope.find(opts.method, opts.origin, pathOf(opts)) : undefined
      if (match !== undefined && !session.closed) {
        // An iterator of headers can be walked only once, and undici will walk them again.
        const headers = reusableHeaders(opts.headers)
        const again = headers === opts.headers ? opts : ({ ...opts, headers } as typeof opts) // a flat array, as undici takes it
        new CassetteCall(session, dispatch, again, handler, match).run()
        return true
      }
      const refused = session.options.mode === 'none' ? unmatched(session, opts) : undefined
      if (refused === undefined) return dispatch(opts, handler)
      new CassetteCall(session, dispatch, opts, handler, refused).refuse(refusal(session, opts))
      return true
    }
}

function isPlainCall({ upgrade, method }: Dispatcher.DispatchOptions): boolean {
  return !upgrade && method !== 'CONNECT'
}

/** A call to a known LLM host that no cassette records: in the mode `none` it must not reach the network either. */
function unmatched({ scope }: Session, { origin, path }: Dispatcher.DispatchOptions): Match | undefined {
  const provider = scope.hostOf(origin)
  const [endpoint] = provider?.endpoints ?? []
  if (provider === undefined || endpoint === undefined || origin === undefined) return undefined
  return { provider, endpoint, origin: new URL(origin).origin, pathname: path, search: '', params: {} }
}

function refusal({ name, closed }: Session, { method, origin = '', path }: Dispatcher.DispatchOptions): string {
  const { origin: host } = new URL(origin)
  const call = `${method} ${host}${path.split('?', 1).join('')}`
  const why = closed ? 'is closed' : 'does not record this path'
  return `The cassette ${name} ${why}, and nothing may go to the network (mode none): ${call}. The option also: ['${host}'] records every call to that host.`
}
