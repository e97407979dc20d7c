import { bedrockError } from './errors.ts'
import type { AnswerEvent, Format } from '../provider.ts'
import { type Json, type JsonObject, isObject } from '../../base/json.ts'
import type { Answer, Choice } from '../answer.ts'
import { noteFinish } from './finish.ts'
import { vetoOf } from './hosted.ts'
import { anywhere, ORDERED } from './ordered.ts'
import { isFilled, isGiven, list, number, object } from './read.ts'
import { isSteadyBody } from './sampling.ts'
import { appendArguments, noteArguments } from './tool-arguments.ts'
import { bedrockUsage } from './usage.ts'
import { CHAT_MESSAGES } from './conversations.ts'

/** Bedrock's Converse and ConverseStream. A stream ends with `messageStop` and, after it, `metadata`. */
export const bedrockConverse: Format = {
  id: 'bedrock-converse',
  conversation: CHAT_MESSAGES,
  docs: 'https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html',
  // `toolUse.input`, and `json` in a `toolResult`, are the caller's own.
  ordered: [...ORDERED, ...anywhere('input json'), 'outputConfig', 'additionalModelRequestFields'],
  streamField: undefined,
  errorShape: bedrockError,
  inspect(view) {
    const { body, params } = view
    const extra = object(body.additionalModelRequestFields)
    return {
      model: params.model,
      stream: params.action === 'converse-stream',
      deterministic: isSteadyBody(object(body.inferenceConfig)) || isSteadyBody(extra),
      veto: vetoOf(view, params.model),
    }
  },
  observe: observeConverse,
}

/** Notes an event or a body of Converse's shape, which Nova's models also use in `invoke`. */
export function observeConverse(event: AnswerEvent, answer: Answer): void {
  if (!isObject(event.data)) return
  if (event.stream) observeStreamed(event.name, event.data, answer)
  else if (isObject(event.data.output)) observeBody(event.data, answer)
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamOutput.html */
function observeStreamed(name: string | undefined, data: JsonObject, answer: Answer): void {
  answer.needsMarker = true
  const choice = answer.choice(0)
  const index = number(data.contentBlockIndex) ?? 0
  switch (name) {
    case 'contentBlockStart':
      noteToolResult(object(data.start), answer)
      if (isGiven(object(data.start).toolUse)) appendArguments(choice, index, undefined, '')
      else if (isFilled(data.start)) choice.addContent()
      return
    case 'contentBlockDelta':
      return observeDelta(object(data.delta), index, choice)
    case 'messageStop':
      return noteFinish(answer, choice, data.stopReason)
    case 'metadata':
      answer.usage = bedrockUsage(data.usage) ?? answer.usage
      // `messageStop` comes first; `metadata` before it ends nothing.
      answer.ended = choice.finished
  }
}

function observeDelta(delta: JsonObject, index: number, choice: Choice): void {
  if (isFilled(delta.text) || isFilled(delta.image)) choice.addContent()
  if (isObject(delta.toolUse)) appendArguments(choice, index, undefined, delta.toolUse.input)
}

function observeBody(body: JsonObject, answer: Answer): void {
  const choice = answer.choice(0)
  answer.usage = bedrockUsage(body.usage) ?? answer.usage
  for (const block of list(object(object(body.output).message).content)) {
    if (hasContent(block)) choice.addContent()
    noteArguments(answer, object(object(block).toolUse).input)
    noteToolResult(object(block), answer)
  }
  noteFinish(answer, choice, body.stopReason)
}

/** Notes the result of a tool that AWS ran. */
function noteToolResult({ toolResult }: JsonObject, answer: Answer): void {
  if (object(toolResult).status === 'error') answer.flags.add('error')
}

function hasContent(block: Json): boolean {
  if (!isObject(block) || block.reasoningContent !== undefined) return false
  return block.text === undefined ? isFilled(block) : isFilled(block.text)
}
