import { audio, chat, cohere, completions, embeddings, gemini, messages } from '../endpoints.ts'
import { GENERATE, moderations, openai, reranking, responses, transcriptions } from '../endpoints.ts'
import { geminiGenerate } from '../formats/gemini.ts'
import { openaiChat } from '../formats/openai-chat.ts'
import { openaiCompletions } from '../formats/openai-completions.ts'
import { openaiModerations } from '../formats/openai-moderations.ts'
import type { ProviderRow } from '../provider.ts'

/** Vendors of models, at their own hosts. */
export const MODEL_MAKERS: readonly ProviderRow[] = [
  {
    id: 'openai',
    docs: 'https://platform.openai.com/docs/api-reference',
    hosts: ['api.openai.com', '*.api.openai.com'], // us.api.openai.com: data residency
    endpoints: [...openai('/v1'), moderations('/v1'), ...audio('/v1')],
  },
  {
    id: 'anthropic',
    docs: 'https://platform.claude.com/docs/en/api/messages',
    hosts: ['api.anthropic.com'],
    // The second: Anthropic's OpenAI-compatible endpoint, https://platform.claude.com/docs/en/api/openai-sdk
    endpoints: [messages('/v1'), chat('/v1')],
  },
  {
    id: 'gemini',
    docs: 'https://ai.google.dev/api',
    hosts: ['generativelanguage.googleapis.com'],
    endpoints: [
      ...gemini('/{version:v1|v1beta|v1alpha}'),
      { path: `/{version:v1|v1beta|v1alpha}/tunedModels/{model}:${GENERATE}`, format: geminiGenerate },
      // https://ai.google.dev/gemini-api/docs/openai
      chat('/{version:v1beta|v1alpha}/openai'),
      embeddings('/{version:v1beta|v1alpha}/openai'),
    ],
  },
  {
    id: 'mistral',
    docs: 'https://docs.mistral.ai/api',
    hosts: ['api.mistral.ai', 'codestral.mistral.ai'],
    endpoints: [
      chat('/v1'),
      { path: '/v1/fim/completions', format: openaiCompletions },
      embeddings('/v1'),
      moderations('/v1'),
      { path: '/v1/chat/moderations', format: openaiModerations },
      transcriptions('/v1'),
    ],
  },
  {
    id: 'cohere',
    docs: 'https://docs.cohere.com/reference/about',
    hosts: ['api.cohere.com', 'api.cohere.ai'],
    // The last two: https://docs.cohere.com/docs/compatibility-api
    endpoints: [...cohere(''), chat('/compatibility/v1'), embeddings('/compatibility/v1')],
  },
  {
    id: 'deepseek',
    docs: 'https://api-docs.deepseek.com',
    hosts: ['api.deepseek.com'],
    endpoints: [
      chat(''),
      chat('/v1'),
      chat('/beta'),
      completions('/beta'),
      responses(''),
      // https://api-docs.deepseek.com/guides/anthropic_api
      messages('/anthropic/v1'),
    ],
  },
  {
    id: 'xai',
    docs: 'https://docs.x.ai/docs/api-reference',
    hosts: ['api.x.ai', '*.api.x.ai'], // regional hosts and messages: not found in its reference
    endpoints: [...openai('/v1'), messages('/v1')],
  },
  {
    id: 'perplexity',
    docs: 'https://docs.perplexity.ai/api-reference/chat-completions-post',
    hosts: ['api.perplexity.ai'],
    endpoints: [chat('')],
    sendsNoDone: true, // https://github.com/perplexityai/api-discussion/issues/209
  },
  {
    id: 'writer',
    docs: 'https://dev.writer.com/home/chat-completion',
    hosts: ['api.writer.com'],
    endpoints: [{ path: '/v1/chat', format: openaiChat }],
    sendsNoDone: true, // https://dev.writer.com/home/streaming
  },
  {
    id: 'voyage',
    docs: 'https://docs.voyageai.com/reference/embeddings-api',
    hosts: ['api.voyageai.com'],
    endpoints: [embeddings('/v1'), reranking('/v1')],
  },
  {
    id: 'jina',
    docs: 'https://docs.litellm.ai/docs/providers/jina_ai', // Jina's own page (https://jina.ai/embeddings) is no reference
    hosts: ['api.jina.ai'],
    endpoints: [embeddings('/v1'), reranking('/v1')],
  },
]
