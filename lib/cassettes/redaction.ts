import { LlmCacheError } from '../base/errors.ts'
import { isObject, type MutableJson } from '../base/json.ts'
import { type FieldPath, parseFieldPath, visitFields } from '../key/field-paths.ts'
import type { CassetteEntry, CassetteResponse, StreamPart } from './entry.ts'
import type { MatchedCall } from './keys.ts'
import { replaceStreamed, streamedTexts } from './streamed-text.ts'

/** The app's own redaction: `redact` and `redactFields`. */
export interface RedactionOptions {
  /**
   * Changes what is recorded. It gets a copy of an entry, which it may change, and returns the entry to keep. It is
   * called twice for each call: before the call is matched (with an empty response, whose status is 0), and when it has
   * been answered.
   */
  readonly redact: ((entry: CassetteEntry) => CassetteEntry) | undefined
  /** Body paths whose values are replaced, in requests and in answers: `user`, `messages[*].name`. */
  readonly redactFields: readonly string[]
}

/** A call after redaction. */
export interface RedactedCall extends Readonly<MatchedCall> {
  /** Texts that `redactFields` removed, which an answer may echo. */
  readonly removed: ReadonlySet<string>
}

/** Removes from calls and answers what must not be kept, not even in a digest. */
export interface Redaction {
  /** @throws LlmCacheError `ERR_LLM_CACHE_CALLBACK` if `redact` throws or returns no entry. */
  call(call: MatchedCall): RedactedCall
  /** The answer to a redacted call. Throws as `call` does. */
  response(call: RedactedCall, entry: CassetteEntry): CassetteResponse
}

/** Placeholder for a value that `redactFields` removed. */
const REDACTED = '[redacted]'

/** Characters. A shorter text may be in an answer by chance. */
const MIN_ECHO = 6

/**
 * Creates a redaction.
 *
 * @throws TypeError for a wrong path in `redactFields`.
 */
export function createRedaction({ redact, redactFields }: RedactionOptions): Redaction {
  const paths = redactFields.map(parseFieldPath)
  return {
    call({ method, url, request }) {
      const removed = new Set<string>()
      const kept = { ...request }
      redactPaths(kept, paths, removed)
      const call = { method, url, request: kept, removed }
      if (redact === undefined) return call
      const entry = callRedact(redact, { method, url, ...UNNAMED, request: kept, response: { status: 0, headers: {} } })
      return { method: entry.method, url: entry.url, request: entry.request, removed }
    },
    response(call, entry) {
      redactAnswer(entry.response, paths, call.removed)
      return redact === undefined ? entry.response : callRedact(redact, entry).response
    },
  }
}

const UNNAMED = { key: '', ordinal: 0, recordedAt: '' }

function callRedact(redact: (entry: CassetteEntry) => unknown, entry: CassetteEntry): CassetteEntry {
  let result: unknown
  try {
    result = redact(structuredClone(entry))
  } catch (cause) {
    throw new LlmCacheError('ERR_LLM_CACHE_CALLBACK', 'the option `redact` threw', { cause })
  }
  if (isRedacted(result)) return result
  throw new LlmCacheError('ERR_LLM_CACHE_CALLBACK', 'the option `redact` returned no entry')
}

/** Checks only the members that the package reads: an app may add its own. */
function isRedacted(value: unknown): value is CassetteEntry {
  if (!isObject(value) || typeof value.method !== 'string' || !URL.canParse(String(value.url))) return false
  const { request, response } = value
  if (!isObject(request) || !isObject(response)) return false
  return isObject(request.headers) && isObject(response.headers) && typeof response.status === 'number'
}

/**
 * Replaces the values at the paths of a JSON body, including one that is kept as text, and collects the replaced texts.
 */
function redactPaths(body: StreamPart, paths: readonly FieldPath[], removed: Set<string> | undefined): void {
  if (paths.length === 0) return
  const json = structuredClone(body.json) ?? parsedText(body)
  if (json === undefined || !replaceAt(json, paths, removed)) return
  delete body.text
  delete body.data
  body.json = json
}

function parsedText({ text, data }: StreamPart): MutableJson | undefined {
  const json = text ?? data
  if (json === undefined) return undefined
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/** Replaces values; returns whether there were any. */
function replaceAt(json: MutableJson, paths: readonly FieldPath[], removed: Set<string> | undefined): boolean {
  let found = false
  for (const path of paths) {
    visitFields(json, path, (holder, name) => {
      if (removed !== undefined) collectTexts(holder[name], removed)
      holder[name] = REDACTED
      found = true
    })
  }
  return found
}

function collectTexts(value: MutableJson | undefined, into: Set<string>): void {
  if (typeof value === 'string') {
    if (value.length >= MIN_ECHO) into.add(value)
  } else if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) collectTexts(inner, into)
  }
}

/** Providers echo parts of a request: as a member of the answer, or of the `response` inside an event. */
function redactAnswer(response: CassetteResponse, paths: readonly FieldPath[], removed: ReadonlySet<string>): void {
  if (paths.length === 0) return
  const nested = paths.map((path) => ['response', ...path])
  const { events = [], lines = [], chunks = [] } = response
  for (const body of [response, ...events, ...lines, ...chunks]) {
    redactPaths(body, [...paths, ...nested], undefined)
    for (const text of removed) replaceText(body, text)
  }
  // A model that repeats a text streams it in pieces.
  for (const text of removed) for (const one of streamedTexts(response)) replaceStreamed(one, text, REDACTED)
}

function replaceText(body: StreamPart, text: string): void {
  const escaped = JSON.stringify(text).slice(1, -1)
  if (body.json !== undefined) body.json = JSON.parse(JSON.stringify(body.json).replaceAll(escaped, REDACTED))
  if (body.data !== undefined) body.data = body.data.replaceAll(text, REDACTED)
  if (body.text !== undefined) body.text = body.text.replaceAll(text, REDACTED).replaceAll(escaped, REDACTED)
}
