import type { Format } from '../provider.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { cohereError } from './errors.ts'
import { list, object, text } from './read.ts'
import type { Value } from './read.ts'
import { cohereUsage } from './usage.ts'
import { noteItems } from './vectors.ts'

/** Cohere's embed, versions 1 and 2: a list of vectors, or one list for each embedding type asked for. */
export const cohereEmbed: Format = {
  id: 'cohere-embed',
  docs: 'https://docs.cohere.com/reference/embed',
  ordered: [],
  streamField: undefined,
  errorShape: cohereError,
  inspect({ body, params }) {
    const model = params.model ?? text(body.model)
    return { model, stream: false, deterministic: true, choices: vectorsAsked(body), veto: undefined }
  },
  observe({ data }, answer) {
    const { embeddings, meta } = object(data)
    answer.usage = cohereUsage(meta) ?? answer.usage
    noteItems(answer, cohereVectors(embeddings))
  },
}

/** The number of vectors that a request asks for: one for each input and type. */
export function vectorsAsked({ texts, images, inputs, embedding_types: types }: JsonObject): number {
  return list(texts ?? images ?? inputs).length * Math.max(1, list(types).length)
}

/** The vectors of an answer, of all types together. */
export function cohereVectors(embeddings: Value): readonly Json[] {
  return Array.isArray(embeddings) ? list(embeddings) : Object.values(object(embeddings)).flatMap(list)
}
