import { audio, chat, messages, moderations, openai, reranking } from '../endpoints.ts'
import { vercelEmbeddingModel, vercelLanguageModel } from '../formats/vercel-gateway.ts'
import type { ProviderRow } from '../provider.ts'
import { cloudflare } from './cloudflare.ts'

/** Gateways that pass a call on to a provider. */
export const GATEWAYS: readonly ProviderRow[] = [
  {
    id: 'openrouter',
    docs: 'https://openrouter.ai/docs/api-reference/overview',
    hosts: ['openrouter.ai'],
    endpoints: [...openai('/api/v1'), messages('/api/v1')],
  },
  {
    id: 'vercel',
    // The OpenAI-compatible ones: https://vercel.com/docs/ai-gateway/openai-compat
    docs: 'https://vercel.com/docs/ai-gateway',
    hosts: ['ai-gateway.vercel.sh'],
    endpoints: [
      // The newest SDK calls v4; the earlier versions were not found in a document.
      { path: '/{version:v1|v2|v3|v4}/ai/language-model', format: vercelLanguageModel },
      { path: '/{version:v1|v2|v3|v4}/ai/embedding-model', format: vercelEmbeddingModel },
      ...openai('/v1'),
      messages('/v1'),
    ],
  },
  {
    id: 'cloudflare',
    docs: 'https://developers.cloudflare.com/ai-gateway/usage/providers/',
    hosts: ['gateway.ai.cloudflare.com'],
    endpoints: cloudflare,
  },
  {
    id: 'orq',
    docs: 'https://docs.orq.ai/docs/ai-gateway/openai-compatible-api',
    hosts: ['api.orq.ai'],
    endpoints: ['/v3/router', '/v2/router', '/v2/proxy'].flatMap((prefix) => [
      ...openai(prefix),
      moderations(prefix),
      reranking(prefix),
      ...audio(prefix),
    ]),
  },
  {
    id: 'fastrouter',
    docs: 'https://docs.fastrouter.ai/api-reference/chat-request-api',
    hosts: ['go.fastrouter.ai'],
    endpoints: [chat('/api/v1')],
  },
]
