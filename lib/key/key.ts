import type { Match } from '../providers/provider.ts'
import { digest, lengthPrefixed } from '../base/digest.ts'
import type { HeaderPair } from '../request/headers.ts'
import { splitQuery } from '../request/query.ts'

/** Goes up when equal requests get other keys, so that no store is read with a key that means something else. */
const FORMAT_VERSION = '1'

/** Who shares an entry, and which answer of several it is. */
export interface KeyScope {
  readonly namespace: string
  /** The n-th sample of one prompt; 0 for the first. */
  readonly variant: number
  /**
   * FastRouter's `filter_on_model: false`: the model does not count. No effect where the model stands in a header, or
   * where the body keys on its raw bytes.
   */
  readonly anyModel?: boolean
  /**
   * FastRouter's `filter_on_provider: false`: origin and path don't count, only the wire format. Hosts have different
   * credentials by nature, so what stands in the credential's place is the scope that a `cacheKey` names, for the one
   * credential a host that owns it (cache-key-owners.ts). Everyone else's credential stays in; the result of
   * `identity` always does.
   */
  readonly anyProvider?: boolean
  /**
   * FastRouter's `cache_key`: the scope that a caller chose. It holds one credential a host, the first that is seen with
   * it; callers with another one share nothing by choosing the same word.
   */
  readonly cacheKey?: string
}

/** The scope of nearly all calls. */
export const PLAIN_SCOPE: KeyScope = Object.freeze({ namespace: '', variant: 0 })

/** What a key is made of beside the scope. */
export interface KeyParts {
  readonly match: Match
  readonly method: string
  /** Digest of the credentials, or of the result of `identity`; or the scope that stands in its place. */
  readonly caller: string
  readonly semantic: readonly HeaderPair[]
  /** Which form of the body was hashed: forms never collide. */
  readonly form: string
  /** Digest of that form. */
  readonly body: string
}

/** The key: SHA-256 over length-prefixed parts, as 64 lower-case hex digits; design.md section 4. */
export function makeKey(parts: KeyParts, scope: KeyScope): string {
  const { match } = parts
  const query = splitQuery(match.search).plain
  return digest(
    lengthPrefixed([
      FORMAT_VERSION,
      parts.method,
      ...endpointParts(match, scope),
      lengthPrefixed(query.flat()),
      parts.caller,
      scope.cacheKey === undefined ? '-' : `=${scope.cacheKey}`,
      scope.namespace,
      String(scope.variant),
      lengthPrefixed(parts.semantic.flat()),
      parts.form,
      parts.body,
    ]),
  )
}

/** The place that is called; what scopes leave out of it is named, so that no two scopes meet by chance. */
function endpointParts(match: Match, scope: KeyScope): string[] {
  const { endpoint, params } = match
  if (scope.anyProvider !== true && scope.anyModel !== true) return ['endpoint', match.origin, match.pathname]
  const kept = Object.entries(params).filter(([name]) => name !== 'model')
  const model = scope.anyModel === true ? 'any-model' : `=${params.model ?? ''}`
  if (scope.anyProvider === true) return ['any-provider', endpoint.format.id, params.action ?? '', model]
  return ['any-model', match.origin, endpoint.path, lengthPrefixed(kept.flat())]
}
