import { audio, bedrock, chat, completions, embeddings, messages, openai, responses, vertex } from '../endpoints.ts'
import { GENERATE } from '../endpoints.ts'
import { geminiGenerate } from '../formats/gemini.ts'
import type { ProviderRow } from '../provider.ts'

/** Clouds that serve models of several vendors under the customer's own address or account. */
export const CLOUDS: readonly ProviderRow[] = [
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
    // The Claude path and its x-api-key:
    // https://platform.claude.com/docs/en/build-with-claude/claude-in-microsoft-foundry
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
    // Media type of the answer of `invoke`.
    semanticHeaders: ['accept'],
  },
]
