import type { CacheStatus } from '../base/reasons.ts'
import { type Head, withHeaders, withoutFields } from '../undici/head.ts'

/** The content of our own header fields for one answer. */
export interface StatusFields {
  readonly status: CacheStatus
  /** Absent on BYPASS. */
  readonly key: string | undefined
  /** Parameters of `cache-status` after our name (RFC 9211), in order. */
  readonly parameters: readonly string[]
  /** Additional fields: name, value, name, value … */
  readonly extra: readonly string[]
}

/**
 * A head with our fields: `x-llm-cache`, `x-llm-cache-key` and `cache-status` (RFC 9211). The last is appended to those
 * of caches nearer to the provider. Our fields from another cache of this kind are replaced.
 */
export function addStatusFields(head: Head, fields: StatusFields): Head {
  const own = ownFields(fields)
  return withHeaders(head, (headers) => {
    const kept = withoutFields(headers, isOwn)
    kept.push(...own)
    return kept
  })
}

function isOwn(name: string): boolean {
  return name.startsWith('x-llm-cache')
}

function ownFields({ status, key, parameters, extra }: StatusFields): string[] {
  let told = 'undici-llm-cache'
  for (const parameter of parameters) told += `; ${parameter}`
  if (key === undefined) return ['x-llm-cache', status, 'cache-status', told, ...extra]
  return ['x-llm-cache', status, 'x-llm-cache-key', key, 'cache-status', `${told}; key="${key}"`, ...extra]
}

const DETAIL = 'detail='

/** Whether a parameter of `cache-status` is the `detail`. */
export function isDetail(parameter: string): boolean {
  return parameter.startsWith(DETAIL)
}

/** The text of a `detail`. */
export function detailText(parameter: string): string {
  return parameter.slice(DETAIL.length).replaceAll('"', '')
}

/** Adds a note to `detail`. There can be only one: of two, readers keep the last (RFC 8941 section 3.1.2). */
export function addDetail(parameters: readonly string[], note: string): readonly string[] {
  const at = parameters.findIndex(isDetail)
  if (at === -1) return [...parameters, detail(note)]
  return parameters.with(at, detail(`${detailText(parameters[at] ?? '')}+${note}`))
}

/**
 * `detail` of `cache-status`: a token if possible, otherwise a quoted string (RFC 8941 section 3.3.3). Characters other
 * than ASCII become `?`.
 */
export function detail(text: string): string {
  if (/^[A-Za-z*][A-Za-z0-9!#$%&'*+\-.^_`|~:/]*$/.test(text)) return `detail=${text}`
  return `detail="${text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')}"`
}
