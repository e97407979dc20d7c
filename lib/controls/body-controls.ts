import { createScanner } from 'jsonc-parser'
import { isObject, type Json } from '../base/json.ts'
import type { BodyProblem, Dialect } from './dialects/dialect.ts'
import { type FastRouterControl, readFastRouter } from './dialects/fastrouter.ts'
import { type OrqControl, readOrq } from './dialects/orq.ts'

/** The control in a body's top-level `cache` member; has `problem` instead of values if one of them is wrong. */
export type BodyControl = FastRouterControl | OrqControl | BodyProblem

/**
 * Reads the value of a body's top-level `cache` member. `undefined` if it has the shape of no enabled dialect: then it
 * is the provider's own field, stays in place and is part of the key. A control is never part of the key, and is
 * removed before the call goes to a host other than that dialect's gateway.
 */
export function readBodyControl(cache: Json, dialects: readonly Dialect[]): BodyControl | undefined {
  if (!isObject(cache)) return undefined
  const orq = dialects.includes('orq') ? readOrq(cache) : undefined
  if (orq !== undefined) return orq
  return dialects.includes('fastrouter') ? readFastRouter(cache) : undefined
}

/**
 * Cuts every top-level `cache` member, with its comma, out of a JSON object's text, and changes no other character.
 * Text that is not a JSON object, or has no such member, is returned unchanged.
 */
export function cutCacheMember(text: string): string {
  const members = topLevelMembers(text)
  const last = members?.at(-1)
  if (members === undefined || last === undefined || !members.some((member) => member.name === 'cache')) return text
  const first = members[0] ?? last
  const kept = members.filter((member) => member.name !== 'cache').map(({ start, end }) => text.slice(start, end))
  return text.slice(0, first.start) + kept.join(',') + text.slice(last.end)
}

interface Member {
  readonly name: string
  /** Offset after the `{` or `,` before the member. */
  readonly start: number
  /** Offset of the comma after it; for the last member, the end of its value. */
  readonly end: number
}

/** A flat scan with a counter: a recursive parser would overflow the stack on a deeply nested body. */
function topLevelMembers(text: string): Member[] | undefined {
  const scanner = createScanner(text, true)
  // A token's first character tells what it is (`undefined`: the end). The library's own kinds are a const enum.
  const next = (): string | undefined => (scanner.scan(), text[scanner.getTokenOffset()])
  if (next() !== '{') return undefined
  const members: Member[] = []
  let start = scanner.getTokenOffset() + 1
  let name: string | undefined
  let end = start
  for (let depth = 1; depth > 0;) {
    const token = next()
    if (token === undefined) return undefined
    depth += NESTING[token] ?? 0
    if (depth === 1 && token === ',' && name !== undefined) {
      members.push({ name, start, end: scanner.getTokenOffset() })
      start = scanner.getTokenOffset() + 1
      name = undefined
    } else if (depth > 0) {
      name ??= scanner.getTokenValue()
      end = scanner.getTokenOffset() + scanner.getTokenLength()
    }
  }
  if (name !== undefined) members.push({ name, start, end })
  return members
}

const NESTING: Readonly<Record<string, number>> = { '{': 1, '[': 1, '}': -1, ']': -1 }
