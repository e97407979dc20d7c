import { type Json, parseJson } from '../base/json.ts'
import { scanJson } from '../key/json-loss.ts'
import { lossy } from './lossy.ts'

/** Levels of nesting; deeper than any answer. */
const MAX_DEPTH = 256

/** The JSON value of a text that a parse loses nothing of; any other text is lossy. */
export function exactJson(text: string): Json {
  const value = parseJson(text)
  if (value === undefined) return lossy('no JSON')
  const { exact, plainNames, depth } = scanJson(text)
  return exact && plainNames && depth <= MAX_DEPTH ? value : lossy('JSON that a parse changes')
}
