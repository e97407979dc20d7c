import { createRequire } from 'node:module'
import type { Usage } from '../providers/answer.ts'

type Prices = typeof import('@pydantic/genai-prices')
let prices: Prices | undefined

/**
 * What a call costs by list price, in US dollars: the provider's own figure where it gives one; `undefined` for a model
 * that the list does not know.
 */
export function priceOf(provider: string, model: string, usage: Usage): number | undefined {
  if (usage.cost !== undefined) return usage.cost
  // Half a megabyte of price lists: read when somebody first asks, not at the start of every app.
  prices ??= createRequire(import.meta.url)('@pydantic/genai-prices') as Prices // createRequire is untyped
  const tokens = {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    cache_read_tokens: usage.cachedTokens ?? 0,
    cache_write_tokens: usage.cacheWriteTokens ?? 0,
  }
  try {
    const known = prices.calcPrice(tokens, model, { providerId: provider }) ?? prices.calcPrice(tokens, model)
    return known?.total_price
  } catch {
    return undefined // a provider or a usage that the list does not know
  }
}
