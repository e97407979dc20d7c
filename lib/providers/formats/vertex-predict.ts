import type { Format } from '../provider.ts'
import { googleError } from './errors.ts'
import { type JsonObject, isObject } from '../../base/json.ts'
import type { Answer } from '../answer.ts'
import { anthropicMessages, observeAnthropic } from './anthropic.ts'
import { countOf } from './asked.ts'
import { geminiGenerate } from './gemini.ts'
import { vetoOf } from './hosted.ts'
import { observeChat } from './openai-chat.ts'
import { isFilled, list, number, object, text } from './read.ts'
import { isSteadyBody } from './sampling.ts'
import { usageOf } from './usage.ts'
import { noteItems } from './vectors.ts'

/**
 * Vertex AI's `predict` (embeddings, images), and `rawPredict` and `streamRawPredict`, whose bodies are the model
 * vendor's own: Anthropic's messages, Mistral's chat.
 */
export const vertexPredict: Format = {
  id: 'vertex-predict',
  docs: 'https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.publishers.models/predict',
  // At the top level, `parameters` are sampling parameters.
  ordered: [...anthropicMessages.ordered.filter((place) => place !== '**.parameters'), 'tools[*].function.parameters'],
  streamField: { name: 'stream', default: false },
  errorShape: googleError,
  inspect(view) {
    const { body, params } = view
    const model = params.model ?? text(body.model)
    return {
      model,
      stream: body.stream === true || params.action?.startsWith('stream') === true,
      deterministic: isSteadyBody(body) || isSteadyBody(object(body.parameters)) || isEmbedding(body),
      choices: predictionsAsked(body) ?? countOf(body.n),
      veto: vetoOf(view, model),
    }
  },
  observe(event, answer) {
    if (!isObject(event.data)) return observeChat(event, answer)
    if (isFilled(event.data.predictions)) return observePredictions(event.data, answer)
    if (event.data.choices !== undefined) return observeChat(event, answer)
    if (event.data.candidates !== undefined) return geminiGenerate.observe(event, answer)
    observeAnthropic(event, answer)
  },
}

/**
 * The number of predictions: a vector for each text, or the requested number of images:
 * https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/imagen-api
 */
function predictionsAsked(body: JsonObject): number | undefined {
  return isEmbedding(body) ? list(body.instances).length : countOf(object(body.parameters).sampleCount)
}

/** https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api: text in, a vector out. */
function isEmbedding({ instances }: JsonObject): boolean {
  return list(instances).length > 0 && list(instances).every((item) => object(item).content !== undefined)
}

function observePredictions({ predictions }: JsonObject, answer: Answer): void {
  const items = list(predictions)
  noteItems(answer, items)
  if (items.some((item) => isFilled(object(item).raiFilteredReason))) answer.flags.add('content-filter')
  const tokens = items.map((item) => number(object(object(object(item).embeddings).statistics).token_count))
  const input = tokens.reduce(
    (sum, count) => (sum === undefined && count === undefined ? sum : (sum ?? 0) + (count ?? 0)),
    undefined,
  )
  answer.usage = usageOf({ input, output: undefined }) ?? answer.usage
}
