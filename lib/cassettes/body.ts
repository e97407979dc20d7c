import { isUtf8 } from 'node:buffer'
import type { MutableJson } from '../base/json.ts'
import type { RecordedBody } from './entry.ts'

/** Bytes in the most readable form that gives the very same bytes back. */
export function recordBody(bytes: Uint8Array): RecordedBody {
  if (bytes.length === 0) return {}
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!isUtf8(buffer)) return { base64: buffer.toString('base64') }
  return recordText(buffer.toString('utf8'))
}

/** A text as JSON where that gives the same text back, else as it is. */
export function recordText(text: string): RecordedBody {
  const json = exactJson(text)
  return json === undefined ? { text } : { json }
}

/** The JSON value of a text that was written without white space; `undefined` where it would not read back the same. */
export function exactJson(text: string): MutableJson | undefined {
  // Only objects and arrays: a bare number or word reads better as the text that it is.
  if (!text.startsWith('{') && !text.startsWith('[')) return undefined
  try {
    const value: MutableJson = JSON.parse(text)
    return JSON.stringify(value) === text ? value : undefined
  } catch {
    return undefined
  }
}

/** The bytes of a recorded body. */
export function bytesOfBody({ json, text, base64 }: RecordedBody): Buffer {
  if (json !== undefined) return Buffer.from(JSON.stringify(json))
  return base64 === undefined ? Buffer.from(text ?? '') : Buffer.from(base64, 'base64')
}
