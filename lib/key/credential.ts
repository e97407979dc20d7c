import type { ProviderRow } from '../providers/provider.ts'
import type { HeaderPair, RequestHeaders } from '../request/headers.ts'
import { digest, lengthPrefixed } from '../base/digest.ts'
import { queryCredentials } from '../request/query.ts'

/** Digests of credentials. The last one is remembered, since most calls have the same credential as the one before. */
export class CredentialDigests {
  #last: { readonly text: string; readonly digest: string } | undefined

  /**
   * SHA-256 (64 hex digits) over everything that identifies the caller: all credential headers and query parameters,
   * since there may be two (Cloudflare's and the provider's). For SigV4 the access key id, region and service count,
   * since the signature differs in every call. Without any credential the digest is a fixed one.
   *
   * @param row names the provider's own credential headers. Headers read with that row already include them.
   */
  of(headers: RequestHeaders, search: string, row: ProviderRow): string {
    const text = lengthPrefixed([...credentialParts(headers, search), ...ownCredentials(headers, row)])
    if (this.#last?.text !== text) this.#last = { text, digest: digest(text) }
    return this.#last.digest
  }
}

/** Contains secrets: only for hashing. */
function credentialParts(headers: RequestHeaders, search: string): string[] {
  const parts: string[] = []
  for (const [name, value] of headers.credentials) parts.push(name, stablePart(value))
  for (const [name, value] of queryCredentials(search)) parts.push(`?${name}`, value)
  return parts
}

/** The row's credentials, if the headers were read with another row. */
function ownCredentials(headers: RequestHeaders, row: ProviderRow): string[] {
  const parts: string[] = []
  for (const name of row.credentials ?? []) {
    const value = headers.get(name)
    const isRead = headers.credentials.some((pair: HeaderPair) => pair[0] === name)
    if (value !== undefined && !isRead) parts.push(name, stablePart(value))
  }
  return parts
}

const SIGV4 = /^AWS4-[A-Z0-9-]+ +(?:.*[ ,])?Credential=([^,\s]+)/

/**
 * The part of a credential header that is the same in every call: for SigV4 the scope without its date
 * (`AKID/region/service`), otherwise the whole value.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
 */
export function stablePart(value: string): string {
  if (!value.startsWith('AWS4-')) return value
  const scope = SIGV4.exec(value)?.[1]
  return scope === undefined ? value : scope.replace(/\/\d{8}\//, '/')
}
