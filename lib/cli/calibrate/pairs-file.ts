import { createReadStream } from 'node:fs'
import { isObject, parseJson } from '../../base/json.ts'
import { textLines } from '../../stores/text-lines.ts'

/** Two texts, and whether one answer is right for both. */
export interface Pair {
  readonly a: string
  readonly b: string
  readonly same: boolean
}

/** UTF-16 units; a longer line is an error. */
const MAX_LINE = 1024 * 1024

/**
 * Reads a file of pairs, `{ "a": "…", "b": "…", "same": true }` a line.
 *
 * @throws Error naming the first line that is not a pair; also for a file without pairs.
 */
export async function readPairs(file: string): Promise<readonly Pair[]> {
  const pairs: Pair[] = []
  for await (const { number, text } of textLines(createReadStream(file), MAX_LINE)) {
    const pair = text === undefined ? undefined : parseJson(text)
    if (!isPair(pair)) throw new Error(`line ${number} is no { "a": text, "b": text, "same": true or false }`)
    pairs.push(pair)
  }
  if (pairs.length === 0) throw new Error(`${file} has no pairs`)
  return pairs
}

function isPair(value: unknown): value is Pair {
  if (!isObject(value)) return false
  return typeof value['a'] === 'string' && typeof value['b'] === 'string' && typeof value['same'] === 'boolean'
}
