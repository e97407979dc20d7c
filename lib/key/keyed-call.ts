import type { Match } from '../providers/provider.ts'
import type { RequestHeaders } from '../request/headers.ts'

/** A call that is to be identified. */
export interface IdentifiableCall {
  readonly match: Match
  readonly method: string
  readonly headers: RequestHeaders
}

/** How a call differs from one that was identified; what is left out stays. */
export interface Variation {
  /** A JSON body, for example one that `Identified.json` gave, changed. */
  readonly body?: Uint8Array
  /** Another endpoint or query. */
  readonly match?: Match
  /** Other headers. They say who calls, too: keep the credentials. */
  readonly headers?: RequestHeaders
}
