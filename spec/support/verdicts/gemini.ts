import { geminiEmbed } from '../../../lib/providers/formats/gemini-embed.ts'
import { geminiGenerate } from '../../../lib/providers/formats/gemini.ts'
import { vertexPredict } from '../../../lib/providers/formats/vertex-predict.ts'
import { message } from './anthropic.ts'
import { cases, json, raw, sse } from './case.ts'
import type { VerdictCase } from './case.ts'
import { completion } from './openai-chat.ts'

const chunk = (parts: object[] | undefined, finish?: string, more: object = {}): object => ({
  candidates: [
    { ...(parts && { content: { role: 'model', parts } }), ...(finish && { finishReason: finish }), index: 0 },
  ],
  modelVersion: 'gemini-3-pro',
  ...more,
})
const hi = { text: 'Grüße' }
const usageMetadata = {
  promptTokenCount: 9,
  candidatesTokenCount: 3,
  thoughtsTokenCount: 30,
  cachedContentTokenCount: 4,
  totalTokenCount: 42,
}
const usage = { inputTokens: 9, outputTokens: 33, cachedTokens: 4 }
const crlf = (...values: object[]): ReturnType<typeof raw> => ({
  kind: 'sse',
  type: 'text/event-stream',
  pieces: values.map((value) => Buffer.from(`data: ${JSON.stringify(value)}\r\n\r\n`)),
})
const filters = ['SAFETY', 'RECITATION', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII', 'IMAGE_SAFETY'] as const
const failures = ['OTHER', 'LANGUAGE', 'NO_IMAGE', 'TOO_MANY_TOOL_CALLS', 'SOMETHING_NEW'] as const

const documents = cases(geminiGenerate, [
  ['an answer', json(chunk([hi], 'STOP', { usageMetadata })), 'store', { usage }],
  ['cut by its budget', json(chunk([hi], 'MAX_TOKENS')), 'store'],
  ['cut by its budget with the knob on', json(chunk([hi], 'MAX_TOKENS')), 'length', { refuse: { length: true } }],
  ['a function call', json(chunk([{ functionCall: { name: 'f', args: {} } }], 'STOP')), 'store'],
  ['a function call without arguments', json(chunk([{ functionCall: { name: 'f' } }], 'STOP')), 'store'],
  [
    'a function call whose arguments are no object',
    json(chunk([{ functionCall: { name: 'f', args: 'abc' } }], 'STOP')),
    'broken-tool-call',
  ],
  ['two candidates asked for, one delivered', json(chunk([hi], 'STOP')), 'incomplete', { choices: 2 }],
  ['an array with text after the finish reason', json([chunk([], 'STOP'), chunk([hi])]), 'incomplete'],
  ['an image', json(chunk([{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }], 'STOP')), 'store'],
  ['thoughts alone', json(chunk([{ text: 'Hm', thought: true }], 'STOP')), 'empty'],
  ['a signature alone', json(chunk([{ text: '', thoughtSignature: 'x' }], 'STOP')), 'empty'],
  ['no parts', json(chunk(undefined, 'STOP')), 'empty'],
  ['no candidates', json({ usageMetadata }), 'empty'],
  ['a blocked prompt', json({ promptFeedback: { blockReason: 'SAFETY' }, usageMetadata }), 'content-filter'],
  [
    'a blocked prompt with the knob off',
    json({ promptFeedback: { blockReason: 'SAFETY' } }),
    'store',
    { refuse: { contentFilter: false } },
  ],
  ['a prompt that was not blocked', json(chunk([hi], 'STOP', { promptFeedback: { safetyRatings: [] } })), 'store'],
  ['no finish reason', json(chunk([hi])), 'incomplete'],
  ['an unspecified finish reason', json(chunk([hi], 'FINISH_REASON_UNSPECIFIED')), 'incomplete'],
  ['a malformed call', json(chunk(undefined, 'MALFORMED_FUNCTION_CALL')), 'broken-tool-call'],
  ['an error body', json({ error: { code: 503, status: 'UNAVAILABLE' } }), 'error'],
  ['an array of chunks', json([chunk([hi]), chunk([{ text: '!' }], 'STOP', { usageMetadata })]), 'store', { usage }],
  ['an array whose last chunk is unfinished', json([chunk([hi]), chunk([{ text: '!' }])]), 'incomplete'],
  ['an array with an error', json([chunk([hi], 'STOP'), { error: { code: 500 } }]), 'error'],
  ['an array that was cut', raw(`[${JSON.stringify(chunk([hi], 'STOP'))}\n,`, 'application/json'), 'malformed'],
  ['an empty array', json([]), 'empty'],
  ...filters.map((reason) => [`finish reason ${reason}`, json(chunk([hi], reason)), 'content-filter'] as const),
  ...failures.map((reason) => [`finish reason ${reason}`, json(chunk([hi], reason)), 'error'] as const),
])

const streams = cases(
  geminiGenerate,
  [
    ['a stream', crlf(chunk([hi]), chunk([{ text: '!' }], 'STOP', { usageMetadata })), 'store', { usage }],
    ['a stream framed by LF', sse(chunk([hi]), chunk([{ text: '!' }], 'STOP')), 'store'],
    ['no finish reason', crlf(chunk([hi]), chunk([{ text: '!' }])), 'incomplete'],
    ['text after the finish reason', crlf(chunk([], 'STOP'), chunk([{ text: 'Once upon' }])), 'incomplete'],
    [
      'text after the finish reason, and a new one',
      crlf(chunk([], 'STOP'), chunk([{ text: 'Once upon' }]), chunk([{ text: ' a time' }], 'STOP')),
      'store',
    ],
    ['usage after the finish reason', crlf(chunk([hi], 'STOP'), { usageMetadata }), 'store', { usage, tail: 1 }],
    ['two candidates asked for, one delivered', crlf(chunk([hi], 'STOP')), 'incomplete', { choices: 2 }],
    [
      'one of two candidates unfinished',
      crlf({
        candidates: [
          { index: 0, content: { parts: [hi] }, finishReason: 'STOP' },
          { index: 1, content: { parts: [hi] } },
        ],
      }),
      'incomplete',
    ],
    ['an error chunk', crlf(chunk([hi]), { error: { code: 503, status: 'UNAVAILABLE' } }), 'error'],
    ['an error chunk after the finish reason', crlf(chunk([hi], 'STOP'), { error: { code: 500 } }), 'error'],
    ['a safety stop', crlf(chunk([hi]), chunk(undefined, 'SAFETY')), 'content-filter'],
    ['a blocked prompt', crlf({ promptFeedback: { blockReason: 'OTHER' } }), 'content-filter'],
    ['usage alone', crlf({ usageMetadata }), 'incomplete'],
    [
      'a clean end inside a line',
      {
        ...crlf(chunk([hi], 'STOP')),
        pieces: [Buffer.from(`data: ${JSON.stringify(chunk([hi], 'STOP'))}\n\ndata: {"cand`)],
      },
      'incomplete',
    ],
    [
      'a clean end inside a field name',
      { ...crlf(), pieces: [Buffer.from(`data: ${JSON.stringify(chunk([hi], 'STOP'))}\n\ndat`)] },
      'incomplete',
    ],
  ],
  { marked: false },
)

const embeddings = cases(geminiEmbed, [
  ['one vector', json({ embedding: { values: [0.1, 0.2] } }), 'store'],
  ['a batch', json({ embeddings: [{ values: [0.1] }, { values: [0.2] }] }), 'store'],
  ['two texts, one vector', json({ embeddings: [{ values: [0.1] }] }), 'incomplete', { choices: 2 }],
  ['a batch with an empty vector', json({ embeddings: [{ values: [0.1] }, { values: [] }] }), 'empty'],
  ['no vectors', json({ embeddings: [] }), 'empty'],
  ['an error', json({ error: { code: 429 } }), 'error'],
])

const vertex = cases(vertexPredict, [
  [
    'vectors',
    json({
      predictions: [
        { embeddings: { values: [0.1], statistics: { token_count: 4 } } },
        { embeddings: { values: [0.2], statistics: { token_count: 5 } } },
      ],
    }),
    'store',
    { usage: { inputTokens: 9, outputTokens: 0 } },
  ],
  ['a filtered image', json({ predictions: [{ raiFilteredReason: 'blocked' }] }), 'content-filter'],
  ['no predictions', json({ predictions: [] }), 'empty'],
  ['an Anthropic message', json(message([{ type: 'text', text: 'Hi' }])), 'store'],
  [
    'an Anthropic stream',
    sse(
      ['message_start', { type: 'message_start', message: message([{ type: 'text', text: 'Hi' }], null) }],
      ['message_delta', { type: 'message_delta', delta: { stop_reason: 'end_turn' } }],
      ['message_stop', { type: 'message_stop' }],
    ),
    'store',
  ],
  [
    'an Anthropic stream without its end',
    sse(['message_start', { type: 'message_start', message: message([{ type: 'text', text: 'Hi' }]) }]),
    'incomplete',
  ],
  ['a Mistral chat', json(completion({ content: 'Hi' })), 'store'],
])

export const geminiCases: readonly VerdictCase[] = [...documents, ...streams, ...embeddings, ...vertex]
