import { cohereChatV1 } from '../../../lib/providers/formats/cohere-chat-v1.ts'
import { cohereChat } from '../../../lib/providers/formats/cohere-chat.ts'
import { cohereEmbed } from '../../../lib/providers/formats/cohere-embed.ts'
import { cases, DONE, json, lines, sse } from './case.ts'
import type { VerdictCase } from './case.ts'

const event = (type: string, more: object = {}): [string, object] => [type, { type, ...more }]
const usage = {
  billed_units: { input_tokens: 2, output_tokens: 3 },
  tokens: { input_tokens: 500, output_tokens: 7 },
  cached_tokens: 64,
}
const counts = { inputTokens: 500, outputTokens: 7, cachedTokens: 64 }
const reply = (message: object, finish: string | null = 'COMPLETE'): object => ({
  id: 'c',
  finish_reason: finish,
  message: { role: 'assistant', ...message },
  usage,
})
const content = { content: [{ type: 'text', text: 'Hi' }] }
const call = (args: string): object => ({
  tool_calls: [{ id: 'f_1', type: 'function', function: { name: 'f', arguments: args } }],
})
const start = event('message-start', { id: 'c', delta: { message: { role: 'assistant' } } })
const hi = event('content-delta', { index: 0, delta: { message: { content: { text: 'Hi' } } } })
const end = (reason: string, more: object = {}): [string, object] =>
  event('message-end', { delta: { finish_reason: reason, usage, ...more } })
const callPiece = (type: string, args: string): [string, object] =>
  event(type, { index: 0, delta: { message: { tool_calls: { id: 'f_1', function: { arguments: args } } } } })

const chat = cases(cohereChat, [
  ['an answer', json(reply(content)), 'store', { usage: counts }],
  ['cut by its budget', json(reply(content, 'MAX_TOKENS')), 'store'],
  ['a stop sequence', json(reply(content, 'STOP_SEQUENCE')), 'store'],
  ['a tool call', json(reply({ tool_plan: 'I will', ...call('{"a":1}') }, 'TOOL_CALL')), 'store'],
  ['a tool call whose arguments are no object', json(reply(call('["a"]'), 'TOOL_CALL')), 'broken-tool-call'],
  ['text after the end', sse(start, hi, end('COMPLETE'), hi), 'incomplete', { tail: 1 }],
  ['a broken tool call', json(reply(call('{"a"'), 'TOOL_CALL')), 'broken-tool-call'],
  ['an error', json(reply(content, 'ERROR')), 'error'],
  ['a timeout', json(reply(content, 'TIMEOUT')), 'error'],
  ['no content', json(reply({ content: [] })), 'empty'],
  ['thinking alone', json(reply({ content: [{ type: 'thinking', thinking: 'Hm' }] })), 'empty'],
  ['no finish reason', json(reply(content, null)), 'empty'],
  ['a body of another kind', json({ message: 'trial key limit' }), 'empty'],
  ['a stream', sse(start, hi, end('COMPLETE')), 'store', { usage: counts }],
  ['a stream with [DONE] after it', sse(start, hi, end('COMPLETE'), DONE), 'store', { tail: 1 }],
  ['a stream without its end', sse(start, hi, event('content-end', { index: 0 })), 'incomplete'],
  ['a stream that only says [DONE]', sse(start, hi, DONE), 'incomplete'],
  ['a stream that fails', sse(start, hi, end('ERROR', { error: 'x' }), DONE), 'error'],
  ['a stream that times out', sse(start, hi, end('TIMEOUT'), DONE), 'error'],
  ['an error beside COMPLETE', sse(start, hi, end('COMPLETE', { error: 'x' })), 'error'],
  [
    'a streamed tool call',
    sse(
      start,
      event('tool-plan-delta', { delta: { message: { tool_plan: 'I' } } }),
      callPiece('tool-call-start', ''),
      callPiece('tool-call-delta', '{"a":'),
      callPiece('tool-call-delta', '1}'),
      event('tool-call-end', { index: 0 }),
      end('TOOL_CALL'),
    ),
    'store',
  ],
  ['a streamed broken tool call', sse(start, callPiece('tool-call-start', '{'), end('TOOL_CALL')), 'broken-tool-call'],
  ['an empty stream', sse(start, end('COMPLETE')), 'empty'],
])

const old = (finish: string): object => ({
  event_type: 'stream-end',
  is_finished: true,
  finish_reason: finish,
  response: { text: 'Hi', finish_reason: finish, meta: usage },
})
const said = { event_type: 'text-generation', is_finished: false, text: 'Hi' }

const chatV1 = cases(cohereChatV1, [
  [
    'an answer',
    json({ text: 'Hi', generation_id: 'g', finish_reason: 'COMPLETE', meta: usage }),
    'store',
    { usage: counts },
  ],
  ['a tool call', json({ text: '', finish_reason: 'COMPLETE', tool_calls: [{ name: 'f', parameters: {} }] }), 'store'],
  [
    'a tool call whose parameters are no object',
    json({ text: '', finish_reason: 'COMPLETE', tool_calls: [{ name: 'f', parameters: [1] }] }),
    'broken-tool-call',
  ],
  ['text after the end', lines(said, old('COMPLETE'), said), 'incomplete', { tail: 1 }],
  ['a toxic answer', json({ text: '', finish_reason: 'ERROR_TOXIC' }), 'content-filter'],
  ['a cancelled answer', json({ text: 'H', finish_reason: 'USER_CANCEL' }), 'error'],
  ['an empty answer', json({ text: '', finish_reason: 'COMPLETE' }), 'empty'],
  ['an answer without a finish reason', json({ text: 'Hi' }), 'incomplete'],
  [
    'a stream',
    lines({ event_type: 'stream-start', generation_id: 'g' }, said, old('COMPLETE')),
    'store',
    { usage: counts },
  ],
  ['a stream labelled stream+json', { ...lines(said, old('COMPLETE')), type: 'application/stream+json' }, 'store'],
  ['a stream that fails', lines(said, old('ERROR')), 'error'],
  ['a stream without its end', lines(said), 'incomplete'],
])

const embed = cases(cohereEmbed, [
  [
    'vectors',
    json({ id: 'e', embeddings: [[0.1], [0.2]], meta: { billed_units: { input_tokens: 4 } } }),
    'store',
    { usage: { inputTokens: 4, outputTokens: 0 } },
  ],
  [
    'vectors by type',
    json({ embeddings: { float: [[0.1]], int8: [[1]] }, response_type: 'embeddings_by_type' }),
    'store',
  ],
  [
    'two texts of two types, three vectors',
    json({ embeddings: { float: [[0.1], [0.2]], int8: [[1]] } }),
    'incomplete',
    { choices: 4 },
  ],
  [
    'two texts of two types',
    json({ embeddings: { float: [[0.1], [0.2]], int8: [[1], [2]] } }),
    'store',
    { choices: 4 },
  ],
  ['an empty vector by type', json({ embeddings: { float: [[0.1], []] } }), 'empty'],
  ['no vectors', json({ embeddings: [] }), 'empty'],
  ['no vectors by type', json({ embeddings: {} }), 'empty'],
])

export const cohereCases: readonly VerdictCase[] = [...chat, ...chatV1, ...embed]
