import { isObject, type MutableJson } from '../base/json.ts'
import { type FieldPath, visitFields } from '../key/field-paths.ts'
import { splitQuery } from '../request/query.ts'
import { isAccountHeader } from './accounts.ts'
import { bytesOfBody } from './body.ts'
import type { RecordedBody } from './entry.ts'
import type { MatchedCall } from './keys.ts'

/** One part in which two calls differ. */
export interface Difference {
  /** `path`, `query api-version`, `header openai-beta`, `body messages[1].content`. */
  readonly part: string
  /** How they differ, without any text of the call: `from character 17 on`, `recorded 0, called 1`. */
  readonly how: string
  /** From 0 (nearly the same) to 1. */
  readonly weight: number
}

/** The parts in which a call differs from a recorded one. */
export function differencesOf(recorded: MatchedCall, called: MatchedCall, ignore: readonly FieldPath[]): Difference[] {
  const found: Difference[] = []
  compareUrls(recorded.url, called.url, found)
  compareHeaders(recorded.request.headers, called.request.headers, found)
  compareBodies(recorded.request, called.request, ignore, found)
  return found
}

/** How much two calls differ: 0 for equal calls. */
export function distanceOf(differences: readonly Difference[]): number {
  return differences.reduce((sum, { weight }) => sum + weight, 0)
}

/** The first differences, in words. */
export function describeDifferences(differences: readonly Difference[]): string {
  const shown = differences.slice(0, SHOWN).map(({ part, how }) => `${part} (${how})`)
  const more = differences.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')
}

const SHOWN = 5

function compareUrls(recorded: string, called: string, found: Difference[]): void {
  const before = new URL(recorded)
  const now = new URL(called)
  if (before.origin !== now.origin) found.push({ part: 'host', how: `recorded ${before.host}`, weight: 1 })
  if (before.pathname !== now.pathname) found.push({ part: 'path', how: `recorded ${before.pathname}`, weight: 1 })
  const query = (url: URL): Record<string, string> => Object.fromEntries(splitQuery(url.search).plain)
  compareTexts('query', query(before), query(now), found)
}

function compareHeaders(
  recorded: Readonly<Record<string, string>>,
  called: Readonly<Record<string, string>>,
  found: Difference[],
): void {
  const counted = (headers: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => !isAccountHeader(name)))
  compareTexts('header', counted(recorded), counted(called), found)
}

function compareTexts(
  kind: string,
  recorded: Readonly<Record<string, string>>,
  called: Readonly<Record<string, string>>,
  found: Difference[],
): void {
  for (const name of new Set([...Object.keys(recorded), ...Object.keys(called)])) {
    compareValues(recorded[name], called[name], `${kind} ${name}`, found)
  }
}

function compareBodies(
  recorded: RecordedBody,
  called: RecordedBody,
  ignore: readonly FieldPath[],
  found: Difference[],
): void {
  const before = jsonOf(recorded, ignore)
  const now = jsonOf(called, ignore)
  if (before !== undefined && now !== undefined) return compareValues(before, now, 'body', found)
  if (bytesOfBody(recorded).equals(bytesOfBody(called))) return
  found.push({ part: 'body', how: 'its bytes', weight: 1 })
}

function jsonOf(body: RecordedBody, ignore: readonly FieldPath[]): MutableJson | undefined {
  try {
    const json: MutableJson = JSON.parse(bytesOfBody(body).toString('utf8'))
    for (const path of ignore) visitFields(json, path, (holder, name) => delete holder[name])
    return json
  } catch {
    return undefined
  }
}

type Value = MutableJson | undefined

function compareValues(recorded: Value, called: Value, part: string, found: Difference[]): void {
  if (recorded === called) return
  if (recorded === undefined) return void found.push({ part, how: 'not in the recording', weight: 1 })
  if (called === undefined) return void found.push({ part, how: 'only in the recording', weight: 1 })
  if (Array.isArray(recorded) && Array.isArray(called)) return compareItems(recorded, called, part, found)
  if (isObject(recorded) && isObject(called)) {
    for (const name of new Set([...Object.keys(recorded), ...Object.keys(called)])) {
      compareValues(recorded[name], called[name], part === 'body' ? `body ${name}` : `${part}.${name}`, found)
    }
    return
  }
  const [how, weight] = howScalars(recorded, called, part)
  found.push({ part, how, weight })
}

function compareItems(
  recorded: readonly MutableJson[],
  called: readonly MutableJson[],
  part: string,
  found: Difference[],
): void {
  const common = Math.min(recorded.length, called.length)
  for (let at = 0; at < common; at++) compareValues(recorded[at], called[at], `${part}[${at}]`, found)
  if (recorded.length === called.length) return
  const how = `recorded ${recorded.length} items, called with ${called.length}`
  found.push({ part, how, weight: Math.abs(recorded.length - called.length) })
}

function howScalars(recorded: MutableJson, called: MutableJson, part: string): [how: string, weight: number] {
  if (typeof recorded === 'string' && typeof called === 'string') {
    // The names of models are shown: they are not secret, and they change most often.
    if (part === 'body model') return [`recorded ${nameOf(recorded)}, called ${nameOf(called)}`, 1]
    const at = firstDifference(recorded, called)
    return [
      at === 0 ? 'another text' : `from character ${at + 1} on`,
      1 - at / Math.max(recorded.length, called.length),
    ]
  }
  return [`recorded ${show(recorded)}, called ${show(called)}`, 1]
}

function nameOf(model: string): string {
  return /^[\w./:@-]{1,80}$/.test(model) ? model : 'another'
}

function show(value: MutableJson): string {
  if (typeof value === 'string') return 'a string'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

function firstDifference(left: string, right: string): number {
  let at = 0
  while (at < left.length && left.charCodeAt(at) === right.charCodeAt(at)) at++
  return at
}
