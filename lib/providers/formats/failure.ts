import { type Json, isObject } from '../../base/json.ts'
import { isGiven } from './read.ts'

/**
 * Whether an event or a body reports a failure, in any format: an `error` member that is not `null` (OpenAI,
 * OpenRouter, Gemini, Ollama, llama.cpp), `type: "error"` (Anthropic), `object: "error"` (vLLM, Mistral), `success:
 * false` (Cloudflare). In an array, any element counts.
 */
export function isFailure(data: Json): boolean {
  if (isObject(data)) {
    return isGiven(data.error) || data.type === 'error' || data.object === 'error' || data.success === false
  }
  return Array.isArray(data) && data.some((item: Json) => isObject(item) && isFailure(item))
}
