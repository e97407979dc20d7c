import { isObject, parseJson } from '../base/json.ts'
import { readMeta, type StoredRecord } from './codec.ts'

/** Raised when an older reader would misread a line. */
const VERSION = 1

/** Why a line of an import was skipped. */
export type ImportRefusal =
  /** It is not a JSON object. */
  | 'not-json'
  /** It is a JSON object, but not one that an export writes. */
  | 'not-an-entry'
  /** A later version of this package wrote it. */
  | 'later-version'
  /** It is longer than twice `maxEntrySize`. */
  | 'too-large'
  /** Its bytes don't belong to its metadata, or have changed. */
  | 'damaged'
  /** Its time is over: `keptUntil` has passed. */
  | 'expired'
  /** It is sealed, and this cache has no store that could open it. */
  | 'sealed'
  /** The store did not take it. */
  | 'store'

/** One record as a line of JSON, with its end. */
export function writeRecordLine({ meta, payload }: StoredRecord): string {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length)
  return `{"version":${VERSION},"meta":${meta},"payload":"${bytes.toString('base64')}"}\n`
}

/** The record in a line, or why it has none. */
export function readRecordLine(line: string): StoredRecord | ImportRefusal {
  const value = parseJson(line)
  if (!isObject(value)) return 'not-json'
  const { version, meta, payload } = value
  if (typeof version === 'number' && version > VERSION) return 'later-version'
  if (version !== VERSION || typeof payload !== 'string') return 'not-an-entry'
  // The payload is bound to this text: JSON.stringify gives the same for what it has written itself.
  const text = JSON.stringify(meta ?? null)
  if (readMeta(text) === undefined) return 'not-an-entry'
  // A copy, because small Buffers share memory, and this one may be transferred.
  return { meta: text, payload: new Uint8Array(Buffer.from(payload, 'base64')) }
}
