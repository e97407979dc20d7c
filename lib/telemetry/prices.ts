import { createRequire } from 'node:module'
import type { Usage } from '../providers/answer.ts'

type Prices = typeof import('@pydantic/genai-prices')
let prices: Prices | undefined

/**
 * The cost of a call in US dollars: the provider's own figure if it reports one, otherwise the list price; `undefined`
 * for a model without a known price.
 */
export function priceOf(provider: string, model: string, usage: Usage): number | undefined {
  if (usage.cost !== undefined) return usage.cost
  // Half a megabyte of price lists, loaded at first use and not when the app starts.
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
    return undefined // the list does not know the provider or the usage
  }
}
