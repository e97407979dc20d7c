import type { Match } from '../providers/provider.ts'
import type { RequestHeaders } from '../request/headers.ts'

/** A call to identify. */
export interface IdentifiableCall {
  readonly match: Match
  readonly method: string
  readonly headers: RequestHeaders
}

/** Changes to an identified call; missing members stay the same. */
export interface Variation {
  /** A JSON body, for example a changed one from `Identified.json`. */
  readonly body?: Uint8Array
  /** Another endpoint or query. */
  readonly match?: Match
  /** Other headers. Keep the credentials, which identify the caller. */
  readonly headers?: RequestHeaders
}
