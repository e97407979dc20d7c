import type { ProviderRow } from '../providers/provider.ts'
import type { HeaderPair, RequestHeaders } from '../request/headers.ts'
import { digest, lengthPrefixed } from '../base/digest.ts'
import { queryCredentials } from '../request/query.ts'

/**
 * SHA-256 (64 hex digits) over everything that says who calls: credential headers and credential query parameters, all
 * of them, so that two (Cloudflare's and the provider's) both count. SigV4 counts by access key id, region and
 * service, since its signature changes with every call. One fixed digest where there is no credential. `row` names
 * the provider's own credential headers; they are in `headers.credentials` already when that was read with the row.
 */
export function credentialDigest(headers: RequestHeaders, search: string, row: ProviderRow): string {
  return digest(lengthPrefixed([...credentialParts(headers, search), ...ownCredentials(headers, row)]))
}

/** They hold secrets: only ever to be hashed. */
function credentialParts(headers: RequestHeaders, search: string): string[] {
  const parts: string[] = []
  for (const [name, value] of headers.credentials) parts.push(name, stablePart(value))
  for (const [name, value] of queryCredentials(search)) parts.push(`?${name}`, value)
  return parts
}

/** Covers headers that were read with another row than the one given. */
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
 * What stays the same of a credential header's value from call to call: of SigV4 the scope without its date,
 * `AKID/region/service`; of any other the value.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
 */
export function stablePart(value: string): string {
  if (!value.startsWith('AWS4-')) return value
  const scope = SIGV4.exec(value)?.[1]
  return scope === undefined ? value : scope.replace(/\/\d{8}\//, '/')
}
