import { isPromiseLike } from '../base/promises.ts'
import { DIALECTS } from '../controls/dialects/dialect.ts'
import type { Identified } from '../key/identified-call.ts'
import { createIdentifier } from '../key/identify.ts'
import { PLAIN_SCOPE } from '../key/key.ts'
import type { IdentifiableCall } from '../key/keyed-call.ts'
import type { Match } from '../providers/provider.ts'
import { mentions } from '../request/body.ts'
import { createClassifiers } from '../request/header-kind.ts'
import { readHeaders, type RequestHeaders } from '../request/headers.ts'
import { isAccountHeader } from './accounts.ts'
import { bytesOfBody } from './body.ts'
import type { CassetteEntry } from './entry.ts'
import { type CassetteScope, plainMatch } from './scope.ts'

/** The members of a call by which a cassette matches it. */
export type MatchedCall = Pick<CassetteEntry, 'method' | 'url' | 'request'>

/** Equal for equal calls: 64 hex digits. */
export type KeyOf = (call: MatchedCall) => string | Promise<string>

/** Options of {@link createKeys}. */
export interface KeyOptions {
  readonly ignoreFields: readonly string[]
  readonly ignoreHeaders: readonly string[]
}

/** The keys of calls. */
export interface Keys {
  /** Reads a call's headers, and which of them count in the key. */
  headers(headers: unknown, match: Match): RequestHeaders
  /**
   * The key of a call by the cache's own rules, for the call as in the file: without the credential and without headers
   * that name an account, which CI does not have. Also computed for recorded calls, so that they still match after
   * these rules, `ignoreFields` or a line of the file were changed.
   */
  readonly of: KeyOf
  /** As `of`, with the facts of the call (`RequestFacts`). */
  identify(call: MatchedCall): Identified | Promise<Identified>
  /** A body as sent to its provider: without the cache controls of another gateway. */
  sent(call: IdentifiableCall, body: string | Uint8Array): Promise<string | Uint8Array>
}

/** Makes the keys of one cassette. */
export function createKeys(scope: CassetteScope, { ignoreFields, ignoreHeaders }: KeyOptions): Keys {
  const classifierOf = createClassifiers(ignoreHeaders)
  const read = (headers: unknown, { provider }: Match): RequestHeaders => readHeaders(headers, classifierOf(provider))
  const identifier = createIdentifier({
    canonicalLimit: CANONICAL_LIMIT,
    ignoreFields,
    identity: () => 'anybody',
    dialects: DIALECTS,
  })
  const identify = (call: MatchedCall): Identified | Promise<Identified> => {
    const match = matchOf(scope, call)
    const counted = Object.entries(call.request.headers).filter(([name]) => !isAccountHeader(name))
    const headers = read(counted, match)
    return identifier.identify({ match, method: call.method, headers }, bytesOfBody(call.request))
  }
  return {
    headers: read,
    identify,
    of(call) {
      const identified = identify(call)
      return isPromiseLike(identified) ? identified.then(keyOf) : keyOf(identified)
    },
    async sent(call, body) {
      if (!mentions(body, '"cache"')) return body
      return (await identifier.identify(call, body)).upstreamBody
    },
  }
}

const CANONICAL_LIMIT = 1024 * 1024

/** The key of an identified call: 64 hex digits. */
export function keyOf(identified: Identified): string {
  return identified.key(PLAIN_SCOPE)
}

/** The row and endpoint of a recorded call's URL, by which it is read; otherwise plain HTTP. */
export function matchOf(scope: CassetteScope, { method, url }: MatchedCall): Match {
  const { origin, pathname, search } = new URL(url)
  return scope.find(method, origin, pathname + search) ?? plainMatch(origin, pathname + search)
}

/** The part of a key that is written to the file: 16 hex digits. */
export function shortKey(key: string): string {
  return key.slice(0, 16)
}
