import type { Dispatcher } from 'undici'
import { reusableHeaders } from '../request/headers.ts'
import { pathOf } from '../request/path.ts'
import type { Match } from '../providers/provider.ts'
import type { Interceptor } from '../undici/dispatch.ts'
import { CassetteCall } from './call.ts'
import type { Session } from './session.ts'

/**
 * Creates the interceptor of cassettes. It must be the last argument of `compose`, which is outermost.
 *
 * @param current returns the session of a call when the call begins. Without a session the call is passed on.
 */
export function createCassetteInterceptor(current: () => Session | undefined): Interceptor {
  return (dispatch) =>
    function llmCassette(opts, handler) {
      const session = current()
      const way = session && wayOf(session, opts)
      if (session === undefined || way === undefined) return dispatch(opts, handler)
      // An iterator of headers can be read only once, and undici will read them again.
      const headers = reusableHeaders(opts.headers)
      const again = headers === opts.headers ? opts : ({ ...opts, headers } as typeof opts) // a flat array, as undici takes it
      const call = new CassetteCall(session, dispatch, again, handler, way.match)
      if (way.refusal === undefined) call.run()
      else call.refuse(way.refusal)
      return true
    }
}

/** What a session does with a call. */
interface Way {
  readonly match: Match
  /** Why the call fails without being read; `undefined` if it does not fail. */
  readonly refusal: string | undefined
}

function wayOf(session: Session, opts: Dispatcher.DispatchOptions): Way | undefined {
  const { mode } = session.options
  if (mode === 'off') return undefined
  const match = isPlainCall(opts) ? session.scope.find(opts.method, opts.origin, pathOf(opts)) : undefined
  if (match !== undefined && session.refusal !== undefined) return { match, refusal: session.refusal }
  if (match !== undefined && !session.closed) return { match, refusal: undefined }
  const known = mode === 'none' ? unmatched(session, opts) : undefined
  return known && { match: known, refusal: refusalOf(session, opts) }
}

function isPlainCall({ upgrade, method }: Dispatcher.DispatchOptions): boolean {
  return !upgrade && method !== 'CONNECT'
}

/** A call to a known LLM host that cassettes don't record: in the mode `none` it must not reach the network either. */
function unmatched({ scope }: Session, { origin, path }: Dispatcher.DispatchOptions): Match | undefined {
  const provider = scope.hostOf(origin)
  const [endpoint] = provider?.endpoints ?? []
  if (provider === undefined || endpoint === undefined || origin === undefined) return undefined
  return { provider, endpoint, origin: new URL(origin).origin, pathname: path, search: '', params: {} }
}

function refusalOf({ name, closed }: Session, { method, origin = '', path }: Dispatcher.DispatchOptions): string {
  const { origin: host } = new URL(origin)
  const call = `${method} ${host}${path.split('?', 1).join('')}`
  const why = closed ? 'is closed' : 'does not record this path'
  return `The cassette ${name} ${why}, and nothing may go to the network (mode none): ${call}. The option also: ['${host}'] records every call to that host.`
}
