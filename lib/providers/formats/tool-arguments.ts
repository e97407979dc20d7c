import type { Choice } from '../answer.ts'
import { isFilled, text } from './read.ts'
import type { Value } from './read.ts'

/**
 * Appends a piece of one tool call's arguments. Pieces belong together by index; a new id at a known index starts
 * another call (Gemini's OpenAI endpoint numbers every call 0). Arguments that come as an object are JSON already.
 */
export function appendArguments(choice: Choice, index: number, id: Value, piece: Value): void {
  choice.content = true
  const prefix = `${index}/`
  const key = isFilled(id) ? prefix + text(id) : (lastKey(choice, prefix) ?? prefix)
  choice.toolArguments.set(key, (choice.toolArguments.get(key) ?? '') + (text(piece) ?? ''))
}

function lastKey(choice: Choice, prefix: string): string | undefined {
  let last: string | undefined
  for (const key of choice.toolArguments.keys()) if (key.startsWith(prefix)) last = key
  return last
}
