import type { JsonObject } from '../../base/json.ts'
import type { Usage } from '../answer.ts'
import { number, object } from './read.ts'
import type { Value } from './read.ts'

/** Token counts of one answer; `undefined` for what the provider leaves out. */
export interface Counts {
  /** Prompt tokens, cached ones included. */
  readonly input: number | undefined
  readonly output: number | undefined
  /** Input and output together. */
  readonly total?: number | undefined
  readonly cached?: number | undefined
  /** Written to the provider's cache. */
  readonly written?: number | undefined
  /** US dollars. */
  readonly cost?: number | undefined
}

/**
 * Usage from a provider's counts; `undefined` if there are none. A total fills in missing counts: embeddings often have
 * only that, and xAI and Gemini include reasoning in the total, but not in the completion tokens.
 */
export function usageOf({ input, output, total = 0, cached, written, cost }: Counts): Usage | undefined {
  if (input === undefined && output === undefined && total === 0) return undefined
  const inputTokens = input ?? Math.max(0, total - (output ?? 0))
  return {
    inputTokens,
    outputTokens: Math.max(output ?? 0, total - inputTokens),
    ...(cached === undefined ? {} : { cachedTokens: cached }),
    ...(written === undefined ? {} : { cacheWriteTokens: written }),
    ...(cost === undefined ? {} : { cost }),
  }
}

/**
 * The `usage` member of OpenAI's APIs and compatible ones: `prompt_tokens` of chat and embeddings, `input_tokens` of
 * Responses; DeepSeek's `prompt_cache_hit_tokens`.
 * https://platform.openai.com/docs/api-reference/chat/object
 */
export function openaiUsage(value: Value): Usage | undefined {
  const usage = object(value)
  const details = object(usage.prompt_tokens_details ?? usage.input_tokens_details)
  return usageOf({
    input: number(usage.prompt_tokens) ?? number(usage.input_tokens),
    output: number(usage.completion_tokens) ?? number(usage.output_tokens),
    total: number(usage.total_tokens),
    cached: number(details.cached_tokens) ?? number(usage.prompt_cache_hit_tokens) ?? number(usage.cached_tokens),
    // GPT-5.6 and later: https://platform.openai.com/docs/guides/prompt-caching
    written: number(details.cache_write_tokens),
    cost: costOf(usage),
  })
}

/**
 * US dollars: OpenRouter's `cost`, Perplexity's `cost.total_cost`, xAI's ticks
 * (https://docs.x.ai/developers/cost-tracking).
 */
function costOf({ cost, cost_in_usd_ticks: ticks }: JsonObject): number | undefined {
  return number(cost) ?? number(object(cost).total_cost) ?? (typeof ticks === 'number' ? ticks / 1e10 : undefined)
}

/**
 * Anthropic's `usage`, whose `input_tokens` excludes tokens read from or written to its cache. In a stream,
 * `message_start` has the input and `message_delta` the output so far, so earlier counts fill the gaps.
 * https://docs.claude.com/en/api/messages
 */
export function anthropicUsage(value: Value, earlier: Usage | undefined): Usage | undefined {
  const usage = object(value)
  const fresh = number(usage.input_tokens)
  const read = number(usage.cache_read_input_tokens)
  const made = number(usage.cache_creation_input_tokens)
  const input = fresh === undefined ? earlier?.inputTokens : fresh + (read ?? 0) + (made ?? 0)
  const output = number(usage.output_tokens) ?? earlier?.outputTokens
  return usageOf({
    input,
    output,
    cached: read ?? earlier?.cachedTokens,
    written: made ?? earlier?.cacheWriteTokens,
  })
}

/**
 * Bedrock's `usage`, whose `inputTokens` excludes cached tokens.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html
 */
export function bedrockUsage(value: Value): Usage | undefined {
  const usage = object(value)
  const fresh = number(usage.inputTokens)
  const read = number(usage.cacheReadInputTokens)
  const made = number(usage.cacheWriteInputTokens)
  const input = fresh === undefined ? undefined : fresh + (read ?? 0) + (made ?? 0)
  return usageOf({ input, output: number(usage.outputTokens), cached: read, written: made })
}

/**
 * Cohere's `usage` (v2) or `meta` (v1): actual tokens if it has them, otherwise billed ones.
 * https://docs.cohere.com/reference/chat
 */
export function cohereUsage(value: Value): Usage | undefined {
  const usage = object(value)
  const tokens = object(usage.tokens ?? usage.billed_units)
  return usageOf({
    input: number(tokens.input_tokens),
    output: number(tokens.output_tokens),
    cached: number(usage.cached_tokens),
  })
}
