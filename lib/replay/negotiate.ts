import type { Entry } from '../stores/entry.ts'
import { headerOf, withHeaders, withoutFields } from '../undici/head.ts'
import { codingsOf, decode } from '../wire/codings.ts'

/** Whether an `accept-encoding` accepts a coding (RFC 9110 section 12.5.3). Without that header, none is accepted. */
export function accepts(acceptEncoding: string | undefined, coding: string): boolean {
  let any = false
  for (const item of (acceptEncoding ?? '').split(',')) {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase())
    const isRefused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
    if (name === coding || `x-${name}` === coding) return !isRefused
    if (name === '*') any = !isRefused
  }
  return any
}

/**
 * The entry in a form that the caller accepts: as stored, if the caller has the same `accept-encoding` as the first
 * one, or accepts the coding; otherwise decoded, in one chunk.
 *
 * @throws if the stored bytes do not decode within `maxSize` bytes.
 */
export function negotiate(entry: Entry, acceptEncoding: string | undefined, maxSize: number): Entry {
  if ((acceptEncoding ?? '') === entry.acceptEncoding) return entry
  const codings = codingsOf(headerOf(entry.headers, 'content-encoding'))
  if (codings.every((coding) => accepts(acceptEncoding, coding))) return entry
  return plain(entry, maxSize)
}

/**
 * The entry decoded, in one chunk; unchanged if it has no coding, or an unknown one. The bytes may end before their
 * coding does: decoded they are complete, while some readers treat them as a broken answer (fetch does for zstd).
 *
 * @throws if the stored bytes do not decode within `maxSize` bytes.
 */
export function plain(entry: Entry, maxSize: number): Entry {
  const codings = codingsOf(headerOf(entry.headers, 'content-encoding'))
  const body = codings.length === 0 ? undefined : decode(entry.body, codings, maxSize)
  if (body === undefined) return entry
  const decodedEntry = withHeaders(entry, (headers) => withoutFields(headers, isOfCoding))
  return { ...decodedEntry, body, size: body.length, ends: new Uint32Array(), gaps: undefined }
}

function isOfCoding(name: string): boolean {
  return name === 'content-encoding' || name === 'content-length'
}
