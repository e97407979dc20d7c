import type { Json } from '../../base/json.ts'
import type { Answer } from '../answer.ts'
import { isFilled } from './read.ts'

/**
 * Notes each item of a list as a finished choice, with content if `has` returns `true`. So an answer of N vectors or
 * scores is whole if the document is, and empty if one of them is.
 */
export function noteItems(answer: Answer, items: readonly Json[], has: (item: Json) => boolean = isFilled): void {
  for (const [position, item] of items.entries()) {
    const choice = answer.choice(position)
    choice.finished = true
    choice.content = has(item)
  }
}
