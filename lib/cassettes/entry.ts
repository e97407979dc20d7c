import type { MutableJson } from '../base/json.ts'

/**
 * White space of JSON: `indented` by two spaces (OpenAI's answers), `spaced` after colons and commas (Python servers),
 * with a `newline` at the end. Absent for JSON without white space (as SDKs send it).
 */
export type JsonLayout = 'indented' | 'spaced' | 'newline' | 'indented newline' | 'spaced newline'

/** A body in a cassette: one of `json`, `text` and `base64`, or none if it is empty. */
export interface RecordedBody {
  /** JSON that restores the same bytes. */
  json?: MutableJson
  /** White space of `json`. */
  layout?: JsonLayout
  /** Any other text. */
  text?: string
  /** Bytes that are not UTF-8 text. */
  base64?: string
}

/** A part of a stream: an event, a line, or a chunk of anything else. */
export interface StreamPart extends RecordedBody {
  /**
   * Milliseconds between the previous chunk (or the head) and the chunk that starts with this part. Absent if the part
   * arrived in the same chunk as the one before it.
   */
  gap?: number
  /** `event:` of a server-sent event. */
  event?: string
  /** `id:` of a server-sent event. */
  id?: string
  /** `data:` of a server-sent event that is not JSON (`[DONE]`). */
  data?: string
  /** Whether the lines of a server-sent event end with CR and LF (Gemini). */
  crlf?: true
}

/** A call as sent, without credentials and without what redaction removed. */
export interface CassetteRequest extends RecordedBody {
  /** The headers that count for matching, by lower-case name. */
  headers: Record<string, string>
}

/** An answer, without cookies and headers of the connection. */
export interface CassetteResponse extends RecordedBody {
  status: number
  /** Only if it is not the standard phrase of the status. */
  statusText?: string
  /** By lower-case name; repeated fields in an array. */
  headers: Record<string, string | string[]>
  /** Server-sent events. */
  events?: StreamPart[]
  /** Lines of JSON (Ollama). */
  lines?: StreamPart[]
  /** Chunks of any other stream. */
  chunks?: StreamPart[]
}

/** One recorded answer: one line of a cassette. */
export interface CassetteEntry {
  method: string
  /** Without credentials; account ids are placeholders. */
  url: string
  /** 16 hex digits of the key without the credential: equal calls have equal keys. */
  key: string
  /** Index of this answer among those to equal calls, from 0 on. */
  ordinal: number
  /** When it was recorded, ISO 8601. */
  recordedAt: string
  request: CassetteRequest
  response: CassetteResponse
}

/** The members that identify an entry in reports. */
export type EntryName = Pick<CassetteEntry, 'method' | 'url' | 'key' | 'ordinal'>

/** Names an entry in reports and errors. */
export function nameOf({ method, url, key, ordinal }: EntryName): string {
  return `${method} ${url} (key ${key}, ordinal ${ordinal})`
}

/**
 * Seconds since an entry was recorded, at `now` milliseconds since the epoch. Rounded up, so that an entry counts as
 * older than a number of seconds even if it is so by a millisecond. NaN if its date can't be read.
 */
export function ageOf({ recordedAt }: Pick<CassetteEntry, 'recordedAt'>, now: number): number {
  return Math.ceil((now - Date.parse(recordedAt)) / 1000)
}
