import { audio, chat, embeddings, gemini, messages, moderations, openai, reranking } from '../endpoints.ts'
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
      // The newest SDK calls v4; earlier versions are not documented.
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
  {
    id: 'portkey',
    docs: 'https://portkey.ai/docs/api-reference/inference-api/introduction',
    hosts: ['api.portkey.ai'],
    endpoints: [...openai('/v1'), messages('/v1'), moderations('/v1'), reranking('/v1'), ...audio('/v1')],
    credentials: [
      'x-portkey-api-key',
      'x-portkey-virtual-key',
      'x-portkey-aws-access-key-id',
      'x-portkey-aws-secret-access-key',
      'x-portkey-aws-session-token',
      'x-portkey-vertex-service-account-json',
    ],
    // https://portkey.ai/docs/integrations/llms/gemini: the gateway turns them into Google's own tools.
    hostedFunctions: [
      'googleSearch',
      'google_search',
      'googleSearchRetrieval',
      'google_search_retrieval',
      'googleMaps',
      'google_maps',
      'computerUse',
      'computer_use',
    ],
  },
  {
    id: 'helicone',
    // The first host is Helicone's AI gateway, with and without `/v1`; the others keep the provider's own path.
    docs: 'https://docs.helicone.ai/getting-started/integration-method/gateway',
    hosts: [
      'ai-gateway.helicone.ai',
      'gateway.helicone.ai',
      'oai.helicone.ai',
      'anthropic.helicone.ai',
      'deepseek.helicone.ai',
      'fireworks.helicone.ai',
      'groq.helicone.ai',
      'hyperbolic.helicone.ai',
      'mistral.helicone.ai',
      'openrouter.helicone.ai',
      'perplexity.helicone.ai',
      'together.helicone.ai',
      'x.helicone.ai',
    ],
    endpoints: [
      ...['/v1', '', '/openai/v1', '/api/v1', '/inference/v1'].flatMap(openai),
      ...['/v1', '/api/v1'].map(messages),
      moderations('/v1'),
      reranking('/v1'),
      ...audio('/v1'),
      ...gemini('/{version:v1|v1beta}'),
      chat('/openai/deployments/{model}'),
      embeddings('/openai/deployments/{model}'),
    ],
    credentials: ['helicone-auth'],
  },
  {
    id: 'braintrust',
    docs: 'https://www.braintrust.dev/docs/deploy/gateway',
    hosts: ['gateway.braintrust.dev', 'api.braintrust.dev', 'braintrustproxy.com'],
    endpoints: [
      ...['/v1', '/v1/proxy', ''].flatMap(openai),
      messages('/v1'),
      messages('/v1/proxy/anthropic'),
      ...gemini('/v1beta'),
    ],
  },
  {
    id: 'fal',
    // Other models answer with links to files that fal deletes.
    docs: 'https://fal.ai/models/openrouter/router',
    hosts: ['fal.run'],
    endpoints: openai('/openrouter/router/openai/v1'),
  },
]
