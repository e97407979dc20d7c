import { list, number } from './read.ts'
import type { Value } from './read.ts'

/** The number of choices that a call asks for (`n`, `candidateCount`) if it is above 1; otherwise `undefined`. */
export function countOf(value: Value): number | undefined {
  const count = number(value)
  return count !== undefined && Number.isInteger(count) && count > 1 ? count : undefined
}

/**
 * The number of texts in an input. An array of texts or of token arrays has many; a text, or an array of its tokens, is
 * one.
 */
export function countTexts(input: Value): number {
  const items = list(input)
  return items.length > 0 && items.every((item) => typeof item === 'string' || Array.isArray(item)) ? items.length : 1
}
