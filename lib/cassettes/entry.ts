import type { MutableJson } from '../base/json.ts'

/**
 * How JSON was laid out: `indented` by two spaces (OpenAI's answers), `spaced` behind colons and commas (Python servers), with
 * a `newline` at the end. Without one: without any white space (what SDKs send).
 */
export type JsonLayout = 'indented' | 'spaced' | 'newline' | 'indented newline' | 'spaced newline'

/** A body as a cassette shows it: one of `json`, `text` and `base64`, or none where there are no bytes. */
export interface RecordedBody {
  /** JSON that reads back to the same bytes. */
  json?: MutableJson
  layout?: JsonLayout
  /** Any other text. */
  text?: string
  /** Bytes that are no UTF-8 text. */
  base64?: string
}

/** One piece of a stream: an event, a line, or whatever else came in one chunk. */
export interface StreamPart extends RecordedBody {
  /**
   * Milliseconds between the chunk before (or the head) and the chunk that begins with this part. A part without a gap came
   * in the same chunk as the one before it.
   */
  gap?: number
  /** `event:` of a server-sent event. */
  event?: string
  /** `id:` of a server-sent event. */
  id?: string
  /** `data:` of a server-sent event that is no JSON (`[DONE]`). */
  data?: string
  /** Whether the lines of a server-sent event end with CR and LF (Gemini). */
  crlf?: true
}

/** A call as it was sent, less credentials and what redaction took out. */
export interface CassetteRequest extends RecordedBody {
  /** The headers that count when a call is matched, by lower-case name. */
  headers: Record<string, string>
}

/** An answer, less cookies and fields of the connection. */
export interface CassetteResponse extends RecordedBody {
  status: number
  /** Where it is not the status's usual one. */
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
  /** The n-th answer to equal calls, from 0 on. */
  ordinal: number
  /** When it was recorded, ISO 8601. */
  recordedAt: string
  request: CassetteRequest
  response: CassetteResponse
}

/** What names an entry in reports. */
export type EntryName = Pick<CassetteEntry, 'method' | 'url' | 'key' | 'ordinal'>

/** How reports and errors spell an entry. */
export function nameOf({ method, url, key, ordinal }: EntryName): string {
  return `${method} ${url} (key ${key}, ordinal ${ordinal})`
}
