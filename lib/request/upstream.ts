import type { Dispatcher } from 'undici'
import type { Dialect } from '../controls/dialects/dialect.ts'
import { isStripped } from '../controls/header-controls.ts'
import { withoutHeaders } from './headers.ts'

type Options = Dispatcher.DispatchOptions

/** undici's fetch puts here what a MockAgent sends to a real server, since `body` may be the source of it. */
const MOCK_BODY = '__mockAgentBodyForDispatch'

/** How the cache has changed a call. */
export interface UpstreamChanges {
  /** Id of the provider's row. */
  readonly provider: string
  readonly dialects: readonly Dialect[]
  /** Whether the call has any control header. */
  readonly hasControls: boolean
  readonly body: unknown
  /**
   * Whether `body` is no longer what the caller passed. Then its `content-length` may be wrong, and undici counts
   * again.
   */
  readonly isRebuilt: boolean
  /** The content type of a FormData or Blob, if the caller set none. */
  readonly contentType: string | undefined
}

/** The call as sent to the provider: without control headers, with its whole body, otherwise unchanged. */
export function upstreamOptions(opts: Options, rewrite: UpstreamChanges): Options {
  const { provider, dialects, hasControls, body, isRebuilt, contentType } = rewrite
  let headers: unknown = opts.headers
  if (hasControls || isRebuilt) {
    headers = withoutHeaders(headers, (name) => {
      return isStripped(name, provider, dialects) || (isRebuilt && name === 'content-length')
    })
  }
  if (contentType !== undefined) headers = [...flat(headers), 'content-type', contentType]
  const unread = body !== opts.body && MOCK_BODY in opts ? { [MOCK_BODY]: body } : undefined
  // undici accepts these shapes of headers and bodies, but its types list the shapes one by one.
  return { ...opts, ...unread, headers, body } as Options
}

/** Headers of any shape as a flat array. */
function flat(headers: unknown): unknown[] {
  if (Array.isArray(headers)) return headers
  return typeof headers === 'object' && headers !== null ? Object.entries(headers).flat() : []
}
