import { deepStrictEqual, ok } from 'node:assert/strict'
import type { Entry } from '../entry.ts'

/** Compares member by member. Bytes are compared as bytes, whatever kind of array holds them. */
export function assertSame(found: Entry | null | undefined, entry: Entry): void {
  ok(found, 'the entry is found')
  const { body: foundBody, ends: foundEnds, gaps: foundGaps, ...foundRest } = found
  const { body, ends, gaps, ...rest } = entry
  deepStrictEqual(foundRest, rest)
  ok(Buffer.from(foundBody).equals(body), 'the body is the same to the last byte')
  deepStrictEqual([...foundEnds], [...ends])
  deepStrictEqual(foundGaps && [...foundGaps], gaps && [...gaps])
}
