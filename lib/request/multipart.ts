import type { JsonObject } from '../providers/provider.ts'
import { frame } from './frame.ts'
import { digestSliced } from './sliced.ts'

/** A multipart body, taken apart. */
export interface MultipartForm {
  /** Its parts in order, framed: name and text; of a file also its name, its type and the digest of its content. */
  readonly canonical: string
  /** Text fields by name; of several with one name the last. */
  readonly fields: JsonObject
}

/**
 * Reads a `multipart/form-data` body (RFC 7578) so that its random boundary does not count. `undefined` where it does
 * not parse, or where decoding its text may have lost something.
 *
 * @param contentType the whole header, with the boundary.
 */
export async function readMultipart(body: Uint8Array, contentType: string): Promise<MultipartForm | undefined> {
  const form = await parse(body, contentType)
  if (form === undefined) return undefined
  const parts: string[] = []
  const fields: [string, string][] = []
  for (const [name, value] of form) {
    if (typeof value === 'string') {
      if (isLossy(name) || isLossy(value)) return undefined
      parts.push('text', name, value)
      fields.push([name, value])
    } else {
      if (isLossy(name) || isLossy(value.name)) return undefined
      const content = await digestSliced(new Uint8Array(await value.arrayBuffer()))
      parts.push('file', name, value.name, value.type, content)
    }
  }
  return { canonical: frame(parts), fields: Object.fromEntries(fields) }
}

async function parse(body: Uint8Array, contentType: string): Promise<FormData | undefined> {
  try {
    // No request body is shared memory, and a copy of 25 MB of audio costs 5 ms.
    const bytes = body as Uint8Array<ArrayBuffer>
    return await new Response(bytes, { headers: { 'content-type': contentType } }).formData()
  } catch {
    return undefined
  }
}

/** The decoder puts U+FFFD for every byte that is no UTF-8: two different texts could look equal. */
function isLossy(text: string): boolean {
  return text.includes('\uFFFD')
}
