/** How one client library makes its calls. */
export interface Sdk {
  readonly name: string
  /** The first version that goes through the built-in fetch, and so through the cache. Absent if no version does. */
  readonly least?: string
  /** What to do about an older version. */
  readonly remedy?: string
}

const shim = (name: string): string => `import '${name}/shims/web' before it, which makes it use the built-in fetch`

/**
 * Clients whose transport is known from their packages. Those with `least: '0.0.0'` use the built-in fetch in every
 * version that still works.
 */
export const SDKS: readonly Sdk[] = [
  { name: 'openai', least: '5.0.0', remedy: shim('openai') },
  { name: '@anthropic-ai/sdk', least: '0.50.1', remedy: shim('@anthropic-ai/sdk') },
  { name: 'groq-sdk', least: '1.1.1', remedy: shim('groq-sdk') },
  { name: 'together-ai', least: '0.21.0', remedy: shim('together-ai') },
  { name: '@cerebras/cerebras_cloud_sdk', remedy: shim('@cerebras/cerebras_cloud_sdk') },
  { name: 'cohere-ai', least: '7.12.0' },
  { name: '@azure/openai', least: '2.0.0', remedy: 'use AzureOpenAI of the package openai' },
  { name: '@azure-rest/ai-inference', remedy: "use the package openai with the resource's /openai/v1 base URL" },
  {
    name: '@aws-sdk/client-bedrock-runtime',
    remedy: 'pass requestHandler: new FetchHttpHandler() of @smithy/fetch-http-handler to the client',
  },
  {
    name: 'promptfoo',
    remedy: 'it brings a dispatcher of its own to each call; its own cache is PROMPTFOO_CACHE_ENABLED',
  },
  { name: '@google/genai', least: '0.0.0' },
  { name: '@mistralai/mistralai', least: '0.0.0' },
  { name: '@openrouter/sdk', least: '0.0.0' },
  { name: '@huggingface/inference', least: '0.0.0' },
  { name: 'voyageai', least: '0.0.0' },
  { name: 'ollama', least: '0.0.0' },
  { name: 'ai', least: '0.0.0' },
]

/** Plain HTTP clients. Only the app knows whether it makes LLM calls with them. */
export const HTTP_CLIENTS: readonly Sdk[] = [
  { name: 'axios', remedy: "axios.create({ adapter: 'fetch' }), from 1.7 on" },
  { name: 'node-fetch', remedy: 'the built-in fetch' },
]
