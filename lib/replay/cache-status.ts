import type { CacheStatus } from '../base/reasons.ts'
import { type Head, withHeaders, withoutFields } from '../undici/head.ts'

/** What our own header fields say of one answer. */
export interface Told {
  readonly status: CacheStatus
  /** Absent on BYPASS. */
  readonly key: string | undefined
  /** Parameters of `cache-status` after our name (RFC 9211), in order. */
  readonly parameters: readonly string[]
  /** Further fields, name after value: a dialect's, `age` … */
  readonly extra: readonly string[]
}

/**
 * A head with our fields: `x-llm-cache`, `x-llm-cache-key` and `cache-status` (RFC 9211), which goes behind what caches
 * nearer to the provider said. Fields of ours that came from there (another cache of this kind) give way.
 */
export function addStatusFields(head: Head, told: Told): Head {
  const own = ['x-llm-cache', told.status]
  const parameters = [...told.parameters]
  if (told.key !== undefined) {
    own.push('x-llm-cache-key', told.key)
    parameters.push(`key="${told.key}"`)
  }
  own.push('cache-status', ['undici-llm-cache', ...parameters].join('; '), ...told.extra)
  return withHeaders(head, (headers) => {
    const kept = withoutFields(headers, (name) => name.startsWith('x-llm-cache'))
    kept.push(...own)
    return kept
  })
}

/**
 * `detail` of `cache-status`: a token where it can be one, else a quoted string (RFC 8941 section 3.3.3), ASCII only.
 */
export function detail(text: string): string {
  if (/^[A-Za-z*][A-Za-z0-9!#$%&'*+\-.^_`|~:/]*$/.test(text)) return `detail=${text}`
  return `detail="${text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')}"`
}
