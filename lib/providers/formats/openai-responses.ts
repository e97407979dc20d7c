import type { AnswerEvent, Format } from '../provider.ts'
import { type JsonObject, isObject } from '../../base/json.ts'
import type { Answer, Choice } from '../answer.ts'
import { ORDERED, TEMPLATED } from './ordered.ts'
import { isFilled, isGiven, list, object, text } from './read.ts'
import type { Value } from './read.ts'
import { argumentsText } from './tool-arguments.ts'
import { openaiUsage } from './usage.ts'
import { RESPONSES_INPUT } from './conversations.ts'
import { topLevelFacts } from './top-level-facts.ts'

/** OpenAI's Responses API, and compatible ones. An answer is one choice, however many output items it has. */
export const openaiResponses: Format = {
  id: 'openai-responses',
  conversation: RESPONSES_INPUT,
  docs: 'https://platform.openai.com/docs/api-reference/responses',
  // An `action` of the local shell contains the caller's own `env`.
  ordered: [...ORDERED, ...TEMPLATED, '**.action', 'text.format'],
  // https://developers.openai.com/api/docs/guides/prompt-caching/diagnostics
  volatile: ['prompt_cache_options.comparison_response_id'],
  streamField: { name: 'stream', default: false },
  inspect: topLevelFacts,
  observe(event, answer) {
    if (!isObject(event.data)) return
    if (event.stream) observeStreamed(event, event.data, answer)
    else observeResponse(event.data, answer)
  },
}

/** https://platform.openai.com/docs/api-reference/responses-streaming */
function observeStreamed(event: AnswerEvent, data: JsonObject, answer: Answer): void {
  answer.needsMarker = true
  const type = text(data.type) ?? event.name ?? ''
  // For the response or one of its items: `response.mcp_call.failed`.
  if (type.endsWith('.failed')) answer.flags.add('error')
  switch (type) {
    case 'response.output_text.delta':
      if (isFilled(data.delta)) answer.choice(0).addContent()
      return
    case 'response.refusal.delta':
    case 'response.refusal.done':
      answer.flags.add('refusal')
      return
    case 'response.output_item.done':
      return observeItem(data.item, answer, answer.choice(0))
    case 'response.cancelled':
      answer.flags.add('error')
      return
    case 'response.completed':
    case 'response.incomplete':
    case 'response.done':
      answer.ended = true
      return observeResponse(object(data.response), answer)
  }
}

function observeResponse(response: JsonObject, answer: Answer): void {
  answer.usage = openaiUsage(response.usage) ?? answer.usage
  answer.cacheMiss = cacheMissOf(object(response.prompt_cache_diagnostics)) ?? answer.cacheMiss
  if (isGiven(response.error)) answer.flags.add('error')
  const choice = answer.choice(0)
  for (const item of list(response.output)) observeItem(item, answer, choice)
  noteStatus(response, answer, choice)
}

/** https://developers.openai.com/api/docs/guides/prompt-caching/diagnostics */
function cacheMissOf({ type, reason }: JsonObject): string | undefined {
  return type === 'cache_hit' ? undefined : (text(reason) ?? text(type))
}

function noteStatus({ status, incomplete_details: details }: JsonObject, answer: Answer, choice: Choice): void {
  switch (status) {
    case 'completed':
      choice.finished = true
      return
    case 'incomplete':
      return noteIncomplete(object(details).reason, answer, choice)
    case 'queued':
    case 'in_progress':
      answer.flags.add('pending')
      return
    case 'failed':
    case 'cancelled':
      answer.flags.add('error')
  }
}

/** An incomplete response is whole only for the two documented reasons. */
function noteIncomplete(reason: Value, answer: Answer, choice: Choice): void {
  if (reason !== 'max_output_tokens' && reason !== 'content_filter') return
  choice.finished = true
  // The item that was cut off is incomplete as well.
  answer.flags.delete('incomplete')
  answer.flags.add(reason === 'content_filter' ? 'content-filter' : 'length')
}

function observeItem(item: Value, answer: Answer, choice: Choice): void {
  if (!isObject(item)) return
  noteItemStatus(item, answer)
  switch (item.type) {
    case 'message':
      for (const part of list(item.content)) observePart(object(part), answer, choice)
      return
    case 'reasoning':
      return
    case 'image_generation_call':
      if (isFilled(item.result)) choice.addContent()
      return
    case 'function_call':
      choice.toolArguments.set(text(item.call_id) ?? text(item.id) ?? '', argumentsText(item.arguments))
  }
  // All other items are tool calls or tool results.
  choice.addContent()
}

/**
 * Nearly every type of item has its own status. OpenAI leaves that of a finished image at `generating`, so only a
 * status that means failure counts.
 */
function noteItemStatus({ status }: JsonObject, answer: Answer): void {
  if (status === 'failed' || status === 'cancelled') answer.flags.add('error')
  if (status === 'incomplete') answer.flags.add('incomplete')
}

function observePart(part: JsonObject, answer: Answer, choice: Choice): void {
  if (part.type === 'refusal') answer.flags.add('refusal')
  else if (part.type !== 'output_text' || isFilled(part.text)) choice.addContent()
}
