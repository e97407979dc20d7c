import { headerOf, withoutFields } from '../undici/head.ts'

// Fields about a connection, one caller or one moment (RFC 9110 section 7.6.1, RFC 9111 section 3.1).
const NEVER_STORED = new Set([
  'age',
  'authentication-info',
  'cache-status',
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-connection',
  'retry-after',
  'retry-after-ms',
  'set-cookie',
  'set-cookie2',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'www-authenticate',
  'x-should-retry',
])
const NEVER_STORED_PATTERN = /rate-?limit|^x-llm-cache|^x-openrouter-cache|^x-amzn-remapped-/

/**
 * The headers of an answer that may be stored: no cookies, credentials, rate limits, or headers about the connection.
 */
export function storableHeaders(headers: readonly string[]): string[] {
  const listed = headerOf(headers, 'connection')
    ?.toLowerCase()
    .split(/\s*,\s*/)
  return withoutFields(
    headers,
    (name) => NEVER_STORED.has(name) || NEVER_STORED_PATTERN.test(name) || listed?.includes(name) === true,
  )
}
