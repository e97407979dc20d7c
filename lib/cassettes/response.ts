import { STATUS_CODES } from 'node:http'
import type { LiveRecording } from '../replay/live-recording.ts'
import type { Entry } from '../stores/entry.ts'
import { type Head, headerOf, toHeaderRecord } from '../undici/head.ts'
import { ACCOUNT, isAccountHeader } from './accounts.ts'
import { bytesOfBody, recordBody } from './body.ts'
import type { CassetteResponse } from './entry.ts'
import { type Chunk, chunksOf, recordStream, type StreamKind } from './stream.ts'

// Fields of a connection (RFC 9110 section 7.6.1), what other caches said, and cookies.
const NEVER_RECORDED =
  /^(age|authentication-info|cache-status|connection|keep-alive|proxy-.*|set-cookie2?|te|trailer|transfer-encoding|upgrade|x-llm-cache.*)$/

/** The headers of an answer as kept in a cassette: as the app saw them, except those that are never recorded. */
function recordHeaders(headers: readonly string[], isDecoded: boolean): CassetteResponse['headers'] {
  const listed = (headerOf(headers, 'connection') ?? '').toLowerCase().split(/\s*,\s*/)
  const kept = Object.entries(toHeaderRecord(headers)).filter(([name]) => {
    if (isDecoded && /^content-(encoding|length)$/.test(name)) return false
    return !NEVER_RECORDED.test(name) && !listed.includes(name)
  })
  return Object.fromEntries(kept.map(([name, value]) => [name, isAccountHeader(name) ? ACCOUNT : value]))
}

/** Facts about an answer that are not in its bytes. */
export interface AnswerShape {
  readonly head: Head
  /** Whether a content coding was undone. */
  readonly isDecoded: boolean
  /** Whether the call asked for a stream. */
  readonly isStream: boolean
}

/** An answer as written to a cassette. */
export function recordResponse(
  recording: Pick<LiveRecording, 'bytes'>,
  { head, isDecoded, isStream }: AnswerShape,
): CassetteResponse {
  const { status, statusText } = head
  const response: CassetteResponse = { status, headers: recordHeaders(head.headers, isDecoded) }
  if (statusText !== '' && statusText !== STATUS_CODES[status]) response.statusText = statusText
  const kind = streamKind(headerOf(head.headers, 'content-type'), isStream)
  const played = recording.bytes(kind !== undefined)
  if (kind === undefined) return Object.assign(response, recordBody(played.body))
  response[kind] = recordStream(chunksOfBytes(played), kind)
  return response
}

function streamKind(contentType: string | undefined, isStream: boolean): StreamKind | undefined {
  const type = (contentType ?? '').split(';', 1).join('').trim().toLowerCase()
  if (type === 'text/event-stream') return 'events'
  if (/^application\/(x-ndjson|ndjson|x-jsonlines|jsonlines|jsonl|stream\+json)$/.test(type)) return 'lines'
  return isStream || type === 'application/vnd.amazon.eventstream' ? 'chunks' : undefined
}

type PlayedBytes = Pick<Entry, 'body' | 'ends' | 'gaps'>

function chunksOfBytes({ body, ends, gaps }: PlayedBytes): Chunk[] {
  if (ends.length === 0) return body.length === 0 ? [] : [{ bytes: body, gap: gaps?.[0] ?? 0 }]
  return Array.from(ends, (end, at) => ({ bytes: body.subarray(ends[at - 1] ?? 0, end), gap: gaps?.[at] ?? 0 }))
}

/** An answer ready to be played. */
export interface PlayableAnswer extends PlayedBytes {
  readonly head: Head
}

/**
 * A recorded answer ready to be played, with its original bytes and chunk boundaries.
 *
 * @param atOnce whether `retry-after` becomes 0, so that an SDK does not wait before it repeats the call.
 */
export function playable(response: CassetteResponse, atOnce: boolean): PlayableAnswer {
  const { events, lines, chunks } = response
  const kind = events ? 'events' : lines ? 'lines' : 'chunks'
  const parts = events ?? lines ?? chunks
  const played = parts === undefined ? [{ bytes: bytesOfBody(response), gap: 0 }] : chunksOf(parts, kind)
  const body = Buffer.concat(played.map(({ bytes }) => bytes))
  let end = 0
  return {
    head: headOf(response, body.length, atOnce),
    body,
    ends: parts === undefined ? new Uint32Array() : Uint32Array.from(played, ({ bytes }) => (end += bytes.length)),
    gaps: Uint32Array.from(played, ({ gap }) => gap),
  }
}

function headOf({ status, statusText, headers }: CassetteResponse, size: number, atOnce: boolean): Head {
  const flat: string[] = []
  for (const [name, value] of Object.entries(headers)) {
    for (const one of Array.isArray(value) ? value : [value]) flat.push(name, played(name, one, size, atOnce))
  }
  return { status, statusText: statusText ?? STATUS_CODES[status] ?? '', headers: flat }
}

function played(name: string, value: string, size: number, atOnce: boolean): string {
  // Redaction may have changed the length. (The answer to a HEAD has one, and no body.)
  if (name === 'content-length' && size > 0) return String(size)
  return atOnce && /^retry-after(-ms)?$/.test(name) ? '0' : value
}
