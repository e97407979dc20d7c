import type { AnswerEvent, Format, RequestFacts, RequestView } from '../provider.ts'
import { ollamaError } from './errors.ts'
import { type JsonObject, isObject } from '../../base/json.ts'
import type { Answer } from '../answer.ts'
import { countTexts } from './asked.ts'
import { noteFinish } from './finish.ts'
import { vetoOf } from './hosted.ts'
import { ORDERED } from './ordered.ts'
import { isFilled, isGiven, list, number, object, text } from './read.ts'
import type { Value } from './read.ts'
import { isSteadyBody } from './sampling.ts'
import { noteArguments } from './tool-arguments.ts'
import { usageOf } from './usage.ts'
import { noteItems } from './vectors.ts'
import { CHAT_MESSAGES, OLLAMA_PROMPT } from './conversations.ts'

const chat = {
  docs: 'https://github.com/ollama/ollama/blob/main/docs/api.md',
  // `format` may be a JSON schema. A call's `arguments` are an object here.
  ordered: [...ORDERED, 'format'],
  streamField: { name: 'stream', default: true },
  errorShape: ollamaError,
  inspect(view: RequestView): RequestFacts {
    const { body } = view
    const model = text(body.model)
    return {
      model,
      stream: body.stream !== false,
      deterministic: isSteadyBody(object(body.options)),
      veto: vetoOf(view, model),
    }
  },
}

/** Ollama's `/api/chat`: streams by default; the line with `done: true` is the last. */
export const ollamaChat: Format = {
  ...chat,
  id: 'ollama-chat',
  conversation: CHAT_MESSAGES,
  observe(event, answer) {
    const { message } = object(event.data)
    const { content, tool_calls: calls, images } = object(message)
    for (const call of list(calls)) noteArguments(answer, object(object(call).function).arguments)
    observeLine(event, answer, isFilled(content) || isFilled(calls) || isFilled(images))
  },
}

/** Ollama's `/api/generate`. */
export const ollamaGenerate: Format = {
  ...chat,
  id: 'ollama-generate',
  conversation: OLLAMA_PROMPT,
  observe(event, answer) {
    const { response, image } = object(event.data)
    observeLine(event, answer, isFilled(response) || isFilled(image))
  },
}

/** Ollama's `/api/embed`, and the older `/api/embeddings` for one text. */
export const ollamaEmbed: Format = {
  ...chat,
  id: 'ollama-embed',
  ordered: [],
  streamField: undefined,
  inspect({ body }) {
    const choices = countTexts(body.input)
    return { model: text(body.model), stream: false, deterministic: true, choices, veto: undefined }
  },
  observe({ data }, answer) {
    const { embedding, embeddings, prompt_eval_count: input } = object(data)
    answer.usage = usageOf({ input: number(input), output: undefined }) ?? answer.usage
    noteItems(answer, isGiven(embedding) ? [embedding ?? null] : list(embeddings))
  },
}

function observeLine(event: AnswerEvent, answer: Answer, hasContent: boolean): void {
  if (!isObject(event.data)) return
  if (event.stream) answer.needsMarker = true
  if (typeof event.data.done !== 'boolean') return
  const choice = answer.choice(0)
  if (hasContent) choice.addContent()
  if (event.data.done) noteEnd(event.data, answer)
}

function noteEnd(line: JsonObject, answer: Answer): void {
  answer.ended = true
  answer.usage = usageOf({ input: number(line.prompt_eval_count), output: number(line.eval_count) }) ?? answer.usage
  // Versions before 0.2 send no reason.
  noteFinish(answer, answer.choice(0), reasonOf(line.done_reason))
}

function reasonOf(reason: Value): Value {
  return isGiven(reason) ? reason : 'stop'
}
