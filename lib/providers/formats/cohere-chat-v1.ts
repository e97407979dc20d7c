import type { AnswerEvent, Format } from '../provider.ts'
import { cohereError } from './errors.ts'
import { type JsonObject, isObject } from '../../base/json.ts'
import type { Answer } from '../answer.ts'
import { noteFinish } from './finish.ts'
import { anywhere, ORDERED } from './ordered.ts'
import { isFilled, isGiven, list, object, text } from './read.ts'
import { noteArguments } from './tool-arguments.ts'
import { cohereUsage } from './usage.ts'
import { COHERE_V1 } from './conversations.ts'
import { topLevelFacts } from './top-level-facts.ts'

/** Cohere's chat, version 1: connectors search, `conversation_id` keeps state; a stream ends with `stream-end`. */
export const cohereChatV1: Format = {
  id: 'cohere-chat-v1',
  conversation: COHERE_V1,
  docs: 'https://docs.cohere.com/v1/reference/chat',
  ordered: [...ORDERED, ...anywhere('documents tool_results')],
  streamField: { name: 'stream', default: false },
  errorShape: cohereError,
  inspect: topLevelFacts,
  observe(event, answer) {
    if (!isObject(event.data)) return
    if (event.stream) observeStreamed(event, event.data, answer)
    else observeBody(event.data, answer)
  },
}

/** https://docs.cohere.com/v1/docs/streaming */
function observeStreamed(event: AnswerEvent, data: JsonObject, answer: Answer): void {
  answer.needsMarker = true
  switch (text(data.event_type) ?? event.name) {
    case 'text-generation':
      if (isFilled(data.text)) answer.choice(0).addContent()
      return
    case 'tool-calls-generation':
      answer.choice(0).addContent()
      return
    case 'stream-end':
      answer.ended = true
      if (isObject(data.response)) observeBody(data.response, answer)
      noteFinish(answer, answer.choice(0), data.finish_reason)
  }
}

function observeBody(body: JsonObject, answer: Answer): void {
  if (!isGiven(body.finish_reason) && body.text === undefined) return
  const choice = answer.choice(0)
  answer.usage = cohereUsage(body.meta) ?? answer.usage
  // With `search_queries_only`, the queries are the answer.
  if (isFilled(body.text) || isFilled(body.tool_calls) || isFilled(body.search_queries)) choice.addContent()
  for (const call of list(body.tool_calls)) noteArguments(answer, object(call).parameters)
  noteFinish(answer, choice, body.finish_reason)
}
