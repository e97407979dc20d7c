import { bedrockConverse } from '../../../lib/providers/formats/bedrock-converse.ts'
import { bedrockInvoke } from '../../../lib/providers/formats/bedrock-invoke.ts'
import { message } from './anthropic.ts'
import { frame } from '../shapes/aws-frame.ts'
import { cases, frames, json } from './case.ts'
import type { VerdictCase } from './case.ts'
import { chunk as chatChunk } from './openai-chat.ts'

const usage = { inputTokens: 9, outputTokens: 3, totalTokens: 112, cacheReadInputTokens: 100, cacheWriteInputTokens: 0 }
const counts = { inputTokens: 109, outputTokens: 3, cachedTokens: 100, cacheWriteTokens: 0 }
const reply = (content: object[], stopReason = 'end_turn'): object => ({
  output: { message: { role: 'assistant', content } },
  stopReason,
  usage,
  metrics: { latencyMs: 1 },
})
const start = frame('messageStart', { role: 'assistant' })
const delta = (content: object, contentBlockIndex = 0): Buffer =>
  frame('contentBlockDelta', { contentBlockIndex, delta: content })
const hi = delta({ text: 'Grüße' })
const stop = (stopReason: string): Buffer => frame('messageStop', { stopReason })
const metadata = frame('metadata', { usage, metrics: { latencyMs: 1 } })
const tool = frame('contentBlockStart', { contentBlockIndex: 1, start: { toolUse: { toolUseId: 't', name: 'f' } } })

const damaged = (piece: Buffer, at: number): Buffer => {
  const copy = Buffer.from(piece)
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at)
  return copy
}

const converse = cases(bedrockConverse, [
  ['an answer', json(reply([{ text: 'Hi' }])), 'store', { usage: counts }],
  ['a tool call', json(reply([{ toolUse: { toolUseId: 't', name: 'f', input: {} } }], 'tool_use')), 'store'],
  [
    'a tool call whose input is no object',
    json(reply([{ toolUse: { toolUseId: 't', name: 'f', input: 'a' } }], 'tool_use')),
    'broken-tool-call',
  ],
  [
    'a hosted tool that failed',
    json(reply([{ toolResult: { toolUseId: 't', status: 'error', content: [] } }, { text: 'Hi' }])),
    'error',
  ],
  [
    'a hosted tool that failed in a stream',
    frames(
      start,
      frame('contentBlockStart', { contentBlockIndex: 0, start: { toolResult: { toolUseId: 't', status: 'error' } } }),
      hi,
      stop('end_turn'),
      metadata,
    ),
    'error',
  ],
  ['text after the stop reason', frames(start, hi, stop('end_turn'), hi, metadata), 'incomplete'],
  ['text after the end', frames(start, hi, stop('end_turn'), metadata, hi), 'incomplete', { tail: 1 }],
  ['cut by its budget', json(reply([{ text: 'Hi' }], 'max_tokens')), 'store'],
  ['a guardrail', json(reply([{ text: 'Sorry' }], 'guardrail_intervened')), 'content-filter'],
  ['a filter', json(reply([{ text: 'Hi' }], 'content_filtered')), 'content-filter'],
  ['malformed model output', json(reply([{ text: 'Hi' }], 'malformed_model_output')), 'error'],
  ['a malformed tool call', json(reply([], 'malformed_tool_use')), 'broken-tool-call'],
  ['no content', json(reply([])), 'empty'],
  ['reasoning alone', json(reply([{ reasoningContent: { reasoningText: { text: 'Hm' } } }])), 'empty'],
  ['an unknown stop reason', json(reply([{ text: 'Hi' }], 'tired')), 'incomplete'],
  ['a body of another kind', json({ message: 'Too many requests' }), 'empty'],
  [
    'a stream',
    frames(start, hi, frame('contentBlockStop', { contentBlockIndex: 0 }), stop('end_turn'), metadata),
    'store',
    { usage: counts },
  ],
  ['a stream without metadata', frames(start, hi, stop('end_turn')), 'incomplete'],
  ['a stream without messageStop', frames(start, hi, metadata), 'incomplete'],
  ['a guardrail in a stream', frames(start, hi, stop('guardrail_intervened'), metadata), 'content-filter'],
  ['an exception', frames(start, hi, frame('modelStreamErrorException', { message: 'x' }, 'exception')), 'error'],
  [
    'an exception after the end',
    frames(start, hi, stop('end_turn'), metadata, frame('internalServerException', { message: 'x' }, 'exception')),
    'error',
    { tail: 1 },
  ],
  ['an error frame', frames(start, frame('x', {}, 'error')), 'error'],
  [
    'a streamed tool call',
    frames(
      start,
      tool,
      delta({ toolUse: { input: '{"a"' } }, 1),
      delta({ toolUse: { input: ':1}' } }, 1),
      stop('tool_use'),
      metadata,
    ),
    'store',
  ],
  ['a streamed tool call without input', frames(start, tool, stop('tool_use'), metadata), 'store'],
  [
    'a streamed broken tool call',
    frames(start, tool, delta({ toolUse: { input: '{"a"' } }, 1), stop('max_tokens'), metadata),
    'broken-tool-call',
  ],
  ['an empty stream', frames(start, stop('end_turn'), metadata), 'empty'],
  ['a wrong checksum', frames(start, damaged(hi, hi.length - 1), stop('end_turn'), metadata), 'malformed'],
  ['a damaged body', frames(start, damaged(hi, hi.length - 8), stop('end_turn'), metadata), 'malformed'],
  ['a wrong prelude', frames(start, damaged(hi, 9), stop('end_turn'), metadata), 'malformed'],
  ['a length below the least', frames(Buffer.alloc(32)), 'malformed'],
  ['a length beyond any answer', frames(Buffer.alloc(32, 0xff)), 'too-large'],
  ['metadata before messageStop', frames(start, hi, metadata, stop('end_turn')), 'incomplete'],
  [
    'a cut frame after the end',
    frames(start, hi, stop('end_turn'), metadata, start.subarray(0, 9)),
    'incomplete',
    { tail: 1 },
  ],
  ['a cut frame', frames(start, hi, stop('end_turn'), metadata.subarray(0, -1)), 'incomplete'],
])

const METRICS = { 'amazon-bedrock-invocationMetrics': { inputTokenCount: 9, outputTokenCount: 3 } }
const piece = (value: object): Buffer =>
  frame('chunk', { bytes: Buffer.from(JSON.stringify(value)).toString('base64'), p: 'abc' })
const anthropicStart = piece({ type: 'message_start', message: message([], null) })
const anthropicText = piece({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'Hi' } })
const anthropicEnd = piece({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } })
const nova = [
  piece({ messageStart: { role: 'assistant' } }),
  piece({ contentBlockDelta: { delta: { text: 'Hi' }, contentBlockIndex: 0 } }),
]

const invoke = cases(bedrockInvoke, [
  ['Anthropic: an answer', json(message([{ type: 'text', text: 'Hi' }])), 'store'],
  ['Anthropic: a refusal', json(message([], 'refusal')), 'refusal'],
  [
    'Anthropic: a stream',
    frames(anthropicStart, anthropicText, anthropicEnd, piece({ type: 'message_stop', ...METRICS })),
    'store',
  ],
  ['Anthropic: a stream without its end', frames(anthropicStart, anthropicText, anthropicEnd), 'incomplete'],
  [
    'Anthropic: an error in a chunk',
    frames(anthropicStart, piece({ type: 'error', error: { type: 'overloaded_error' } })),
    'error',
  ],
  ['an exception', frames(anthropicStart, frame('throttlingException', { message: 'x' }, 'exception')), 'error'],
  ['bytes that are no JSON', frames(frame('chunk', { bytes: 'AAAA' })), 'malformed'],
  ['a frame without bytes', frames(frame('chunk', {})), 'malformed'],
  [
    'Llama: an answer',
    json({ generation: 'Hi', stop_reason: 'stop', prompt_token_count: 9, generation_token_count: 3 }),
    'store',
  ],
  [
    'Llama: a stream',
    frames(piece({ generation: 'Hi', stop_reason: null }), piece({ generation: '', stop_reason: 'stop', ...METRICS })),
    'store',
    { usage: { inputTokens: 9, outputTokens: 3 } },
  ],
  ['Llama: a stream without its end', frames(piece({ generation: 'Hi', stop_reason: null })), 'incomplete'],
  ['Mistral: an answer', json({ outputs: [{ text: 'Hi', stop_reason: 'stop' }] }), 'store'],
  ['DeepSeek: an answer', json({ choices: [{ text: 'Hi', stop_reason: 'stop' }] }), 'store'],
  [
    'OpenAI: a stream',
    frames(piece(chatChunk({ content: 'Hi' })), piece({ ...chatChunk({}, 'stop'), ...METRICS })),
    'store',
  ],
  [
    'Titan: an answer',
    json({ inputTextTokenCount: 5, results: [{ tokenCount: 3, outputText: 'Hi', completionReason: 'FINISH' }] }),
    'store',
  ],
  [
    'Titan: a filtered answer',
    json({ results: [{ outputText: '', completionReason: 'CONTENT_FILTERED' }] }),
    'content-filter',
  ],
  [
    'Titan: a vector',
    json({ embedding: [0.1], inputTextTokenCount: 5 }),
    'store',
    { usage: { inputTokens: 5, outputTokens: 0 } },
  ],
  ['Cohere: vectors', json({ embeddings: [[0.1]], response_type: 'embeddings_floats' }), 'store'],
  ['Cohere: a ranking', json({ results: [{ index: 0, relevance_score: 0.9 }] }), 'store'],
  [
    'AI21: an answer',
    json({ completions: [{ data: { text: 'Hi' }, finishReason: { reason: 'endoftext' } }] }),
    'store',
  ],
  ['Nova: an answer', json(reply([{ text: 'Hi' }])), 'store', { usage: counts }],
  [
    'Nova: a stream',
    frames(...nova, piece({ messageStop: { stopReason: 'end_turn' } }), piece({ metadata: { usage }, ...METRICS })),
    'store',
    { usage: counts },
  ],
  ['Nova: a stream without its end', frames(...nova, piece({ messageStop: { stopReason: 'end_turn' } })), 'incomplete'],
  [
    'a guardrail',
    json({ generation: 'Sorry', stop_reason: 'stop', 'amazon-bedrock-guardrailAction': 'INTERVENED' }),
    'content-filter',
  ],
  ['a body of another kind', json({ message: 'x' }), 'empty'],
])

export const bedrockCases: readonly VerdictCase[] = [...converse, ...invoke]
