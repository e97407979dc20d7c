import type { Format } from '../provider.ts'
import { countTexts } from './asked.ts'
import { isFilled, list, object, text } from './read.ts'
import { openaiUsage } from './usage.ts'
import { noteItems } from './vectors.ts'

/** OpenAI's and Mistral's moderations: one result with its categories for each input. */
export const openaiModerations: Format = {
  id: 'openai-moderations',
  docs: 'https://platform.openai.com/docs/api-reference/moderations',
  ordered: [],
  streamField: undefined,
  inspect({ body, params }) {
    const model = params.model ?? text(body.model)
    // A list of parts (text, images) is one input, as are Mistral's messages.
    const choices = list(body.input).every((item) => typeof item === 'string') ? countTexts(body.input) : undefined
    return { model, stream: false, deterministic: true, choices, veto: undefined }
  },
  observe({ data }, answer) {
    const { results, usage } = object(data)
    answer.usage = openaiUsage(usage) ?? answer.usage
    noteItems(answer, list(results), (result) => isFilled(object(result).categories))
  },
}
