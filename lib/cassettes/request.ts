import type { IdentifiableCall } from '../key/keyed-call.ts'
import { bytesOf } from '../request/body.ts'
import type { RequestHeaders } from '../request/headers.ts'
import { ACCOUNT, isAccountHeader, urlWithoutAccounts } from './accounts.ts'
import { recordBody } from './body.ts'
import type { MatchedCall } from './keys.ts'

/** A call as written to a cassette: without credentials, and with placeholders for account ids. */
export function recordRequest({ match, method, headers }: IdentifiableCall, body: string | Uint8Array): MatchedCall {
  const request = { headers: keptHeaders(headers), ...recordBody(bytesOf(body)) }
  return { method, url: urlWithoutAccounts(match), request }
}

/** The headers that count in the key, unchanged: a form's content type has the boundary that is needed to read it. */
function keptHeaders(headers: RequestHeaders): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name] of headers.semantic) kept[name] = isAccountHeader(name) ? ACCOUNT : (headers.get(name) ?? '')
  return kept
}
