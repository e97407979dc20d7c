import type { Format } from '../provider.ts'
import { openaiError } from './errors.ts'
import { isFilled, list, object, text } from './read.ts'
import { openaiUsage } from './usage.ts'
import { noteItems } from './vectors.ts'

/** Pinecone's embed: one dense or sparse vector for each input. */
export const pineconeEmbed: Format = {
  id: 'pinecone-embed',
  docs: 'https://docs.pinecone.io/reference/api/latest/inference/generate-embeddings',
  ordered: [],
  streamField: undefined,
  errorShape: openaiError,
  inspect({ body }) {
    return {
      model: text(body.model),
      stream: false,
      deterministic: true,
      choices: list(body.inputs).length,
      veto: undefined,
    }
  },
  observe({ data }, answer) {
    const { data: items, usage } = object(data)
    answer.usage = openaiUsage(usage) ?? answer.usage
    noteItems(answer, list(items), (item) => isFilled(object(item).values) || isFilled(object(item).sparse_values))
  },
}
