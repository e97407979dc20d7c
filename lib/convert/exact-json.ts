import { type Json, parseJson } from '../base/json.ts'
import { scanJson } from '../key/json-loss.ts'
import { lossy } from './lossy.ts'

/** Deepest nesting that is accepted. No real answer comes near it. */
const MAX_DEPTH = 256

/** Parses JSON. Lossy if parsing would change a value, such as a number of more than 53 bits. */
export function exactJson(text: string): Json {
  const value = parseJson(text)
  if (value === undefined) return lossy('no JSON')
  const { exact, plainNames, depth } = scanJson(text)
  return exact && plainNames && depth <= MAX_DEPTH ? value : lossy('JSON that a parse changes')
}
