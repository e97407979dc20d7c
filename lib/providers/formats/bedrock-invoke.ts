import type { AnswerEvent, Format } from '../provider.ts'
import { bedrockError } from './errors.ts'
import { type Json, type JsonObject, isObject } from '../../base/json.ts'
import type { Answer } from '../answer.ts'
import { anthropicMessages, observeAnthropic } from './anthropic.ts'
import { bedrockConverse, observeConverse } from './bedrock-converse.ts'
import { cohereChatV1 } from './cohere-chat-v1.ts'
import { countOf } from './asked.ts'
import { cohereVectors, vectorsAsked } from './cohere-embed.ts'
import { isFailure } from './failure.ts'
import { noteFinish } from './finish.ts'
import { vetoOf } from './hosted.ts'
import { observeChat, openaiChat } from './openai-chat.ts'
import { isFilled, isGiven, list, number, object, text } from './read.ts'
import { rerank } from './rerank.ts'
import { isSteadyBody } from './sampling.ts'
import { usageOf } from './usage.ts'
import { noteItems } from './vectors.ts'
import { CHAT_MESSAGES } from './conversations.ts'

/**
 * Bedrock's InvokeModel, with and without stream. Bodies are in the model vendor's own format. Stream frames carry them
 * as base64 in `bytes`; the last frame has AWS's token counts, for any vendor.
 */
export const bedrockInvoke: Format = {
  id: 'bedrock-invoke',
  conversation: CHAT_MESSAGES,
  docs: 'https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html',
  ordered: [anthropicMessages, bedrockConverse, openaiChat, cohereChatV1].flatMap(({ ordered }) => ordered),
  streamField: undefined,
  errorShape: bedrockError,
  inspect(view) {
    const { body, params } = view
    const configs = [body, object(body.textGenerationConfig), object(body.inferenceConfig)]
    return {
      model: params.model,
      stream: params.action === 'invoke-with-response-stream',
      deterministic: configs.some(isSteadyBody) || isEmbedding(body),
      choices: isFilled(body.texts) ? vectorsAsked(body) : countOf(body.n ?? body.num_generations ?? body.numResults),
      veto: vetoOf(view, params.model),
    }
  },
  observe(event, answer) {
    if (!event.stream) return observeVendor(event, answer)
    answer.needsMarker = true
    const data = decodeBytes(event)
    if (data === undefined || isFailure(data)) answer.flags.add(data === undefined ? 'malformed' : 'error')
    else observeVendor({ name: vendorName(data), data, stream: true }, answer)
  },
}

/** Titan's and Cohere's embedding models. */
function isEmbedding(body: JsonObject): boolean {
  return isFilled(body.inputText) ? body.textGenerationConfig === undefined : isFilled(body.texts)
}

/** The vendor's JSON in a frame; `undefined` if there is none. */
function decodeBytes({ data }: AnswerEvent): Json | undefined {
  const bytes = text(object(data).bytes)
  try {
    return bytes === undefined ? undefined : JSON.parse(Buffer.from(bytes, 'base64').toString())
  } catch {
    return undefined
  }
}

/** Nova names its events by their only other member: `{ "messageStop": { … } }`. */
function vendorName(data: Json): string | undefined {
  return Object.keys(object(data)).find((name) => name !== METRICS)
}

const METRICS = 'amazon-bedrock-invocationMetrics'

function observeVendor(event: AnswerEvent, answer: Answer): void {
  if (!isObject(event.data)) return
  const { data } = event
  if (data['amazon-bedrock-guardrailAction'] === 'INTERVENED') answer.flags.add('content-filter')
  if (text(data.type) !== undefined) observeAnthropic(event, answer)
  else if (isFilled(data.choices) && !isGiven(data.outputs)) observeChat(event, answer)
  else if (list(data.results).some((item) => isGiven(object(item).relevance_score))) rerank.observe(event, answer)
  else if (isObject(data.output)) observeConverse(event, answer)
  else if (event.name !== undefined && NOVA.has(event.name)) {
    observeConverse({ ...event, data: data[event.name] ?? null }, answer)
  } else observeOther(data, answer)
  noteMetrics(data, answer)
}

const NOVA: ReadonlySet<string> = new Set(
  'messageStart contentBlockStart contentBlockDelta contentBlockStop messageStop metadata'.split(' '),
)

/** The last frame of any stream. */
function noteMetrics(data: JsonObject, answer: Answer): void {
  const metrics = data[METRICS]
  if (!isObject(metrics)) return
  answer.ended = true
  answer.usage ??= usageOf({ input: number(metrics.inputTokenCount), output: number(metrics.outputTokenCount) })
}

/** Notes vectors, or one choice with its text and finish reason where Llama, Mistral, Titan and Cohere put them. */
function observeOther(data: JsonObject, answer: Answer): void {
  if (data.embedding !== undefined || data.embeddings !== undefined) {
    answer.usage = usageOf({ input: number(data.inputTextTokenCount), output: undefined }) ?? answer.usage
    return noteItems(answer, data.embedding === undefined ? cohereVectors(data.embeddings) : [data.embedding])
  }
  const items = [...list(data.outputs), ...list(data.results), ...list(data.generations), ...list(data.completions)]
  for (const [position, item] of items.entries()) noteText(object(item), answer, position)
  if (items.length === 0) noteText(data, answer, 0)
}

function noteText(item: JsonObject, answer: Answer, position: number): void {
  const words = item.generation ?? item.outputText ?? item.text ?? item.completion ?? object(item.data).text
  const reason = item.stop_reason ?? item.completionReason ?? item.finish_reason ?? object(item.finishReason).reason
  if (words === undefined && reason === undefined) return
  const choice = answer.choice(position)
  if (isFilled(words)) choice.addContent()
  noteFinish(answer, choice, reason)
}
