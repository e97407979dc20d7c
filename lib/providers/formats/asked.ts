import { list, number } from './read.ts'
import type { Value } from './read.ts'

/** A number of choices that a caller asks for (`n`, `candidateCount`), if it is above 1; else `undefined`. */
export function countOf(value: Value): number | undefined {
  const count = number(value)
  return count !== undefined && Number.isInteger(count) && count > 1 ? count : undefined
}

/**
 * How many texts an input holds. An array of texts, or of token arrays, holds many; one text, or its tokens, is one.
 */
export function countTexts(input: Value): number {
  const items = list(input)
  return items.length > 0 && items.every((item) => typeof item === 'string' || Array.isArray(item)) ? items.length : 1
}
