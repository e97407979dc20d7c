// RFC 9110 sections 8.4, 8.6 and 8.8.3; RFC 9530
const FIELDS: ReadonlySet<string> = new Set(
  'content-encoding content-length content-md5 content-digest repr-digest digest etag'.split(' '),
)

/**
 * Whether a header field (lower-case name) describes a body's exact bytes, and so would be wrong for a changed body.
 */
export function isOfBytes(name: string): boolean {
  return FIELDS.has(name)
}
