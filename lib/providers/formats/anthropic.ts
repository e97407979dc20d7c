import type { AnswerEvent, Format } from '../provider.ts'
import { anthropicError } from './errors.ts'
import { type JsonObject, isObject } from '../../base/json.ts'
import type { Answer, Choice } from '../answer.ts'
import { noteFinish } from './finish.ts'
import { ORDERED } from './ordered.ts'
import { isFilled, list, number, object, text } from './read.ts'
import { appendArguments, noteArguments } from './tool-arguments.ts'
import { anthropicUsage } from './usage.ts'
import { CHAT_MESSAGES } from './conversations.ts'
import { topLevelFacts } from './top-level-facts.ts'

/** Anthropic's Messages API, also on Foundry, OpenRouter, Vertex AI (`rawPredict`) and Bedrock (`invoke`). */
export const anthropicMessages: Format = {
  id: 'anthropic-messages',
  conversation: CHAT_MESSAGES,
  docs: 'https://docs.claude.com/en/api/messages',
  // `input` of a `tool_use` block, also of a server's tool.
  ordered: [...ORDERED, '**.input', 'output_format', 'output_config'],
  // https://platform.claude.com/docs/en/build-with-claude/cache-diagnostics
  volatile: ['diagnostics.previous_message_id'],
  streamField: { name: 'stream', default: false },
  errorShape: anthropicError,
  inspect(view) {
    const facts = topLevelFacts(view)
    return { ...facts, stream: facts.stream || view.params.action?.startsWith('stream') === true }
  },
  observe: observeAnthropic,
}

/** Notes an event or a body of Anthropic's shape, also for Bedrock and Vertex AI. */
export function observeAnthropic(event: AnswerEvent, answer: Answer): void {
  if (!isObject(event.data)) return
  if (event.stream) observeStreamed(event, event.data, answer)
  else if (event.data.type === 'message') observeMessage(event.data, answer)
}

/** https://docs.claude.com/en/docs/build-with-claude/streaming */
function observeStreamed(event: AnswerEvent, data: JsonObject, answer: Answer): void {
  answer.needsMarker = true
  const index = number(data.index) ?? 0
  switch (text(data.type) ?? event.name) {
    case 'message_start':
      return observeMessage(object(data.message), answer)
    case 'content_block_start':
      return observeBlock(object(data.content_block), index, answer)
    case 'content_block_delta':
      return observeDelta(object(data.delta), index, answer.choice(0))
    case 'message_delta':
      answer.usage = anthropicUsage(data.usage, answer.usage)
      return noteFinish(answer, answer.choice(0), object(data.delta).stop_reason)
    case 'message_stop':
      answer.ended = true
  }
}

function observeMessage(message: JsonObject, answer: Answer): void {
  answer.usage = anthropicUsage(message.usage, answer.usage)
  // https://platform.claude.com/docs/en/build-with-claude/cache-diagnostics
  answer.cacheMiss = text(object(object(message.diagnostics).cache_miss_reason).type) ?? answer.cacheMiss
  for (const [index, block] of list(message.content).entries()) observeBlock(object(block), index, answer)
  noteFinish(answer, answer.choice(0), message.stop_reason)
}

function observeBlock(block: JsonObject, index: number, answer: Answer): void {
  const choice = answer.choice(0)
  switch (block.type) {
    case 'text':
      if (isFilled(block.text)) choice.addContent()
      return
    case 'thinking':
    case 'redacted_thinking':
      return
    case 'tool_use':
      // A stream sends the input in deltas; in a body it is an object, and has no pieces.
      noteArguments(answer, block.input)
      return appendArguments(choice, index, undefined, '')
    default:
      choice.addContent()
      // Result of a hosted tool: https://docs.claude.com/en/docs/agents-and-tools/tool-use/web-search-tool#errors
      if (text(object(block.content).type)?.endsWith('_tool_result_error') === true) answer.flags.add('error')
  }
}

function observeDelta(delta: JsonObject, index: number, choice: Choice): void {
  if (delta.type === 'text_delta' && isFilled(delta.text)) choice.addContent()
  if (delta.type === 'input_json_delta') appendArguments(choice, index, undefined, delta.partial_json)
}
