import { isUtf8 } from 'node:buffer'
import type { MutableJson } from '../base/json.ts'
import type { JsonLayout, RecordedBody } from './entry.ts'

/** A body in the most readable form that restores the same bytes. */
export function recordBody(bytes: Uint8Array): RecordedBody {
  if (bytes.length === 0) return {}
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return isUtf8(buffer) ? recordText(buffer.toString('utf8')) : { base64: buffer.toString('base64') }
}

/** A text as JSON if that restores the same text, otherwise as text. */
function recordText(text: string): RecordedBody {
  return recordJson(text) ?? { text }
}

/** The JSON value of a text and its layout; `undefined` if these don't restore the same text. */
export function recordJson(text: string): Pick<RecordedBody, 'json' | 'layout'> | undefined {
  const json = parseContainer(text)
  if (json === undefined) return undefined
  if (JSON.stringify(json) === text) return { json }
  const layout = LAYOUTS.find((one) => writeJson(json, one) === text)
  return layout && { json, layout }
}

/** Parses objects and arrays only: a number or a word is more readable as text. */
function parseContainer(text: string): MutableJson | undefined {
  if (!text.startsWith('{') && !text.startsWith('[')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const LAYOUTS: readonly JsonLayout[] = ['indented', 'spaced', 'newline', 'indented newline', 'spaced newline']

/** The text of a JSON value. */
export function writeJson(json: MutableJson, layout: JsonLayout | undefined): string {
  switch (layout) {
    case undefined:
      return JSON.stringify(json)
    case 'newline':
      return `${JSON.stringify(json)}\n`
    case 'indented':
      return JSON.stringify(json, undefined, 2)
    case 'indented newline':
      return `${JSON.stringify(json, undefined, 2)}\n`
    case 'spaced':
      return writeSpaced(json)
    case 'spaced newline':
      return `${writeSpaced(json)}\n`
    default:
      return layout satisfies never
  }
}

/** As Python's `json.dumps` writes it. */
function writeSpaced(json: MutableJson): string {
  if (Array.isArray(json)) return `[${json.map(writeSpaced).join(', ')}]`
  if (typeof json !== 'object' || json === null) return JSON.stringify(json)
  const members = Object.entries(json).map(([name, value]) => `${JSON.stringify(name)}: ${writeSpaced(value)}`)
  return `{${members.join(', ')}}`
}

/** The bytes of a recorded body. */
export function bytesOfBody({ json, layout, text, base64 }: RecordedBody): Buffer {
  if (json !== undefined) return Buffer.from(writeJson(json, layout))
  return base64 === undefined ? Buffer.from(text ?? '') : Buffer.from(base64, 'base64')
}
