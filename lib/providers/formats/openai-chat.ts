import type { AnswerEvent, Format } from '../provider.ts'
import { type JsonObject, isObject } from '../../base/json.ts'
import type { Answer, Choice } from '../answer.ts'
import { countOf } from './asked.ts'
import { noteFinish } from './finish.ts'
import { ORDERED, TEMPLATED } from './ordered.ts'
import { isFilled, isGiven, list, number, object } from './read.ts'
import type { Value } from './read.ts'
import { appendArguments } from './tool-arguments.ts'
import { openaiUsage } from './usage.ts'
import { CHAT_MESSAGES } from './conversations.ts'
import { topLevelFacts } from './top-level-facts.ts'

/** The data of the event that ends OpenAI's streams. */
export const DONE = '[DONE]'

/** OpenAI's chat completions, and all compatible APIs: Azure, OpenRouter, Groq, Mistral, vLLM, llama.cpp … */
export const openaiChat: Format = {
  id: 'openai-chat',
  conversation: CHAT_MESSAGES,
  docs: 'https://platform.openai.com/docs/api-reference/chat',
  ordered: [...ORDERED, ...TEMPLATED],
  // https://developers.openai.com/api/docs/guides/prompt-caching/diagnostics
  volatile: ['prompt_cache_options.comparison_response_id'],
  streamField: { name: 'stream', default: false },
  inspect: (view) => ({ ...topLevelFacts(view), choices: countOf(view.body.n) }),
  observe: observeChat,
}

/** Notes an event of OpenAI's chat shape, which other formats use too (Bedrock, Vertex AI, Mistral's FIM). */
export function observeChat(event: AnswerEvent, answer: Answer): void {
  // A chat stream without its marker may have lost its end: nearly all servers send one.
  if (event.stream) answer.needsMarker = !answer.doneIsOptional
  if (event.stream && event.data === DONE) answer.ended = true
  if (!isObject(event.data)) return
  const { usage, x_groq: groq, choices } = event.data
  answer.usage = openaiUsage(usage) ?? openaiUsage(object(groq).usage) ?? answer.usage
  if (isGiven(object(groq).error)) answer.flags.add('error')
  for (const [position, item] of list(choices).entries()) {
    if (isObject(item)) observeChoice(item, answer, answer.choice(number(item.index) ?? position))
  }
}

function observeChoice(item: JsonObject, answer: Answer, choice: Choice): void {
  if (isGiven(item.error)) answer.flags.add('error')
  if (isFilled(item.text)) choice.addContent()
  const message = object(item.delta ?? item.message)
  if (hasContent(message.content) || isHeard(object(message.audio)) || isFilled(message.images)) choice.addContent()
  if (isFilled(message.refusal)) answer.flags.add('refusal')
  for (const [position, call] of list(message.tool_calls).entries()) {
    const { index, id, function: named } = object(call)
    appendArguments(choice, number(index) ?? position, id, object(named).arguments)
  }
  if (isGiven(message.function_call)) appendArguments(choice, -1, undefined, object(message.function_call).arguments)
  // DeepSeek and Mistral on Bedrock use `stop_reason`; vLLM has both.
  noteFinish(answer, choice, item.finish_reason ?? item.stop_reason)
}

/** Whether an audio piece has content: the last one of a stream only has the expiry time. */
function isHeard({ data, transcript }: JsonObject): boolean {
  return isFilled(data) || isFilled(transcript)
}

/** Whether there is text, or a part (Mistral) that is neither reasoning nor empty. */
function hasContent(content: Value): boolean {
  if (typeof content === 'string') return content !== ''
  return list(content).some((part) => {
    if (!isObject(part)) return isFilled(part)
    return part.type !== 'thinking' && (part.type !== 'text' || isFilled(part.text))
  })
}
