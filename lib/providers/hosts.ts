import { audio, chat, cohere, completions, embeddings, gemini, messages } from './endpoints.ts'
import { moderations, ollama, openai, reranking, responses, transcriptions } from './endpoints.ts'
import { bedrockConverse } from './formats/bedrock-converse.ts'
import { bedrockInvoke } from './formats/bedrock-invoke.ts'
import { geminiEmbed } from './formats/gemini-embed.ts'
import { geminiGenerate } from './formats/gemini.ts'
import { openaiCompletions } from './formats/openai-completions.ts'
import { openaiModerations } from './formats/openai-moderations.ts'
import { vercelEmbeddingModel, vercelLanguageModel } from './formats/vercel-gateway.ts'
import { vertexPredict } from './formats/vertex-predict.ts'
import type { Endpoint, ProviderRow } from './provider.ts'

const GENERATE = '{action:generateContent|streamGenerateContent}'
const EMBED = '{action:embedContent|batchEmbedContents}'
const PREDICT = '{action:predict|rawPredict|streamRawPredict}'

/** Vertex AI below its `/v1/…`: a publisher's model, or a model tuned and deployed by the caller. */
function vertex(prefix: string): Endpoint[] {
  return [`${prefix}/publishers/{publisher}/models/{model}`, `${prefix}/endpoints/{model}`].flatMap((model) => [
    { path: `${model}:${GENERATE}`, format: geminiGenerate },
    { path: `${model}:${EMBED}`, format: geminiEmbed },
    { path: `${model}:${PREDICT}`, format: vertexPredict },
  ])
}

/** Bedrock below its host; https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html */
function bedrock(prefix: string): Endpoint[] {
  return [
    { path: `${prefix}/model/{model}/{action:converse|converse-stream}`, format: bedrockConverse },
    { path: `${prefix}/model/{model}/{action:invoke|invoke-with-response-stream}`, format: bedrockInvoke },
  ]
}

const CLOUDFLARE = '/v1/{account}/{gateway}'

/**
 * Cloudflare AI Gateway puts the provider's name before the provider's own path (without a leading `v1` for some). Its
 * documentation spells out compat, anthropic and mistral; the others follow the rule and were not found there.
 */
const cloudflare: readonly Endpoint[] = [
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

/**
 * The hosts that are known without a setting, and their endpoints whose answer is a function of the request. What is
 * not here is passed on untouched.
 */
export const PROVIDERS: readonly ProviderRow[] = [
  {
    id: 'openai',
    docs: 'https://platform.openai.com/docs/api-reference',
    hosts: ['api.openai.com', '*.api.openai.com'], // us.api.openai.com: data residency
    endpoints: [...openai('/v1'), moderations('/v1'), ...audio('/v1')],
  },
  {
    id: 'azure',
    docs: 'https://learn.microsoft.com/azure/ai-foundry/openai/reference',
    hosts: ['*.openai.azure.com', '*.cognitiveservices.azure.com'],
    endpoints: [
      chat('/openai/deployments/{model}'),
      completions('/openai/deployments/{model}'),
      embeddings('/openai/deployments/{model}'),
      ...audio('/openai/deployments/{model}'),
      responses('/openai'),
      ...openai('/openai/v1'),
      ...audio('/openai/v1'),
    ],
  },
  {
    id: 'azure-foundry',
    // The Claude path and its x-api-key: https://platform.claude.com/docs/en/build-with-claude/claude-in-microsoft-foundry
    docs: 'https://learn.microsoft.com/rest/api/aifoundry/modelinference/',
    hosts: ['*.services.ai.azure.com'],
    endpoints: [
      chat('/models'),
      embeddings('/models'),
      chat('/openai/deployments/{model}'),
      completions('/openai/deployments/{model}'),
      embeddings('/openai/deployments/{model}'),
      ...audio('/openai/deployments/{model}'),
      responses('/openai'),
      ...openai('/openai/v1'),
      messages('/anthropic/v1'),
    ],
    // What becomes of body members that the model does not know.
    semanticHeaders: ['extra-parameters'],
  },
  {
    id: 'anthropic',
    docs: 'https://platform.claude.com/docs/en/api/messages',
    hosts: ['api.anthropic.com'],
    // The second: Anthropic's OpenAI-compatible endpoint, https://platform.claude.com/docs/en/api/openai-sdk
    endpoints: [messages('/v1'), chat('/v1')],
  },
  {
    id: 'openrouter',
    docs: 'https://openrouter.ai/docs/api-reference/overview',
    hosts: ['openrouter.ai'],
    endpoints: [...openai('/api/v1'), messages('/api/v1')],
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
    id: 'vertex',
    // rawPredict and streamRawPredict: https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai
    docs: 'https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.publishers.models',
    hosts: ['aiplatform.googleapis.com', '*-aiplatform.googleapis.com', 'aiplatform.*.rep.googleapis.com'],
    endpoints: [
      ...vertex('/{version:v1|v1beta1}/projects/{project}/locations/{location}'),
      // Express mode: https://cloud.google.com/vertex-ai/generative-ai/docs/start/express-mode/overview
      { path: `/{version:v1|v1beta1}/publishers/{publisher}/models/{model}:${GENERATE}`, format: geminiGenerate },
      // https://cloud.google.com/vertex-ai/generative-ai/docs/migrate/openai/overview
      chat('/{version:v1|v1beta1}/projects/{project}/locations/{location}/endpoints/openapi'),
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
    id: 'groq',
    docs: 'https://console.groq.com/docs/api-reference',
    hosts: ['api.groq.com'],
    endpoints: [...openai('/openai/v1'), ...audio('/openai/v1')],
    semanticHeaders: ['groq-beta', 'groq-model-version'],
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
  },
  {
    id: 'cerebras',
    docs: 'https://inference-docs.cerebras.ai/api-reference/chat-completions',
    hosts: ['api.cerebras.ai'],
    endpoints: [chat('/v1'), completions('/v1')],
  },
  {
    id: 'bedrock',
    // The OpenAI-compatible ones: https://docs.aws.amazon.com/bedrock/latest/userguide/bedrock-mantle.html
    docs: 'https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html',
    hosts: [
      'bedrock-runtime.*.amazonaws.com',
      'bedrock-runtime-fips.*.amazonaws.com',
      'bedrock-runtime.*.amazonaws.com.cn',
      'bedrock-mantle.*.api.aws',
    ],
    endpoints: [
      ...bedrock(''),
      chat('/openai/v1'),
      responses('/openai/v1'),
      chat('/v1'),
      responses('/v1'),
      messages('/anthropic/v1'), // not found in its reference
    ],
    // Guardrails, latency and service tier of `invoke`, and the type of its answer.
    semanticHeaders: ['x-amzn-bedrock-*', 'accept'],
  },
  {
    id: 'hf',
    docs: 'https://huggingface.co/docs/inference-providers/index',
    hosts: ['router.huggingface.co'],
    // `/{provider}/…` keeps the provider's own prefix: /groq/openai/v1, /hf-inference/models/{model}/v1
    endpoints: [...openai('/v1'), chat('/{route+}'), embeddings('/{route+}')],
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
  {
    id: 'nvidia',
    docs: 'https://docs.nvidia.com/nim/large-language-models/2.0.0/reference/api-reference.html',
    hosts: ['integrate.api.nvidia.com'],
    endpoints: openai('/v1'),
    semanticHeaders: ['nvcf-input-asset-references'],
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
    semanticHeaders: ['ai-gateway-protocol-version'],
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

/**
 * The row of a local server that the option `hosts` names: OpenAI-compatible (vLLM, LM Studio, llama.cpp) below `/v1`,
 * and Ollama's own endpoints. Opt-in, because a port says nothing certain. The names of the loopback interface stand for
 * each other: people write `localhost`, and Ollama's client calls `127.0.0.1`.
 *
 * @param origin such as `http://localhost:11434`.
 */
export function localRow(origin: string): ProviderRow {
  const endpoints = [...openai('/v1'), messages('/v1'), moderations('/v1'), reranking('/v1'), ...audio('/v1')]
  return { id: 'local', hosts: sameHosts(origin), endpoints: [...endpoints, ...ollama('')] }
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

function sameHosts(origin: string): string[] {
  const { protocol, hostname, port } = new URL(origin)
  if (!LOOPBACK.includes(hostname)) return [origin]
  return LOOPBACK.map((name) => `${protocol}//${name}${port === '' ? '' : `:${port}`}`)
}
