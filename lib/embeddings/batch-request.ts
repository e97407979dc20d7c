import { list } from '../providers/formats/read.ts'
import type { Json, JsonObject } from '../base/json.ts'

/** One text of a batch, as a string or as tokens. */
export type Item = string | readonly number[]

/** Relative size of a text: its tokens, or its bytes in UTF-8. */
export function sizeOf(item: Item): number {
  return typeof item === 'string' ? Math.max(1, Buffer.byteLength(item)) : item.length
}

/** A batch as the caller wrote it. */
export interface BatchRequest {
  /** In the caller's order, duplicates included; at least one. */
  readonly items: readonly Item[]
  /** The body of the same call for another `input`. */
  bodyFor(input: Json): Uint8Array
}

/** OpenAI's own limit. A longer batch is passed on unchanged, for the provider to reject. */
const MAX_ITEMS = 2048

/**
 * Members that affect each text independently of the others. Any other member may connect the texts of a batch (as
 * Jina's `late_chunking` does), so a batch with one stays whole.
 */
const HARMLESS: ReadonlySet<string> = new Set([
  // https://platform.openai.com/docs/api-reference/embeddings/create
  'input',
  'model',
  'dimensions',
  'encoding_format',
  'user',
  // https://docs.voyageai.com/reference/embeddings-api
  'input_type',
  'truncation',
  'output_dimension',
  'output_dtype',
  // https://docs.mistral.ai/api/#tag/embeddings
  'metadata',
  // https://jina.ai/embeddings
  'task',
  'normalized',
  // NVIDIA NIM and Together: https://docs.nvidia.com/nim/nemo-retriever/text-embedding/latest/reference.html
  'truncate',
  // OpenRouter's routing: https://openrouter.ai/docs/api/reference/embeddings
  'provider',
  // vLLM: https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
  'truncate_prompt_tokens',
  'add_special_tokens',
  'priority',
])

/**
 * Reads a batch of texts, or of token arrays. `undefined` for everything else (one text, one token array, texts with
 * images, members not known to be harmless): such a call has one answer.
 */
export function readBatch(body: JsonObject): BatchRequest | undefined {
  if (!Object.keys(body).every((name) => HARMLESS.has(name))) return undefined
  if (body.model !== undefined && typeof body.model !== 'string') return undefined
  const items = itemsOf(list(body.input))
  return items && { items, bodyFor: (input) => Buffer.from(JSON.stringify({ ...body, input })) }
}

/** Texts or token arrays, never both: no provider documents how it counts a mixture. */
function itemsOf(input: readonly Json[]): readonly Item[] | undefined {
  if (input.length === 0 || input.length > MAX_ITEMS) return undefined
  if (input.every((item) => typeof item === 'string')) return input
  return input.every(isTokens) ? input : undefined
}

function isTokens(item: Json): item is readonly number[] {
  return Array.isArray(item) && item.length > 0 && item.every((token) => Number.isSafeInteger(token))
}
