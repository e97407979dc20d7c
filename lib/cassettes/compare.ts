import { isObject, type MutableJson } from '../base/json.ts'
import type { CassetteEntry, CassetteResponse, EntryName } from './entry.ts'
import type { EntryLine } from './file-format.ts'
import { createKeys } from './keys.ts'
import { createCassetteScope } from './scope.ts'

/** Kinds of differences, most serious first. */
const SEVERITIES = ['missing', 'new', 'status', 'tool calls', 'text', 'other'] as const

/** One of {@link SEVERITIES}: an entry that only one recording has, or a part in which two answers differ. */
export type Severity = (typeof SEVERITIES)[number]

/** One difference between two recordings of a call. */
export interface Change {
  readonly severity: Severity
  readonly name: EntryName
  /** Where in the answer: `choices[0].message.content`, `header content-type`; `''` for the answer as a whole. */
  readonly path: string
  readonly before: string
  readonly after: string
}

/** What is equal in two recordings, and what differs. */
export interface Comparison {
  /** Worst first. */
  readonly changes: readonly Change[]
  /** Number of calls whose answers are equal except for ids, times and volatile headers. */
  readonly same: number
}

/**
 * Compares two cassettes call by call. Of several equal calls, the first is compared with the first, the second with
 * the second.
 */
export async function compareCassettes(before: readonly EntryLine[], after: readonly EntryLine[]): Promise<Comparison> {
  const old = await byCall(before)
  const changes: Change[] = []
  let same = 0
  for (const [call, entry] of await byCall(after)) {
    const recorded = old.get(call)
    old.delete(call)
    if (recorded === undefined) changes.push(whole('new', entry))
    else {
      const found = compareAnswers(recorded, entry)
      changes.push(...found)
      if (found.length === 0) same++
    }
  }
  for (const entry of old.values()) changes.push(whole('missing', entry))
  return { changes: changes.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity)), same }
}

/** Entries by call. Keys are computed anew, since another version of this package may have written the file. */
async function byCall(lines: readonly EntryLine[]): Promise<Map<string, CassetteEntry>> {
  const scope = createCassetteScope({ hosts: [], providers: [], also: [] })
  const keys = createKeys(scope, { ignoreFields: [], ignoreHeaders: [] })
  const calls = new Map<string, CassetteEntry>()
  const counts = new Map<string, number>()
  for (const line of lines.toSorted((left, right) => left.ordinal - right.ordinal)) {
    const entry = line.read()
    const key = await keys.of(entry)
    const count = counts.get(key) ?? 0
    counts.set(key, count + 1)
    calls.set(`${key} ${count}`, entry)
  }
  return calls
}

function whole(severity: Severity, entry: CassetteEntry): Change {
  return { severity, name: nameAlone(entry), path: '', before: '', after: '' }
}

/** Without the call and its answer, which would be printed for each change. */
function nameAlone({ method, url, key, ordinal }: EntryName): EntryName {
  return { method, url, key, ordinal }
}

function compareAnswers(before: CassetteEntry, after: CassetteEntry): Change[] {
  const changes: Change[] = []
  const name = nameAlone(after)
  const add = (severity: Severity, path: string, [old, now]: readonly [string, string]): void => {
    if (old !== now) changes.push({ severity, name, path, before: old, after: now })
  }
  add('status', '', [String(before.response.status), String(after.response.status)])
  const old = leavesOf(before.response)
  const now = leavesOf(after.response)
  for (const path of new Set([...old.keys(), ...now.keys()])) {
    if (!isVolatile(path)) add(severityOf(path), path, [old.get(path) ?? '', now.get(path) ?? ''])
  }
  return changes
}

/** Members and headers that differ from call to call: ids, times, random padding, rate limits. */
const VOLATILE =
  /(?:^|[._-])(?:id|ids|created|timestamp|fingerprint|obfuscation|signature|nonce|etag|logprobs|date|duration|age)$|(?:_id|Id|_at|At|Time|_time|_duration)$|encrypted|^header (?:date|etag|server|server-timing|via|alt-svc|cf-ray|content-length|nel|report-to|retry-after.*|x-envoy.*|x-cloud-trace.*|.*request-?id|.*processing-ms|.*rate-?limit.*|.*latency.*)$/

function isVolatile(path: string): boolean {
  return VOLATILE.test(path)
}

const TOOL_CALL = /tool_?call|tool_?use|function_?call|partial_json|tool_?plan/i
const TEXT =
  /(?:^|[._])(?:content|text|delta|thinking|reasoning|reasoning_content|refusal|response|transcript|output_text|data)$/

function severityOf(path: string): Severity {
  if (TOOL_CALL.test(path)) return 'tool calls'
  return TEXT.test(path.replaceAll(/\[\d+\]$/g, '')) ? 'text' : 'other'
}

/** The values of an answer by path. Pieces of a streamed text are joined, because each run cuts it differently. */
function leavesOf({ headers, json, text, base64, events, lines, chunks }: CassetteResponse): Map<string, string> {
  const leaves = new Map<string, string>()
  for (const [name, value] of Object.entries(headers)) leaves.set(`header ${name}`, String(value))
  if (json !== undefined) collect(json, '', (path, value) => leaves.set(path, value))
  if (base64 !== undefined) leaves.set('body', base64)
  if (text !== undefined) collectText(text, leaves)
  for (const part of [...(events ?? []), ...(lines ?? []), ...(chunks ?? [])]) {
    const kind = isObject(part.json) && typeof part.json['type'] === 'string' ? `${part.json['type']} ` : ''
    if (part.json !== undefined) collect(part.json, kind, (path, value) => joinLeaf(leaves, path, value))
    else joinLeaf(leaves, 'data', part.data ?? part.text ?? part.base64 ?? '')
  }
  return leaves
}

/** Parses a body that was recorded as text because its JSON has an unusual layout. */
function collectText(text: string, leaves: Map<string, string>): void {
  try {
    collect(JSON.parse(text), '', (path, value) => leaves.set(path, value))
  } catch {
    leaves.set('text', text)
  }
}

/** Joins texts, since each event has the next piece. Other values are listed once, since events repeat them. */
function joinLeaf(leaves: Map<string, string>, path: string, value: string): void {
  const before = leaves.get(path)
  if (before === undefined) leaves.set(path, value)
  else if (severityOf(path) !== 'other') leaves.set(path, before + value)
  else if (!before.split(', ').includes(value)) leaves.set(path, `${before}, ${value}`)
}

function collect(value: MutableJson, path: string, visit: (path: string, value: string) => void): void {
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) collect(item, `${path}[${at}]`, visit)
  } else if (isObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      collect(member, path === '' || path.endsWith(' ') ? path + name : `${path}.${name}`, visit)
    }
  } else visit(path, typeof value === 'string' ? value : JSON.stringify(value))
}
