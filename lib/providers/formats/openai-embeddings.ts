import type { Format } from '../provider.ts'
import { countTexts } from './asked.ts'
import { isFilled, list, object, text } from './read.ts'
import { openaiUsage } from './usage.ts'
import { noteItems } from './vectors.ts'

/** Embeddings of OpenAI, and those of Voyage, Jina and Mistral in the same shape: floats or base64. */
export const openaiEmbeddings: Format = {
  id: 'openai-embeddings',
  docs: 'https://platform.openai.com/docs/api-reference/embeddings',
  ordered: [],
  streamField: undefined,
  inspect({ body, params }) {
    const model = params.model ?? text(body.model)
    return { model, stream: false, deterministic: true, choices: countTexts(body.input), veto: undefined }
  },
  observe({ data }, answer) {
    const { data: items, usage } = object(data)
    answer.usage = openaiUsage(usage) ?? answer.usage
    noteItems(answer, list(items), (item) => hasVector(object(item)))
  },
}

/** Whether an item has a vector, or one per precision or token (Jina, Voyage's contextualised ones). */
function hasVector({ embedding, embeddings, data }: ReturnType<typeof object>): boolean {
  return isFilled(embedding) || isFilled(embeddings) || isFilled(data)
}
