import type { Format } from '../provider.ts'
import { googleError } from './errors.ts'
import { isFilled, list, number, object, text } from './read.ts'
import { usageOf } from './usage.ts'
import { noteItems } from './vectors.ts'

/** Gemini's `embedContent` and `batchEmbedContents`. */
export const geminiEmbed: Format = {
  id: 'gemini-embed',
  docs: 'https://ai.google.dev/api/embeddings',
  ordered: [],
  streamField: undefined,
  errorShape: googleError,
  inspect({ body, params }) {
    const model = params.model ?? text(body.model)
    return { model, stream: false, deterministic: true, choices: list(body.requests).length, veto: undefined }
  },
  observe({ data }, answer) {
    const { embedding, embeddings, usageMetadata } = object(data)
    const input = number(object(usageMetadata).promptTokenCount)
    answer.usage = usageOf({ input, output: undefined }) ?? answer.usage
    noteItems(answer, embedding === undefined ? list(embeddings) : [embedding], (item) => isFilled(object(item).values))
  },
}
