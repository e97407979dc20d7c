import { anthropicMessages } from '../../../lib/providers/formats/anthropic.ts'
import { cases, json, sse } from './case.ts'
import type { VerdictCase } from './case.ts'

const event = (type: string, more: object = {}): [string, object] => [type, { type, ...more }]
export const message = (content: object[], stop: string | null = 'end_turn', more: object = {}): object => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5',
  content,
  stop_reason: stop,
  usage: { input_tokens: 9, output_tokens: 3, cache_creation_input_tokens: 20, cache_read_input_tokens: 100 },
  ...more,
})
const text = { type: 'text', text: 'Hi' }
const start = event('message_start', {
  message: message([], null, { usage: { input_tokens: 9, output_tokens: 1, cache_read_input_tokens: 4 } }),
})
const block = (content: object, index = 0): [string, object] =>
  event('content_block_start', { index, content_block: content })
const delta = (content: object, index = 0): [string, object] => event('content_block_delta', { index, delta: content })
const hi = [
  block({ type: 'text', text: '' }),
  delta({ type: 'text_delta', text: 'Grüße' }),
  event('content_block_stop', { index: 0 }),
]
const end = (reason: string | null): [string, object] =>
  event('message_delta', { delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 3 } })
const stop = event('message_stop')
const ping = event('ping')
const tool = (...pieces: string[]): [string, object][] => [
  block({ type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }, 1),
  ...pieces.map((piece) => delta({ type: 'input_json_delta', partial_json: piece }, 1)),
]

const documents = cases(anthropicMessages, [
  [
    'an answer',
    json(message([text])),
    'store',
    { usage: { inputTokens: 129, outputTokens: 3, cachedTokens: 100, cacheWriteTokens: 20 } },
  ],
  ['a stop sequence', json(message([text], 'stop_sequence')), 'store'],
  ['cut by its budget', json(message([text], 'max_tokens')), 'store'],
  ['cut by its budget with the knob on', json(message([text], 'max_tokens')), 'length', { refuse: { length: true } }],
  ['out of context window', json(message([text], 'model_context_window_exceeded')), 'store'],
  ['a tool call', json(message([{ type: 'tool_use', id: 't', name: 'f', input: { a: 1 } }], 'tool_use')), 'store'],
  [
    'a tool call whose input is no object',
    json(message([{ type: 'tool_use', id: 't', input: 'a' }], 'tool_use')),
    'broken-tool-call',
  ],
  ['a tool call whose input is empty', json(message([{ type: 'tool_use', id: 't', input: '' }], 'tool_use')), 'store'],
  [
    'a search that failed',
    json(
      message([
        {
          type: 'web_search_tool_result',
          content: { type: 'web_search_tool_result_error', error_code: 'unavailable' },
        },
        text,
      ]),
    ),
    'error',
  ],
  [
    'a search that found something',
    json(message([{ type: 'web_search_tool_result', content: [{ type: 'web_search_result', title: 'T' }] }, text])),
    'store',
  ],
  ['a refusal', json(message([], 'refusal')), 'refusal'],
  ['a refusal with the knob off', json(message([], 'refusal')), 'store', { refuse: { refusal: false } }],
  ['a paused turn', json(message([text], 'pause_turn')), 'pause-turn'],
  ['a paused turn with the knob off', json(message([text], 'pause_turn')), 'store', { refuse: { pauseTurn: false } }],
  ['no content', json(message([])), 'empty'],
  ['thinking alone', json(message([{ type: 'thinking', thinking: 'Hm', signature: 's' }])), 'empty'],
  ['thinking and text', json(message([{ type: 'thinking', thinking: 'Hm', signature: 's' }, text])), 'store'],
  ['no stop reason', json(message([text], null)), 'incomplete'],
  ['an unknown stop reason', json(message([text], 'compaction')), 'incomplete'],
  ['an error body', json({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }), 'error'],
  ['a body that is no message', json({ input_tokens: 12 }), 'empty'],
])

const streams = cases(anthropicMessages, [
  [
    'a stream',
    sse(start, ping, ...hi, end('end_turn'), stop),
    'store',
    { usage: { inputTokens: 13, outputTokens: 3, cachedTokens: 4 } },
  ],
  ['a ping after the marker', sse(start, ...hi, end('end_turn'), stop, ping), 'store', { tail: 1 }],
  [
    'a stream without event names',
    sse(
      { type: 'message_start', message: message([]) },
      { type: 'content_block_start', index: 0, content_block: text },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
      { type: 'message_stop' },
    ),
    'store',
  ],
  ['no message_stop', sse(start, ...hi, end('end_turn')), 'incomplete'],
  ['no stop reason', sse(start, ...hi, end(null), stop), 'incomplete'],
  [
    'an error event',
    sse(start, ...hi, event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } })),
    'error',
  ],
  [
    'an error event after the marker',
    sse(start, ...hi, end('end_turn'), stop, event('error', { error: { type: 'api_error' } })),
    'error',
    { tail: 1 },
  ],
  ['a refusal', sse(start, end('refusal'), stop), 'refusal'],
  ['a refusal after text', sse(start, ...hi, end('refusal'), stop), 'refusal'],
  ['a paused turn', sse(start, ...hi, end('pause_turn'), stop), 'pause-turn'],
  ['cut by its budget', sse(start, ...hi, end('max_tokens'), stop), 'store'],
  ['a tool call in pieces', sse(start, ...tool('', '{"a"', ': 1}'), end('tool_use'), stop), 'store'],
  ['a tool call without input', sse(start, ...tool(''), end('tool_use'), stop), 'store'],
  ['a tool call cut by the budget', sse(start, ...tool('{"a"'), end('max_tokens'), stop), 'broken-tool-call'],
  [
    'two tool calls',
    sse(
      start,
      ...tool('{}'),
      block({ type: 'tool_use', id: 't2', name: 'g', input: {} }, 2),
      delta({ type: 'input_json_delta', partial_json: '{"b":[]}' }, 2),
      end('tool_use'),
      stop,
    ),
    'store',
  ],
  ['arguments that are a list', sse(start, ...tool('[', ']'), end('tool_use'), stop), 'broken-tool-call'],
  ['text after the stop reason', sse(start, end('end_turn'), ...hi, stop), 'incomplete'],
  ['text after the stop reason, and a new one', sse(start, end('end_turn'), ...hi, end('end_turn'), stop), 'store'],
  ['nothing said', sse(start, end('end_turn'), stop), 'empty'],
  [
    'thinking alone',
    sse(
      start,
      block({ type: 'thinking', thinking: '' }),
      delta({ type: 'thinking_delta', thinking: 'Hm' }),
      end('end_turn'),
      stop,
    ),
    'empty',
  ],
])

export const anthropicCases: readonly VerdictCase[] = [...documents, ...streams]
