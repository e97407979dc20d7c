import { audio, chat, completions, embeddings, messages, openai, reranking } from '../endpoints.ts'
import { pineconeEmbed } from '../formats/pinecone-embed.ts'
import type { ProviderRow } from '../provider.ts'

/** Services that run other vendors' models. */
export const INFERENCE_SERVICES: readonly ProviderRow[] = [
  {
    id: 'groq',
    docs: 'https://console.groq.com/docs/api-reference',
    hosts: ['api.groq.com'],
    endpoints: [...openai('/openai/v1'), ...audio('/openai/v1')],
  },
  {
    id: 'together',
    docs: 'https://docs.together.ai/docs/inference/openai-compatibility',
    hosts: ['api.together.xyz', 'api.together.ai'],
    endpoints: [...openai('/v1'), reranking('/v1'), ...audio('/v1')],
  },
  {
    id: 'fireworks',
    docs: 'https://docs.fireworks.ai/api-reference/introduction',
    hosts: ['api.fireworks.ai'],
    // messages and rerank: not found in its reference.
    endpoints: [...openai('/inference/v1'), messages('/inference/v1'), reranking('/inference/v1')],
  },
  {
    id: 'cerebras',
    docs: 'https://inference-docs.cerebras.ai/api-reference/chat-completions',
    hosts: ['api.cerebras.ai'],
    endpoints: [chat('/v1'), completions('/v1')],
  },
  {
    id: 'hf',
    docs: 'https://huggingface.co/docs/inference-providers/index',
    hosts: ['router.huggingface.co'],
    // `/{provider}/…` keeps the provider's own prefix: /groq/openai/v1, /hf-inference/models/{model}/v1
    endpoints: [...openai('/v1'), chat('/{route+}'), embeddings('/{route+}')],
  },
  {
    id: 'nvidia',
    docs: 'https://docs.nvidia.com/nim/large-language-models/2.0.0/reference/api-reference.html',
    hosts: ['integrate.api.nvidia.com'],
    endpoints: openai('/v1'),
  },
  {
    id: 'pinecone',
    docs: 'https://docs.pinecone.io/reference/api/latest/inference/generate-embeddings',
    hosts: ['api.pinecone.io'],
    endpoints: [{ path: '/embed', format: pineconeEmbed }, reranking('')],
  },
]
