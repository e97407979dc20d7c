import type { Dispatcher } from 'undici'
import type { Dialect } from '../controls/dialects/dialect.ts'
import { isStripped } from '../controls/header-controls.ts'
import { withoutHeaders } from './headers.ts'

type Options = Dispatcher.DispatchOptions

/** What a call became on its way through the cache. */
export interface Rewrite {
  /** Provider row's id. */
  readonly provider: string
  readonly dialects: readonly Dialect[]
  /** Whether the call carries any control header. */
  readonly hasControls: boolean
  readonly body: unknown
  /** Whether `body` is no longer what the caller passed: its `content-length` may be wrong then; undici counts again. */
  readonly isRebuilt: boolean
  /** `content-type` that a FormData or Blob body brought with it, where the caller gave none. */
  readonly contentType: string | undefined
}

/** The call as the provider gets it: control headers taken out, the body whole, all else as it came. */
export function upstreamOptions(opts: Options, rewrite: Rewrite): Options {
  const { provider, dialects, hasControls, body, isRebuilt, contentType } = rewrite
  let headers: unknown = opts.headers
  if (hasControls || isRebuilt) {
    headers = withoutHeaders(headers, (name) => {
      return isStripped(name, provider, dialects) || (isRebuilt && name === 'content-length')
    })
  }
  if (contentType !== undefined) headers = [...flat(headers), 'content-type', contentType]
  // Headers and body are of the shapes that undici takes; its types list them one by one.
  return { ...opts, headers, body } as Options
}

/** Headers of any shape as a flat array. */
function flat(headers: unknown): unknown[] {
  if (Array.isArray(headers)) return headers
  return typeof headers === 'object' && headers !== null ? Object.entries(headers).flat() : []
}
