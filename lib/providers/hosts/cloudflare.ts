import {
  audio,
  bedrock,
  chat,
  cohere,
  embeddings,
  gemini,
  messages,
  moderations,
  openai,
  vertex,
} from '../endpoints.ts'
import type { Endpoint } from '../provider.ts'

const CLOUDFLARE = '/v1/{account}/{gateway}'

/**
 * Cloudflare AI Gateway puts the provider's name before the provider's own path (for some without a leading `v1`). Its
 * documentation shows compat, anthropic and mistral; the others follow from the rule.
 */
export const cloudflare: readonly Endpoint[] = [
  ...openai(`${CLOUDFLARE}/compat`),
  ...openai(`${CLOUDFLARE}/openai`),
  moderations(`${CLOUDFLARE}/openai`),
  ...audio(`${CLOUDFLARE}/openai`),
  messages(`${CLOUDFLARE}/anthropic/v1`),
  ...gemini(`${CLOUDFLARE}/google-ai-studio/{version:v1|v1beta}`),
  ...vertex(`${CLOUDFLARE}/google-vertex-ai/v1/projects/{project}/locations/{location}`),
  ...bedrock(`${CLOUDFLARE}/aws-bedrock/bedrock-runtime/{region}`),
  chat(`${CLOUDFLARE}/azure-openai/{resource}/{model}`),
  embeddings(`${CLOUDFLARE}/azure-openai/{resource}/{model}`),
  chat(`${CLOUDFLARE}/{provider:groq|openrouter|perplexity-ai|deepseek|cerebras-ai|cerebras}`),
  chat(`${CLOUDFLARE}/{provider:grok|mistral|openrouter|workers-ai|cerebras}/v1`),
  embeddings(`${CLOUDFLARE}/{provider:mistral|workers-ai}/v1`),
  ...cohere(`${CLOUDFLARE}/cohere`),
]
