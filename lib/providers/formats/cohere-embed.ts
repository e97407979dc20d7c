import type { Format } from '../provider.ts'
import { isFilled, list, object, text } from './read.ts'
import type { Value } from './read.ts'
import { cohereUsage } from './usage.ts'
import { noteItems } from './vectors.ts'

/** Cohere's embed, versions 1 and 2: a list of vectors, or one list for each embedding type asked for. */
export const cohereEmbed: Format = {
  id: 'cohere-embed',
  docs: 'https://docs.cohere.com/reference/embed',
  schemas: [],
  streamField: undefined,
  inspect({ body, params }) {
    return { model: params.model ?? text(body.model), stream: false, deterministic: true, veto: undefined }
  },
  observe({ data }, answer) {
    const { embeddings, meta } = object(data)
    answer.usage = cohereUsage(meta) ?? answer.usage
    if (Array.isArray(embeddings)) return noteItems(answer, list(embeddings))
    const types = Object.values(object(embeddings)).filter((value) => value !== null && value !== undefined)
    noteItems(answer, types, (vectors: Value) => list(vectors).length > 0 && list(vectors).every(isFilled))
  },
}
