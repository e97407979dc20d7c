import { describe, expect, it } from 'vitest'
import { anthropicMessages } from '../../../../lib/providers/formats/anthropic.ts'
import { bedrockConverse } from '../../../../lib/providers/formats/bedrock-converse.ts'
import { bedrockInvoke } from '../../../../lib/providers/formats/bedrock-invoke.ts'
import { cohereChat } from '../../../../lib/providers/formats/cohere-chat.ts'
import { cohereEmbed } from '../../../../lib/providers/formats/cohere-embed.ts'
import { geminiEmbed } from '../../../../lib/providers/formats/gemini-embed.ts'
import { geminiGenerate } from '../../../../lib/providers/formats/gemini.ts'
import { ollamaChat, ollamaEmbed, ollamaGenerate } from '../../../../lib/providers/formats/ollama.ts'
import { openaiAudio } from '../../../../lib/providers/formats/openai-audio.ts'
import { openaiChat } from '../../../../lib/providers/formats/openai-chat.ts'
import { openaiCompletions } from '../../../../lib/providers/formats/openai-completions.ts'
import { openaiEmbeddings } from '../../../../lib/providers/formats/openai-embeddings.ts'
import { openaiModerations } from '../../../../lib/providers/formats/openai-moderations.ts'
import { pineconeEmbed } from '../../../../lib/providers/formats/pinecone-embed.ts'
import { rerank } from '../../../../lib/providers/formats/rerank.ts'
import { vercelEmbeddingModel, vercelLanguageModel } from '../../../../lib/providers/formats/vercel-gateway.ts'
import { vertexPredict } from '../../../../lib/providers/formats/vertex-predict.ts'
import type { Format, RequestFacts } from '../../../../lib/providers/provider.ts'
import type { JsonObject } from '../../../../lib/base/json.ts'
import { VERDICT_CASES } from '../../../support/verdicts/all.ts'

interface Request {
  readonly params?: Record<string, string>
  readonly query?: Record<string, string>
  readonly headers?: Record<string, string>
}

function inspect(
  format: Format,
  body: JsonObject,
  { params = {}, query = {}, headers = {} }: Request = {},
): RequestFacts {
  return format.inspect({ body, params, query: (name) => query[name], header: (name) => headers[name] })
}

const FORMATS = [...new Set(VERDICT_CASES.map(({ format }) => format))]

describe('every format', () => {
  it('has an id of its own and a link to documentation', () => {
    expect(FORMATS).toHaveLength(22)
    expect(new Set(FORMATS.map(({ id }) => id)).size).toBe(FORMATS.length)
    for (const { docs } of FORMATS) expect(docs).toMatch(/^https:\/\//)
  })

  it.for(FORMATS)('$id reads an empty body, and one whose members have strange types', (format) => {
    const odd: JsonObject = {
      model: 7,
      stream: 'yes',
      tools: [null, 1, 'x', [], { type: 3 }],
      seed: {},
      temperature: [],
      plugins: {},
    }
    for (const body of [
      {},
      odd,
      { ...odd, tools: { type: 'x' }, generationConfig: 1, options: null, toolConfig: [] },
    ]) {
      expect(inspect(format, body).model).toBeUndefined()
    }
  })

  it.for(FORMATS)('$id reads a namespace nested 100,000 deep', (format) => {
    let tool: JsonObject = { type: 'namespace' }
    for (let depth = 0; depth < 100_000; depth++) tool = { type: 'namespace', tools: [tool] }
    expect(() => inspect(format, { tools: [tool] })).not.toThrow()
  })
})

const MODELS: readonly [Format, JsonObject, Request, string][] = [
  [openaiChat, { model: 'gpt-5' }, {}, 'gpt-5'],
  [openaiChat, {}, { params: { model: 'my-deployment' } }, 'my-deployment'],
  [openaiAudio, { model: 'whisper-1' }, {}, 'whisper-1'],
  [anthropicMessages, { model: 'claude' }, {}, 'claude'],
  [geminiGenerate, {}, { params: { model: 'gemini-3-pro', action: 'generateContent' } }, 'gemini-3-pro'],
  [vertexPredict, {}, { params: { model: 'text-embedding-005', action: 'predict' } }, 'text-embedding-005'],
  [bedrockConverse, {}, { params: { model: 'amazon.nova-pro-v1:0', action: 'converse' } }, 'amazon.nova-pro-v1:0'],
  [bedrockInvoke, {}, { params: { model: 'meta.llama3', action: 'invoke' } }, 'meta.llama3'],
  [ollamaChat, { model: 'llama3' }, {}, 'llama3'],
  [vercelLanguageModel, {}, { headers: { 'ai-language-model-id': 'openai/gpt-5' } }, 'openai/gpt-5'],
  [vercelEmbeddingModel, {}, { headers: { 'ai-model-id': 'openai/embed' } }, 'openai/embed'],
]

const STREAMS: readonly [Format, JsonObject, Request, boolean][] = [
  [openaiChat, { stream: true }, {}, true],
  [openaiChat, { stream: false }, {}, false],
  [openaiChat, {}, {}, false],
  [openaiAudio, { stream: 'true' }, {}, true],
  [anthropicMessages, { stream: true }, {}, true],
  [anthropicMessages, {}, { params: { action: 'streamRawPredict' } }, true],
  [geminiGenerate, {}, { params: { action: 'streamGenerateContent' } }, true],
  [geminiGenerate, {}, { params: { action: 'generateContent' } }, false],
  [vertexPredict, {}, { params: { action: 'streamRawPredict' } }, true],
  [vertexPredict, {}, { params: { action: 'rawPredict' } }, false],
  [ollamaChat, {}, {}, true],
  [ollamaChat, { stream: false }, {}, false],
  [bedrockConverse, {}, { params: { action: 'converse-stream' } }, true],
  [bedrockConverse, {}, { params: { action: 'converse' } }, false],
  [bedrockInvoke, {}, { params: { action: 'invoke-with-response-stream' } }, true],
  [vercelLanguageModel, {}, { headers: { 'ai-language-model-streaming': 'true' } }, true],
  [vercelLanguageModel, {}, { headers: { 'ai-language-model-streaming': 'false' } }, false],
]

const DETERMINISTIC: readonly [Format, JsonObject, boolean][] = [
  [openaiChat, { temperature: 0 }, true],
  [openaiChat, { temperature: 0.1 }, false],
  [openaiChat, {}, false],
  [openaiChat, { temperature: null }, false],
  [openaiChat, { seed: 7, temperature: 1 }, true],
  [openaiChat, { seed: null }, false],
  [openaiChat, { random_seed: 7 }, true],
  [openaiAudio, { temperature: '0' }, true],
  [openaiAudio, { temperature: '' }, false],
  [openaiAudio, {}, false],
  [openaiEmbeddings, {}, true],
  [openaiModerations, {}, true],
  [rerank, {}, true],
  [cohereEmbed, {}, true],
  [geminiEmbed, {}, true],
  [ollamaEmbed, {}, true],
  [vercelEmbeddingModel, {}, true],
  [anthropicMessages, { temperature: 0 }, true],
  [geminiGenerate, { generationConfig: { temperature: 0 } }, true],
  [geminiGenerate, { generation_config: { seed: 1 } }, true],
  [geminiGenerate, { temperature: 0 }, false],
  [ollamaChat, { options: { temperature: 0 } }, true],
  [ollamaGenerate, { options: { seed: 1 } }, true],
  [ollamaChat, { temperature: 0 }, false],
  [cohereChat, { seed: 1 }, true],
  [bedrockConverse, { inferenceConfig: { temperature: 0 } }, true],
  [bedrockInvoke, { textGenerationConfig: { temperature: 0 } }, true],
  [bedrockInvoke, { inputText: 'Hi', textGenerationConfig: {} }, false],
  [bedrockInvoke, { inputText: 'Hi' }, true],
  [vertexPredict, { instances: [{ content: 'Hi' }] }, true],
  [vertexPredict, { instances: [{ prompt: 'A cat' }], parameters: { seed: 1 } }, true],
  [vertexPredict, { instances: [{ prompt: 'A cat' }] }, false],
]

const CHOICES: readonly [Format, JsonObject, number | undefined][] = [
  [openaiChat, { n: 2 }, 2],
  [openaiChat, {}, undefined],
  [openaiChat, { n: 1 }, undefined],
  [openaiChat, { n: null }, undefined],
  [openaiChat, { n: '2' }, undefined],
  [openaiChat, { n: 1.5 }, undefined],
  [openaiCompletions, { prompt: 'a', n: 3 }, 3],
  [openaiCompletions, { prompt: ['a', 'b'], n: 3 }, 6],
  [openaiCompletions, { prompt: [1, 2, 3] }, undefined],
  [
    openaiCompletions,
    {
      prompt: [
        [1, 2],
        [3, 4],
      ],
    },
    2,
  ],
  [openaiEmbeddings, { input: 'a' }, 1],
  [openaiEmbeddings, { input: ['a', 'b'] }, 2],
  [openaiEmbeddings, { input: [1, 2, 3] }, 1],
  [openaiModerations, { input: ['a', 'b'] }, 2],
  [openaiModerations, { input: [{ type: 'text', text: 'a' }] }, undefined],
  [geminiGenerate, { generationConfig: { candidateCount: 2 } }, 2],
  [geminiGenerate, { generation_config: { candidate_count: 2 } }, 2],
  [geminiEmbed, { requests: [{}, {}] }, 2],
  [cohereEmbed, { texts: ['a', 'b'] }, 2],
  [cohereEmbed, { inputs: [{}, {}, {}], embedding_types: ['float', 'int8'] }, 6],
  [ollamaEmbed, { input: ['a', 'b'] }, 2],
  [pineconeEmbed, { inputs: [{ text: 'a' }, { text: 'b' }] }, 2],
  [vercelEmbeddingModel, { values: ['a', 'b'] }, 2],
  [bedrockInvoke, { texts: ['a', 'b'] }, 2],
  [bedrockInvoke, { prompt: 'a', num_generations: 2 }, 2],
  [vertexPredict, { instances: [{ content: 'a' }, { content: 'b' }] }, 2],
  [vertexPredict, { instances: [{ prompt: 'a' }], parameters: { sampleCount: 4 } }, 4],
]

describe('a request', () => {
  it.for(MODELS)('$0.id finds the model $3', ([format, body, request, model]) => {
    expect(inspect(format, body, request).model).toBe(model)
  })

  it.for(STREAMS)('$0.id with $1 $2 asks for a stream: $3', ([format, body, request, stream]) => {
    expect(inspect(format, body, request).stream).toBe(stream)
  })

  it.for(DETERMINISTIC)('$0.id with $1 is deterministic: $2', ([format, body, deterministic]) => {
    expect(inspect(format, body).deterministic).toBe(deterministic)
  })

  it.for(CHOICES)('$0.id with $1 asks for $2 choices', ([format, body, choices]) => {
    expect(inspect(format, body).choices).toBe(choices)
  })
})
