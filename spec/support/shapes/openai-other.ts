import { createHash } from 'node:crypto'
import { countTokens, document, text, type Ask, type Shape } from './shape.ts'

/** https://platform.openai.com/docs/api-reference/embeddings/create */
export function embeddings(ask: Ask): Shape {
  const { input, encoding_format: format, model } = ask.body
  const texts: readonly unknown[] = Array.isArray(input) && typeof input[0] !== 'number' ? input : [input]
  const entries = texts.map((item, index) => ({ object: 'embedding', index, embedding: encode(vector(item), format) }))
  const tokens = countTokens(input)
  return document({
    // Mistral names its answers here too.
    ...(model === 'mistral-embed' && { id: `embd-${ask.serial}` }),
    object: 'list',
    data: entries,
    model: text(model, 'embedding-test'),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  })
}

/** https://platform.openai.com/docs/api-reference/moderations/object */
export function moderations(ask: Ask): Shape {
  const score = (vector(ask.body['input'])[0] ?? 0) / 10
  const results = [{ flagged: false, categories: { violence: false }, category_scores: { violence: score } }]
  return document({ id: `modr-${ask.serial}`, model: text(ask.body['model'], 'moderation-test'), results })
}

/** https://platform.openai.com/docs/api-reference/audio/json-object */
export function transcription(form: Uint8Array, serial: number): Shape {
  return document({ text: `Speech ${serial} of ${form.length} bytes.` })
}

/** Eight numbers made of the text's digest: no other text has them. */
export function vector(item: unknown): number[] {
  const digest = createHash('sha256').update(JSON.stringify(item)).digest()
  return Array.from({ length: 8 }, (_, i) => digest.readInt16LE(i * 2) / 32_768)
}

function encode(values: readonly number[], format: unknown): string | readonly number[] {
  return format === 'base64' ? Buffer.from(Float32Array.from(values).buffer).toString('base64') : values
}
