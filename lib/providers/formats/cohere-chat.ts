import type { AnswerEvent, Format } from '../provider.ts'
import { cohereError } from './errors.ts'
import { type Json, type JsonObject, isObject } from '../../base/json.ts'
import type { Answer, Choice } from '../answer.ts'
import { noteFinish } from './finish.ts'
import { anywhere, ORDERED } from './ordered.ts'
import { isFilled, isGiven, list, number, object, text } from './read.ts'
import { appendArguments } from './tool-arguments.ts'
import { cohereUsage } from './usage.ts'
import { CHAT_MESSAGES } from './conversations.ts'
import { topLevelFacts } from './top-level-facts.ts'

/** Cohere's chat, version 2. `message-end` ends a stream; a `[DONE]` may follow. */
export const cohereChat: Format = {
  id: 'cohere-chat',
  conversation: CHAT_MESSAGES,
  docs: 'https://docs.cohere.com/reference/chat',
  // A document's `data` is the caller's own object, at the top level or in a tool result.
  ordered: [...ORDERED, ...anywhere('documents data')],
  streamField: { name: 'stream', default: false },
  errorShape: cohereError,
  inspect: topLevelFacts,
  observe(event, answer) {
    if (!isObject(event.data)) return
    if (event.stream) observeStreamed(event, event.data, answer)
    else observeBody(event.data, answer)
  },
}

/** https://docs.cohere.com/v2/docs/streaming */
function observeStreamed(event: AnswerEvent, data: JsonObject, answer: Answer): void {
  answer.needsMarker = true
  const choice = answer.choice(0)
  const delta = object(data.delta)
  const message = object(delta.message)
  switch (text(data.type) ?? event.name) {
    case 'content-start':
    case 'content-delta':
      if (isFilled(object(message.content).text)) choice.addContent()
      return
    case 'tool-call-start':
    case 'tool-call-delta': {
      const call = object(message.tool_calls)
      return appendArguments(choice, number(data.index) ?? 0, undefined, object(call.function).arguments)
    }
    case 'message-end':
      answer.ended = true
      answer.usage = cohereUsage(delta.usage) ?? answer.usage
      if (isGiven(delta.error)) answer.flags.add('error')
      noteFinish(answer, choice, delta.finish_reason)
  }
}

function observeBody(body: JsonObject, answer: Answer): void {
  if (!isGiven(body.finish_reason)) return
  const choice = answer.choice(0)
  answer.usage = cohereUsage(body.usage) ?? answer.usage
  const message = object(body.message)
  if (list(message.content).some(hasContent)) choice.addContent()
  noteCalls(message.tool_calls, choice)
  noteFinish(answer, choice, body.finish_reason)
}

function hasContent(part: Json): boolean {
  const { type, text: words } = object(part)
  return type !== 'thinking' && isFilled(words)
}

function noteCalls(calls: Json | undefined, choice: Choice): void {
  for (const [position, call] of list(calls).entries()) {
    const { id, function: named } = object(call)
    appendArguments(choice, position, id, object(named).arguments)
  }
}
