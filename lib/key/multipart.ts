import { isUtf8 } from 'node:buffer'
import { MIMEType } from 'node:util'
import type { JsonObject } from '../base/json.ts'
import { bufferOf } from '../base/bytes.ts'
import { lengthPrefixed } from '../base/digest.ts'
import { digestSliced } from './sliced-hash.ts'

/** A parsed multipart body. */
export interface MultipartForm {
  /** Its parts in order: for each the original head (name, file name, type), and the digest of its content. */
  readonly canonical: string
  /** Text fields by name; the last of several with the same name. */
  readonly fields: JsonObject
}

/** No SDK writes longer heads, and no longer field matters. */
const MAX_HEAD = 16 * 1024
const MAX_FIELD = 64 * 1024

/**
 * Reads a `multipart/form-data` body (RFC 7578, RFC 2046 section 5.1), so that its random boundary does not count.
 * `undefined` if there is any doubt about where its parts begin and end.
 *
 * Not by `Response.formData()`, which blocks the event loop for 60 ms over 25 MB of audio (this takes 5 ms), and loses
 * bytes that are not UTF-8.
 *
 * @param contentType the whole header, with the boundary.
 */
export async function readMultipart(body: Uint8Array, contentType: string): Promise<MultipartForm | undefined> {
  const boundary = readBoundary(contentType)
  const parts = boundary === undefined ? undefined : splitParts(bufferOf(body), boundary)
  if (parts === undefined) return undefined
  const canonical: string[] = []
  const fields: [string, string][] = []
  for (const { head, content } of parts) {
    canonical.push(head, await digestSliced(content))
    const name = fieldName(head)
    if (name !== undefined && content.length <= MAX_FIELD && isUtf8(content))
      fields.push([name, content.toString('utf8')])
  }
  return { canonical: lengthPrefixed(canonical), fields: Object.fromEntries(fields) }
}

function readBoundary(contentType: string): string | undefined {
  try {
    const boundary = new MIMEType(contentType).params.get('boundary')
    return boundary === null || boundary === '' ? undefined : boundary
  } catch {
    return undefined
  }
}

interface Part {
  /** Header lines, as Latin-1, which preserves every byte. */
  readonly head: string
  readonly content: Buffer
}

function splitParts(body: Buffer, boundary: string): Part[] | undefined {
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1')
  // The first delimiter has no line end before it.
  if (!body.subarray(0, delimiter.length - 2).equals(delimiter.subarray(2))) return undefined
  const parts: Part[] = []
  let at = delimiter.length - 2
  while (!isAt(body, at, '--')) {
    if (!isAt(body, at, '\r\n')) return undefined
    const headEnd = body.indexOf('\r\n\r\n', at)
    const end = headEnd === -1 || headEnd - at > MAX_HEAD ? -1 : body.indexOf(delimiter, headEnd + 2)
    if (end === -1) return undefined
    // If the content is empty, the delimiter's line end is the empty line that ends the head.
    const content = body.subarray(Math.min(headEnd + 4, end), end)
    const head = body.toString('latin1', at + 2, headEnd)
    if (head.includes(`--${boundary}`)) return undefined
    parts.push({ head, content })
    at = end + delimiter.length
  }
  const rest = body.subarray(at + 2).toString('latin1')
  return rest === '' || rest === '\r\n' ? parts : undefined
}

function isAt(body: Buffer, at: number, text: string): boolean {
  return body.toString('latin1', at, at + text.length) === text
}

const NAME = /^content-disposition:[^\r\n]*[; ]name="([^"\r\n]*)"/im
const FILE = /^content-disposition:[^\r\n]*[; ]filename\*?=/im

/** The name of a text field; `undefined` for a file. */
function fieldName(head: string): string | undefined {
  return FILE.test(head) ? undefined : NAME.exec(head)?.[1]
}
