import { openaiChat } from '../../../lib/providers/formats/openai-chat.ts'
import { cases, DONE, json, raw, sse } from './case.ts'
import type { VerdictCase } from './case.ts'

export const chunk = (delta: object, finish: string | null = null, more: object = {}): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  model: 'gpt-5',
  choices: [{ index: 0, delta, finish_reason: finish, ...more }],
})

export const completion = (message: object, finish: string | null = 'stop', more: object = {}): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  model: 'gpt-5',
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }],
  usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
  ...more,
})

const counts = { inputTokens: 9, outputTokens: 3 }
const hi = chunk({ role: 'assistant', content: 'Grüße 👋' })
const stop = chunk({}, 'stop')
const call = (args: string): object => ({
  tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: args } }],
})
const piece = (index: number, args: string, id?: string): object =>
  chunk({ tool_calls: [{ index, ...(id && { id, type: 'function' }), function: { arguments: args } }] })

const documents = cases(openaiChat, [
  ['a plain answer', json(completion({ content: 'Hi' })), 'store', { usage: counts }],
  ['an answer cut by its budget', json(completion({ content: 'Once upon' }, 'length')), 'store'],
  [
    'the same with the knob on',
    json(completion({ content: 'Once upon' }, 'length')),
    'length',
    { refuse: { length: true } },
  ],
  ['a tool call', json(completion({ content: null, ...call('{"a":1}') }, 'tool_calls')), 'store'],
  ['a tool call without arguments', json(completion({ content: null, ...call('') }, 'tool_calls')), 'store'],
  [
    'a tool call with broken arguments',
    json(completion({ content: null, ...call('{"a":') }, 'tool_calls')),
    'broken-tool-call',
  ],
  [
    'the same with the knob off',
    json(completion({ content: null, ...call('{"a":') }, 'tool_calls')),
    'store',
    { refuse: { brokenToolCall: false } },
  ],
  ...['"abc"', '[1]', '7', 'true', 'null'].map(
    (args) =>
      [
        `a tool call whose arguments are ${args}`,
        json(completion({ content: null, ...call(args) }, 'tool_calls')),
        'broken-tool-call',
      ] as const,
  ),
  [
    'a tool call whose arguments came as an object',
    json(completion({ tool_calls: [{ id: 'c', function: { name: 'f', arguments: { a: 1 } } }] }, 'tool_calls')),
    'store',
  ],
  [
    'a tool call whose arguments came as a list',
    json(completion({ tool_calls: [{ id: 'c', function: { name: 'f', arguments: ['a'] } }] }, 'tool_calls')),
    'broken-tool-call',
  ],
  ['two choices asked for, one delivered', json(completion({ content: 'Hi' })), 'incomplete', { choices: 2 }],
  [
    'two choices asked for and delivered',
    json({
      choices: [
        { index: 0, message: { content: 'a' }, finish_reason: 'stop' },
        { index: 1, message: { content: 'b' }, finish_reason: 'stop' },
      ],
    }),
    'store',
    { choices: 2 },
  ],
  [
    'a legacy function call',
    json(completion({ content: null, function_call: { name: 'f', arguments: '{}' } }, 'function_call')),
    'store',
  ],
  [
    'a broken function call',
    json(completion({ content: null, function_call: { name: 'f', arguments: '}' } }, 'function_call')),
    'broken-tool-call',
  ],
  [
    'a custom tool call',
    json(
      completion({ tool_calls: [{ id: 'c', type: 'custom', custom: { name: 'sql', input: 'SELECT' } }] }, 'tool_calls'),
    ),
    'store',
  ],
  ['a refusal', json(completion({ content: null, refusal: 'I can’t help with that.' })), 'refusal'],
  [
    'a refusal with the knob off',
    json(completion({ content: null, refusal: 'No.' })),
    'store',
    { refuse: { refusal: false } },
  ],
  ['a filtered answer', json(completion({ content: '' }, 'content_filter')), 'content-filter'],
  [
    'a filtered answer with the knob off',
    json(completion({ content: '' }, 'content_filter')),
    'store',
    { refuse: { contentFilter: false } },
  ],
  ['empty content', json(completion({ content: '' })), 'empty'],
  ['null content', json(completion({ content: null })), 'empty'],
  ['empty content with the knob off', json(completion({ content: '' })), 'store', { refuse: { empty: false } }],
  ['reasoning and nothing else', json(completion({ content: '', reasoning_content: 'Hmm' })), 'empty'],
  ['audio', json(completion({ content: null, audio: { id: 'a', data: 'AAAA', transcript: 'Hi' } })), 'store'],
  ['no choices', json({ object: 'chat.completion', choices: [] }), 'empty'],
  [
    'no choices with the knob off',
    json({ object: 'chat.completion', choices: [] }),
    'incomplete',
    { refuse: { empty: false } },
  ],
  ['a body of another kind', json({ message: 'ok' }), 'empty'],
  ['an unfinished choice', json(completion({ content: 'Hi' }, null)), 'incomplete'],
  ['an unknown finish reason', json(completion({ content: 'Hi' }, 'sulking')), 'incomplete'],
  [
    'a finish reason named like a property of objects',
    json(completion({ content: 'Hi' }, 'constructor')),
    'incomplete',
  ],
  [
    'two choices, one unfinished',
    json({
      choices: [
        { index: 0, message: { content: 'a' }, finish_reason: 'stop' },
        { index: 1, message: { content: 'b' } },
      ],
    }),
    'incomplete',
  ],
  [
    'two choices, one empty',
    json({
      choices: [
        { index: 0, message: { content: 'a' }, finish_reason: 'stop' },
        { index: 1, message: {}, finish_reason: 'stop' },
      ],
    }),
    'empty',
  ],
  ['an error body', json({ error: { message: 'overloaded', type: 'server_error', code: null } }), 'error'],
  ['an error beside choices', json(completion({ content: 'Hi' }, 'stop', { error: { code: 502 } })), 'error'],
  ['an error that is null', json(completion({ content: 'Hi' }, 'stop', { error: null })), 'store'],
  ['an error as text', json({ error: 'model not loaded' }), 'error'],
  ['success: false', json({ success: false, errors: [{ code: 7000 }] }), 'error'],
  ['finish reason error', json(completion({ content: 'Hi' }, 'error')), 'error'],
  [
    'cached prompt tokens',
    json(
      completion({ content: 'Hi' }, 'stop', {
        usage: {
          prompt_tokens: 90,
          completion_tokens: 3,
          total_tokens: 93,
          prompt_tokens_details: { cached_tokens: 64 },
        },
      }),
    ),
    'store',
    { usage: { inputTokens: 90, outputTokens: 3, cachedTokens: 64 } },
  ],
  ['no content type', { ...json(completion({ content: 'Hi' })), type: '' }, 'store'],
  ['a BOM', raw(`\uFEFF${JSON.stringify(completion({ content: 'Hi' }))}`, 'application/json'), 'store'],
  ['an HTML page', raw('<html>Bad gateway</html>', 'text/html'), 'unreadable'],
  ['plain text', raw('upstream timed out', 'text/plain'), 'unreadable'],
  ['JSON labelled as text', raw(JSON.stringify(completion({ content: 'Hi' })), 'text/plain'), 'store'],
  ['JSON with a tail', raw(`${JSON.stringify(completion({ content: 'Hi' }))}}`, 'application/json'), 'malformed'],
  ['JSON cut short', raw(JSON.stringify(completion({ content: 'Hi' })).slice(0, -2), 'application/json'), 'malformed'],
  ['an empty body', raw('', 'application/json'), 'malformed'],
  ['JSON that is a number', raw('42', 'application/json'), 'empty'],
  [
    'invalid UTF-8',
    raw(
      Buffer.from('{"choices":[{"message":{"content":"\xff"},"finish_reason":"stop"}]}', 'latin1'),
      'application/json',
    ),
    'malformed',
  ],
  [
    'a longer content-length',
    json(completion({ content: 'Hi' })),
    'malformed',
    { headers: { 'content-length': '4000' } },
  ],
  [
    'a shorter content-length',
    json(completion({ content: 'Hi' })),
    'malformed',
    { headers: { 'content-length': '40' } },
  ],
  [
    'an unknown coding',
    json(completion({ content: 'Hi' })),
    'unreadable',
    { headers: { 'content-encoding': 'compress' } },
  ],
  [
    'a coding that the body is not in',
    json(completion({ content: 'Hi' })),
    'malformed',
    { headers: { 'content-encoding': 'gzip' } },
  ],
  ['coding identity', json(completion({ content: 'Hi' })), 'store', { headers: { 'content-encoding': 'identity' } }],
  [
    'nesting of 100,000 levels',
    raw(
      `{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}],"x":${'['.repeat(1e5)}${']'.repeat(1e5)}}`,
      'application/json',
    ),
    'malformed',
  ],
])

const streams = cases(openaiChat, [
  ['a stream', sse(hi, stop, DONE), 'store'],
  [
    'a stream with usage',
    sse(hi, stop, { choices: [], usage: { prompt_tokens: 9, completion_tokens: 3 } }, DONE),
    'store',
    { usage: counts },
  ],
  ['comments and an id', sse(': ping', hi, 'id: 7\nretry: 10', stop, DONE), 'store'],
  ['no space after the colon', sse(`data:${JSON.stringify(hi)}`, stop, 'data:[DONE]'), 'store'],
  [
    'data over two lines',
    sse(`data: {"choices":[{"index":0,"delta":{"content":"Hi"},\ndata: "finish_reason":"stop"}]}`, DONE),
    'store',
  ],
  ['a comment after the marker', sse(hi, stop, DONE, ': bye'), 'store', { tail: 1 }],
  ['an empty data event', sse(hi, 'data:', stop, DONE), 'store'],
  ['no marker', sse(hi, stop), 'incomplete'],
  ['nothing but the marker', sse(DONE), 'incomplete'],
  ['no event at all', sse(': hello'), 'incomplete'],
  ['no finish reason', sse(hi, DONE), 'incomplete'],
  ['an empty finish reason', sse(hi, chunk({}, ''), DONE), 'incomplete'],
  ['one of two choices unfinished', sse(hi, chunk({ content: 'b' }, null, { index: 1 }), stop, DONE), 'incomplete'],
  ['an error event before the marker', sse(hi, { error: { message: 'overloaded' } }, DONE), 'error'],
  ['an error event after the marker', sse(hi, stop, DONE, { error: { message: 'late' } }), 'error', { tail: 1 }],
  ['event: error', sse(hi, ['error', { message: 'x' }]), 'error'],
  ['event: error without data', sse(hi, 'event: error', stop, DONE), 'error'],
  ['event: error without data at the very start', sse('event: error', hi, stop, DONE), 'error'],
  ['event:error without data after the marker', sse(hi, stop, DONE, 'event:error'), 'error', { tail: 1 }],
  ['an answer that speaks of event: error', sse(chunk({ content: 'A\nevent: error\n\n' }), stop, DONE), 'store'],
  ['event: error whose data is no JSON', sse(hi, 'event: error\ndata: oops', stop, DONE), 'error'],
  ['an event that is no JSON', sse(hi, 'data: {"choices":[', stop, DONE), 'malformed'],
  ['a marker in quotes', sse(hi, stop, 'data: "[DONE]"'), 'malformed'],
  ['a marker with a tail', sse(hi, stop, 'data: [DONE] x'), 'malformed'],
  ['a refusal', sse(chunk({ refusal: 'No' }), stop, DONE), 'refusal'],
  ['a filtered stream', sse(hi, chunk({}, 'content_filter'), DONE), 'content-filter'],
  ['a stream cut by its budget', sse(hi, chunk({}, 'length'), DONE), 'store'],
  ['an empty stream', sse(chunk({ role: 'assistant', content: '' }), stop, DONE), 'empty'],
  [
    'a tool call in pieces',
    sse(piece(0, '', 'c1'), piece(0, '{"a"'), piece(0, ':1}'), chunk({}, 'tool_calls'), DONE),
    'store',
  ],
  ['a broken tool call', sse(piece(0, '{"a"', 'c1'), chunk({}, 'tool_calls'), DONE), 'broken-tool-call'],
  [
    'two tool calls',
    sse(piece(0, '{}', 'c1'), piece(1, '{"b":', 'c2'), piece(1, '2}'), chunk({}, 'tool_calls'), DONE),
    'store',
  ],
  [
    'two tool calls, both numbered 0',
    sse(piece(0, '{"a":1}', 'c1'), piece(0, '{"b":2}', 'c2'), chunk({}, 'tool_calls'), DONE),
    'store',
  ],
  ['content after the finish reason', sse(hi, stop, chunk({ content: '!' }), DONE), 'incomplete'],
  ['a tool call after the finish reason', sse(hi, stop, piece(0, '{}', 'c1'), DONE), 'incomplete'],
  ['content after the finish reason, and a new one', sse(hi, stop, chunk({ content: '!' }), stop, DONE), 'store'],
  ['no content after the finish reason', sse(hi, stop, chunk({ content: '' }), chunk({}), DONE), 'store'],
  ['streamed audio', sse(chunk({ audio: { id: 'a', data: 'AAAA' } }), stop, DONE), 'store'],
  ['no audio but its end', sse(chunk({ audio: { id: 'a', expires_at: 1 } }), stop, DONE), 'empty'],
  [
    'when the audio expires, after the finish reason',
    sse(chunk({ audio: { data: 'AAAA' } }), stop, chunk({ audio: { expires_at: 1 } }), DONE),
    'store',
  ],
  ['reasoning after the finish reason', sse(hi, stop, chunk({ reasoning_content: 'Hm' }), DONE), 'store'],
  [
    'two choices, one with content after its finish reason',
    sse(hi, stop, chunk({ content: 'b' }, 'stop', { index: 1 }), chunk({ content: '!' }), DONE),
    'incomplete',
    { choices: 2 },
  ],
  ['content after the marker', sse(hi, stop, DONE, chunk({ content: '!' })), 'incomplete', { tail: 1 }],
  ['two choices asked for, one delivered', sse(hi, stop, DONE), 'incomplete', { choices: 2 }],
  [
    'two choices asked for and delivered',
    sse(hi, chunk({ content: 'b' }, 'stop', { index: 1 }), stop, DONE),
    'store',
    { choices: 2 },
  ],
  [
    'a tool call with a new id in each piece (vLLM)',
    sse(piece(0, '', 'a'), piece(0, '{"a"', 'b'), piece(0, ':1}', 'c'), chunk({}, 'tool_calls'), DONE),
    'store',
  ],
  [
    'two tool calls with a new id in each piece',
    sse(
      piece(0, '{"a":{"b"', 'a'),
      piece(0, ':1}', 'b'),
      piece(0, '}', 'c'),
      piece(1, '', 'd'),
      piece(1, '{', 'e'),
      piece(1, '}', 'f'),
      piece(1, '', 'g'),
      chunk({}, 'tool_calls'),
      DONE,
    ),
    'store',
  ],
  [
    'a broken tool call with a new id in each piece',
    sse(piece(0, '{"a"', 'a'), piece(0, ':}', 'b'), chunk({}, 'tool_calls'), DONE),
    'broken-tool-call',
  ],
  [
    'two tool calls, both numbered 0, the first without arguments',
    sse(piece(0, '', 'c1'), piece(0, '{"b":2}', 'c2'), chunk({}, 'tool_calls'), DONE),
    'store',
  ],
  [
    'two tool calls, both numbered 0, the second broken',
    sse(piece(0, '{"a":1}', 'c1'), piece(0, '{"b":2', 'c2'), chunk({}, 'tool_calls'), DONE),
    'broken-tool-call',
  ],
  [
    'a custom tool call in pieces',
    sse(
      chunk({ tool_calls: [{ index: 0, id: 'c', type: 'custom', custom: { name: 'sql', input: '' } }] }),
      chunk({ tool_calls: [{ index: 0, custom: { input: '"SELECT' } }] }),
      chunk({}, 'tool_calls'),
      DONE,
    ),
    'store',
  ],
  [
    'a content length that is too long',
    sse(hi, stop, DONE),
    'malformed',
    { headers: { 'content-length': '9999' }, marked: false },
  ],
  [
    'a broken function call',
    sse(chunk({ function_call: { name: 'f', arguments: '{' } }), chunk({}, 'function_call'), DONE),
    'broken-tool-call',
  ],
])

export const openaiChatCases: readonly VerdictCase[] = [...documents, ...streams]
