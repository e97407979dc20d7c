import type { Finder } from '../finders/finder.ts'
import { openaiEmbeddings } from '../providers/formats/openai-embeddings.ts'
import { Batch, type BatchTools } from './batch.ts'

/**
 * One `input` array of N texts is N answers. Not at an endpoint that is none of OpenAI's shape, nor where models or hosts
 * share answers: their vectors must never meet in one list.
 */
export function embeddingsFinder(tools: BatchTools): Finder {
  return {
    name: 'embeddings',
    open(call) {
      const { anyModel, anyProvider } = call.plan.share
      if (call.match.endpoint.format !== openaiEmbeddings || anyModel || anyProvider) return undefined
      return new Batch(tools, call)
    },
  }
}
