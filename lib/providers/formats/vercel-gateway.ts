import type { Format } from '../provider.ts'
import { type JsonObject, isObject } from '../../base/json.ts'
import type { Answer } from '../answer.ts'
import { noteFinish } from './finish.ts'
import { vetoOf } from './hosted.ts'
import { anywhere, ORDERED } from './ordered.ts'
import { isFilled, isGiven, list, number, object, text } from './read.ts'
import type { Value } from './read.ts'
import { isSteadyBody } from './sampling.ts'
import { argumentsText } from './tool-arguments.ts'
import { usageOf } from './usage.ts'
import { noteItems } from './vectors.ts'
import { VERCEL_PROMPT } from './conversations.ts'

/**
 * Vercel AI Gateway's `/language-model`: takes the AI SDK's call options, and answers with its result or its stream
 * parts. The model and the stream flag are in headers.
 */
export const vercelLanguageModel: Format = {
  id: 'vercel-language-model',
  conversation: VERCEL_PROMPT,
  docs: 'https://vercel.com/docs/ai-gateway',
  // Input and output of tools; `result` and `mode` are from the first version.
  ordered: [...ORDERED, ...anywhere('input output result'), 'mode'],
  // https://developers.openai.com/api/docs/guides/prompt-caching/diagnostics
  volatile: ['providerOptions.openai.promptCacheOptions.comparisonResponseId'],
  streamField: undefined,
  inspect(view) {
    const { body, header } = view
    const model = header('ai-language-model-id') ?? header('ai-model-id')
    return {
      model,
      stream: header('ai-language-model-streaming') === 'true',
      deterministic: isSteadyBody(body),
      veto: vetoOf(view, model),
    }
  },
  observe(event, answer) {
    if (!isObject(event.data)) return
    if (event.stream) observePart(event.data, answer)
    else observeResult(event.data, answer)
  },
}

/** Vercel AI Gateway's `/embedding-model`. */
export const vercelEmbeddingModel: Format = {
  id: 'vercel-embedding-model',
  docs: 'https://vercel.com/docs/ai-gateway',
  ordered: [],
  streamField: undefined,
  inspect({ body, header }) {
    const model = header('ai-embedding-model-id') ?? header('ai-model-id')
    return { model, stream: false, deterministic: true, choices: list(body.values).length, veto: undefined }
  },
  observe({ data }, answer) {
    const { embeddings, usage } = object(data)
    answer.usage = usageOf({ input: number(object(usage).tokens), output: undefined }) ?? answer.usage
    noteItems(answer, list(embeddings))
  },
}

/** A stream part of the AI SDK: https://github.com/vercel/ai/tree/main/packages/provider/src/language-model */
function observePart(part: JsonObject, answer: Answer): void {
  answer.needsMarker = true
  observeContent(part, answer)
  if (part.type !== 'finish') return
  answer.ended = true
  noteEnd(part, answer)
}

function observeResult(result: JsonObject, answer: Answer): void {
  if (!isGiven(result.finishReason)) return
  for (const part of list(result.content)) observeContent(object(part), answer)
  noteEnd(result, answer)
}

function observeContent(part: JsonObject, answer: Answer): void {
  const choice = answer.choice(0)
  switch (part.type) {
    case 'text':
      if (isFilled(part.text)) choice.addContent()
      return
    case 'text-delta':
      if (isFilled(part.delta) || isFilled(part.textDelta)) choice.addContent()
      return
    case 'tool-call':
      choice.toolArguments.set(text(part.toolCallId) ?? '', argumentsText(part.input ?? part.args))
      choice.addContent()
      return
    case 'tool-result':
      // Result of a tool that the provider ran.
      if (part.isError === true) answer.flags.add('error')
      return
    case 'file':
    case 'source':
      choice.addContent()
  }
}

/** `finishReason` is a name, or `{ unified, raw }` since version 3 of the specification. */
function noteEnd({ finishReason, usage }: JsonObject, answer: Answer): void {
  noteFinish(answer, answer.choice(0), isObject(finishReason) ? finishReason.unified : finishReason)
  const { inputTokens, outputTokens, cachedInputTokens } = object(usage)
  answer.usage =
    usageOf({
      input: total(inputTokens),
      output: total(outputTokens),
      cached: number(cachedInputTokens) ?? number(object(inputTokens).cacheRead),
    }) ?? answer.usage
}

function total(count: Value): number | undefined {
  return number(count) ?? number(object(count).total)
}
