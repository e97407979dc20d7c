import { isObject, parseJson } from '../../base/json.ts'
import type { Answer, Choice } from '../answer.ts'
import { isFilled, isGiven, text } from './read.ts'
import type { Value } from './read.ts'

/**
 * Appends a piece of a tool call's arguments. Pieces belong together by index, whatever their ids: vLLM has sent a new
 * random id with each piece. A new id starts another call only if the arguments so far are complete: Gemini's OpenAI
 * endpoint gives every call index 0.
 */
export function appendArguments(choice: Choice, index: number, id: Value, piece: Value): void {
  choice.addContent()
  const { toolArguments, openCalls } = choice
  const open = openCalls.get(index)
  const named = `${index}/${text(id) ?? ''}`
  const isAnother = open !== undefined && isFilled(id) && named !== open && isWhole(toolArguments.get(open) ?? '')
  const key = open === undefined || isAnother ? named : open
  openCalls.set(index, key)
  toolArguments.set(key, (toolArguments.get(key) ?? '') + argumentsText(piece))
}

/** Whether the JSON is complete. Parses it only if it may be: a long call arrives in thousands of pieces. */
function isWhole(json: string): boolean {
  return json.endsWith('}') && isObject(parseJson(json))
}

/** Whether arguments are not a JSON object. No arguments at all count as `{}`. */
export function isBroken(json: string): boolean {
  return json.trim() !== '' && !isObject(parseJson(json))
}

/** Arguments as text. An object is valid JSON already, and needs no check: `''`, as for a missing value. */
export function argumentsText(value: Value): string {
  if (typeof value === 'string') return value
  return isGiven(value) && !isObject(value) ? JSON.stringify(value) : ''
}

/** Notes arguments that arrive at once, usually as an object. */
export function noteArguments(answer: Answer, value: Value): void {
  if (isBroken(argumentsText(value))) answer.flags.add('broken-tool-call')
}
