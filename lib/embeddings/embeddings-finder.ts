import type { Finder } from '../finders/finder.ts'
import { openaiEmbeddings } from '../providers/formats/openai-embeddings.ts'
import { Batch, type BatchTools } from './batch.ts'

/**
 * An `input` array of N texts is N answers. Only for endpoints of OpenAI's shape, and not if models or hosts share
 * answers: vectors of different models must never be mixed.
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
