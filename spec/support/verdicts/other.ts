import { openaiAudio } from '../../../lib/providers/formats/openai-audio.ts'
import { openaiEmbeddings } from '../../../lib/providers/formats/openai-embeddings.ts'
import { openaiModerations } from '../../../lib/providers/formats/openai-moderations.ts'
import { pineconeEmbed } from '../../../lib/providers/formats/pinecone-embed.ts'
import { rerank } from '../../../lib/providers/formats/rerank.ts'
import { vercelEmbeddingModel, vercelLanguageModel } from '../../../lib/providers/formats/vercel-gateway.ts'
import { cases, DONE, json, raw, sse } from './case.ts'
import type { VerdictCase } from './case.ts'

const vector = (embedding: unknown, index = 0): object => ({ object: 'embedding', index, embedding })
const vectors = (...data: object[]): object => ({
  object: 'list',
  data,
  model: 'e',
  usage: { prompt_tokens: 8, total_tokens: 8 },
})

const embeddings = cases(openaiEmbeddings, [
  [
    'vectors',
    json(vectors(vector([0.1, 0.2]), vector([0.3], 1))),
    'store',
    { usage: { inputTokens: 8, outputTokens: 0 } },
  ],
  ['base64', json(vectors(vector('AACAPw=='))), 'store'],
  [
    'Voyage and Jina: a total alone',
    json({ data: [vector([0.1])], model: 'v', usage: { total_tokens: 8 } }),
    'store',
    { usage: { inputTokens: 8, outputTokens: 0 } },
  ],
  ['Jina: one vector for each token', json({ data: [{ index: 0, embeddings: [[0.1], [0.2]] }] }), 'store'],
  ['two texts, one vector', json(vectors(vector([0.1]))), 'incomplete', { choices: 2 }],
  ['no data', json(vectors()), 'empty'],
  ['an empty vector', json(vectors(vector([0.1]), vector([]))), 'empty'],
  ['a null vector', json(vectors(vector(null))), 'empty'],
  ['an error', json({ error: { message: 'x' } }), 'error'],
  ['vLLM: object error', json({ object: 'error', message: 'x' }), 'error'],
])

const moderations = cases(openaiModerations, [
  [
    'a result',
    json({ id: 'm', model: 'omni', results: [{ flagged: false, categories: { hate: false }, category_scores: {} }] }),
    'store',
  ],
  ['a flagged result', json({ results: [{ flagged: true, categories: { hate: true } }] }), 'store'],
  ['two texts, one result', json({ results: [{ categories: { hate: true } }] }), 'incomplete', { choices: 2 }],
  ['no result', json({ results: [] }), 'empty'],
  ['a result without categories', json({ results: [{}] }), 'empty'],
])

const done = {
  type: 'transcript.text.done',
  text: 'Hello',
  usage: { type: 'tokens', input_tokens: 14, output_tokens: 2, total_tokens: 16 },
}
const delta = { type: 'transcript.text.delta', delta: 'Hello' }
const audio = cases(openaiAudio, [
  [
    'JSON',
    json({ text: 'Hello', usage: { type: 'tokens', input_tokens: 14, output_tokens: 2, total_tokens: 16 } }),
    'store',
    { usage: { inputTokens: 14, outputTokens: 2 } },
  ],
  ['plain text', raw('Hello\n', 'text/plain; charset=utf-8'), 'store'],
  ['plain text that reads as a number', raw('42\n', 'text/plain'), 'store'],
  ['subtitles', raw('WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n', 'text/vtt'), 'store'],
  ['silence', json({ text: '' }), 'empty'],
  ['silence as text', raw('\n', 'text/plain'), 'empty'],
  ['an error labelled as text', raw('{"error":{"message":"x"}}', 'text/plain'), 'error'],
  [
    'text shorter than its content-length',
    raw('Hello', 'text/plain'),
    'malformed',
    { headers: { 'content-length': '9' } },
  ],
  ['text that is no UTF-8', raw(Buffer.from([0x48, 0xff]), 'text/plain'), 'malformed'],
  ['a stream', sse(delta, done), 'store', { usage: { inputTokens: 14, outputTokens: 2 } }],
  ['a stream with [DONE] after it', sse(delta, done, DONE), 'store', { tail: 1 }],
  ['a stream without its end', sse(delta), 'incomplete'],
  ['a stream that fails', sse(delta, ['error', { type: 'error', error: { message: 'x' } }]), 'error'],
  [
    'Mistral: a stream',
    sse(
      ['transcription.text.delta', { type: 'transcription.text.delta', text: 'Hello' }],
      ['transcription.done', { type: 'transcription.done', text: 'Hello', model: 'voxtral' }],
    ),
    'store',
  ],
  ['a body without text', json({ task: 'transcribe' }), 'empty'],
])

const ranked = { index: 0, relevance_score: 0.9 }
const rankings = cases(rerank, [
  ['Cohere', json({ id: 'r', results: [ranked], meta: { billed_units: { search_units: 1 } } }), 'store'],
  [
    'Jina',
    json({ model: 'j', results: [ranked], usage: { total_tokens: 12 } }),
    'store',
    { usage: { inputTokens: 12, outputTokens: 0 } },
  ],
  ['Voyage', json({ object: 'list', data: [ranked], model: 'v', usage: { total_tokens: 12 } }), 'store'],
  ['Hugging Face', json([{ index: 1, score: 0.9 }]), 'store'],
  [
    'Pinecone',
    json({ model: 'p', data: [{ index: 0, score: 0.9, document: {} }], usage: { rerank_units: 1 } }),
    'store',
  ],
  ['NVIDIA', json({ rankings: [{ index: 0, logit: -1.5 }] }), 'store'],
  ['no results', json({ results: [] }), 'empty'],
  ['a result without a score', json({ results: [{ index: 0 }] }), 'empty'],
  ['an error', json({ error: 'x' }), 'error'],
  ['Hugging Face: an error in an array', json([{ error: 'x' }]), 'error'],
])

const end = (finishReason: unknown): object => ({
  type: 'finish',
  finishReason,
  usage: { inputTokens: { total: 9, cacheRead: 4 }, outputTokens: { total: 3 } },
})
const counts = { inputTokens: 9, outputTokens: 3, cachedTokens: 4 }
const words = { type: 'text-delta', id: '0', delta: 'Hi' }
const metadata = { type: 'response-metadata', modelId: 'openai/gpt-5' }
const call = (input: string): object => ({ type: 'tool-call', toolCallId: 'c', toolName: 'f', input })
const language = cases(vercelLanguageModel, [
  [
    'an answer',
    json({
      content: [{ type: 'text', text: 'Hi' }],
      finishReason: 'stop',
      usage: { inputTokens: 9, outputTokens: 3, cachedInputTokens: 4 },
      response: { modelId: 'm' },
    }),
    'store',
    { usage: counts },
  ],
  [
    'an answer of version 3',
    json({ content: [{ type: 'text', text: 'Hi' }], finishReason: { unified: 'stop', raw: 'STOP' } }),
    'store',
  ],
  ['reasoning alone', json({ content: [{ type: 'reasoning', text: 'Hm' }], finishReason: 'stop' }), 'empty'],
  ['a tool call', json({ content: [call('{}')], finishReason: 'tool-calls' }), 'store'],
  [
    'a tool call whose input is no object',
    json({ content: [call('7')], finishReason: 'tool-calls' }),
    'broken-tool-call',
  ],
  [
    'a hosted tool that failed',
    sse({ type: 'tool-result', toolCallId: 'c', isError: true }, words, end('stop')),
    'error',
  ],
  ['a hosted tool that found something', sse({ type: 'tool-result', toolCallId: 'c' }, words, end('stop')), 'store'],
  ['text after the end', sse(words, end('stop'), words), 'incomplete', { tail: 1 }],
  ['a broken tool call', json({ content: [call('{')], finishReason: 'tool-calls' }), 'broken-tool-call'],
  ['a filtered answer', json({ content: [], finishReason: 'content-filter' }), 'content-filter'],
  [
    'an unknown finish reason',
    json({ content: [{ type: 'text', text: 'Hi' }], finishReason: 'unknown' }),
    'incomplete',
  ],
  ['an error', json({ error: { message: 'x', type: 'rate_limit_exceeded' } }), 'error'],
  [
    'a stream',
    sse({ type: 'stream-start', warnings: [] }, metadata, words, end({ unified: 'stop', raw: 'stop' }), DONE),
    'store',
    { usage: counts, tail: 1 },
  ],
  ['a stream without its end', sse(words, DONE), 'incomplete'],
  ['an error part', sse(words, { type: 'error', error: { message: 'x' } }, end('error'), DONE), 'error'],
  ['a stream that finishes with an error', sse(words, end('error')), 'error'],
])

const gatewayVectors = cases(vercelEmbeddingModel, [
  [
    'vectors',
    json({ embeddings: [[0.1]], usage: { tokens: 8 } }),
    'store',
    { usage: { inputTokens: 8, outputTokens: 0 } },
  ],
  ['no vectors', json({ embeddings: [] }), 'empty'],
])

const pineconeVectors = cases(pineconeEmbed, [
  [
    'dense vectors',
    json({
      model: 'llama-text-embed-v2',
      vector_type: 'dense',
      data: [{ vector_type: 'dense', values: [0.1] }, { values: [0.2] }],
      usage: { total_tokens: 8 },
    }),
    'store',
    { usage: { inputTokens: 8, outputTokens: 0 }, choices: 2 },
  ],
  ['sparse vectors', json({ data: [{ vector_type: 'sparse', sparse_indices: [7], sparse_values: [0.5] }] }), 'store'],
  ['two inputs, one vector', json({ data: [{ values: [0.1] }] }), 'incomplete', { choices: 2 }],
  ['an empty vector', json({ data: [{ values: [] }] }), 'empty'],
  ['no vectors', json({ data: [] }), 'empty'],
  ['an error', json({ error: { code: 'INVALID_ARGUMENT', message: 'x' }, status: 400 }), 'error'],
])

export const otherCases: readonly VerdictCase[] = [
  ...embeddings,
  ...moderations,
  ...audio,
  ...rankings,
  ...language,
  ...gatewayVectors,
  ...pineconeVectors,
]
