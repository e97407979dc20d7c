import type { Format } from '../provider.ts'
import type { Json } from '../../base/json.ts'
import { list, number, object, text } from './read.ts'
import { openaiUsage } from './usage.ts'
import { noteItems } from './vectors.ts'

/**
 * Rerankers: `results` (Cohere, Jina, Together), `data` (Voyage), `rankings` (NVIDIA) or a bare array (Hugging Face's
 * text-embeddings-inference), each item with a score.
 */
export const rerank: Format = {
  id: 'rerank',
  docs: 'https://docs.cohere.com/reference/rerank',
  // Documents may be the caller's own objects.
  ordered: ['documents'],
  streamField: undefined,
  inspect({ body, params }) {
    return { model: params.model ?? text(body.model), stream: false, deterministic: true, veto: undefined }
  },
  observe({ data }, answer) {
    const { results, data: items, rankings, usage } = object(data)
    answer.usage = openaiUsage(usage) ?? answer.usage
    noteItems(answer, list(results ?? items ?? rankings ?? data), hasScore)
  },
}

function hasScore(item: Json): boolean {
  const { relevance_score: relevance, score, logit } = object(item)
  return number(relevance ?? score ?? logit) !== undefined
}
