import type { Match } from '../providers/provider.ts'
import type { RequestHeaders } from '../request/headers.ts'

/** A call that is to be identified. */
export interface IdentifiableCall {
  readonly match: Match
  readonly method: string
  readonly headers: RequestHeaders
}
