import { openaiResponses } from '../../../lib/providers/formats/openai-responses.ts'
import { cases, DONE, json, sse } from './case.ts'
import type { VerdictCase } from './case.ts'

const message = (text: string): object => ({
  type: 'message',
  id: 'msg_1',
  content: [{ type: 'output_text', text, annotations: [] }],
})
const call = (args: string): object => ({
  type: 'function_call',
  id: 'fc_1',
  call_id: 'call_1',
  name: 'f',
  arguments: args,
  status: 'completed',
})
const response = (status: string, output: object[] = [message('Hi')], more: object = {}): object => ({
  id: 'resp_1',
  object: 'response',
  status,
  error: null,
  model: 'gpt-5',
  output,
  usage: { input_tokens: 9, output_tokens: 3, total_tokens: 12, input_tokens_details: { cached_tokens: 0 } },
  ...more,
})
const event = (type: string, more: object = {}): [string, object] => [type, { type, ...more }]
const created = event('response.created', { response: response('in_progress', []) })
const delta = event('response.output_text.delta', { delta: 'Hi' })
const completed = event('response.completed', { response: response('completed') })
const cut = (reason: string): object => ({ incomplete_details: { reason } })
const usage = { inputTokens: 9, outputTokens: 3, cachedTokens: 0 }

export const openaiResponsesCases: readonly VerdictCase[] = cases(openaiResponses, [
  ['an answer', json(response('completed')), 'store', { usage }],
  ['a function call', json(response('completed', [call('{"a":1}')])), 'store'],
  ['a function call without arguments', json(response('completed', [call('')])), 'store'],
  ['a broken function call', json(response('completed', [call('{"a"')])), 'broken-tool-call'],
  ['a queued answer', json(response('queued', [])), 'pending'],
  ['an answer in progress', json(response('in_progress', [])), 'pending'],
  ['a failed answer', json(response('failed', [])), 'error'],
  ['a cancelled answer', json(response('cancelled', [])), 'error'],
  ['an unknown status', json(response('dreaming')), 'incomplete'],
  ['an error member', json(response('completed', [message('Hi')], { error: { code: 'server_error' } })), 'error'],
  ['cut by its budget', json(response('incomplete', [message('Hi')], cut('max_output_tokens'))), 'store'],
  [
    'cut by its budget with the knob on',
    json(response('incomplete', [message('Hi')], cut('max_output_tokens'))),
    'length',
    { refuse: { length: true } },
  ],
  [
    'cut by its budget inside a call',
    json(response('incomplete', [call('{"a"')], cut('max_output_tokens'))),
    'broken-tool-call',
  ],
  ['cut by a filter', json(response('incomplete', [message('Hi')], cut('content_filter'))), 'content-filter'],
  ['cut for another reason', json(response('incomplete', [message('Hi')], cut('boredom'))), 'incomplete'],
  ['incomplete without a reason', json(response('incomplete')), 'incomplete'],
  [
    'a refusal',
    json(response('completed', [{ type: 'message', content: [{ type: 'refusal', refusal: 'No' }] }])),
    'refusal',
  ],
  ['reasoning alone', json(response('completed', [{ type: 'reasoning', summary: [] }])), 'empty'],
  ['no output', json(response('completed', [])), 'empty'],
  ...[
    'image_generation_call',
    'web_search_call',
    'file_search_call',
    'code_interpreter_call',
    'mcp_call',
    'message',
  ].map(
    (type) =>
      [
        `a ${type} that failed`,
        json(response('completed', [{ type, status: 'failed' }, message('Hi')])),
        'error',
      ] as const,
  ),
  [
    'an image that failed, and nothing else',
    json(response('completed', [{ type: 'image_generation_call', status: 'failed', result: null }])),
    'error',
  ],
  [
    'an image that is there and still says generating',
    json(response('completed', [{ type: 'image_generation_call', status: 'generating', result: 'AAAA' }])),
    'store',
  ],
  [
    'an image that is not there',
    json(response('completed', [{ type: 'image_generation_call', status: 'generating', result: null }])),
    'empty',
  ],
  [
    'an incomplete item in a completed answer',
    json(response('completed', [{ ...message('Once'), status: 'incomplete' }])),
    'incomplete',
  ],
  [
    'an incomplete item in an answer cut by its budget',
    json(response('incomplete', [{ ...message('Once'), status: 'incomplete' }], cut('max_output_tokens'))),
    'store',
  ],
  ['a function call whose arguments are no object', json(response('completed', [call('"abc"')])), 'broken-tool-call'],
  [
    'a custom tool call',
    json(response('completed', [{ type: 'custom_tool_call', input: 'not json', call_id: 'c' }])),
    'store',
  ],
  ['a stream', sse(created, event('response.in_progress'), delta, completed), 'store', { usage }],
  ['a stream with [DONE] after it (OpenRouter)', sse(created, delta, completed, DONE), 'store', { tail: 1 }],
  [
    'a stream without event names',
    sse({ type: 'response.created' }, { type: 'response.completed', response: response('completed') }),
    'store',
  ],
  [
    'a stream whose last response lists no output',
    sse(created, delta, event('response.completed', { response: response('completed', []) })),
    'store',
  ],
  ['a stream that only says [DONE]', sse(created, delta, DONE), 'incomplete'],
  ['a stream without its end', sse(created, delta, event('response.output_text.done', { text: 'Hi' })), 'incomplete'],
  ['a stream that fails', sse(created, event('response.failed', { response: response('failed', []) })), 'error'],
  [
    'an error event, then response.failed',
    sse(
      created,
      event('error', { code: 'server_error', message: 'x' }),
      event('response.failed', { response: response('failed') }),
    ),
    'error',
  ],
  ['an error known by its type alone', sse(created, { type: 'error', code: 'server_error', message: 'x' }), 'error'],
  [
    'a completed event about a failed response',
    sse(created, event('response.completed', { response: response('failed') })),
    'error',
  ],
  [
    'a completed event about a queued response',
    sse(created, event('response.completed', { response: response('queued') })),
    'pending',
  ],
  [
    'a background stream that only queues',
    sse(event('response.queued', { response: response('queued') })),
    'incomplete',
  ],
  [
    'a stream cut by its budget',
    sse(
      created,
      delta,
      event('response.incomplete', { response: response('incomplete', [message('Hi')], cut('max_output_tokens')) }),
    ),
    'store',
  ],
  [
    'a stream cut by a filter',
    sse(
      created,
      delta,
      event('response.incomplete', { response: response('incomplete', [message('Hi')], cut('content_filter')) }),
    ),
    'content-filter',
  ],
  ['a streamed refusal', sse(created, event('response.refusal.delta', { delta: 'No' }), completed), 'refusal'],
  [
    'a streamed call',
    sse(
      created,
      event('response.output_item.done', { item: call('{"a":1}') }),
      event('response.completed', { response: response('completed', [call('{"a":1}')]) }),
    ),
    'store',
  ],
  [
    'a streamed broken call',
    sse(
      created,
      event('response.output_item.done', { item: call('{') }),
      event('response.completed', { response: response('completed', [call('{')]) }),
    ),
    'broken-tool-call',
  ],
  [
    'a streamed item that failed, in an answer that lists no output',
    sse(
      created,
      delta,
      event('response.output_item.done', { item: { type: 'image_generation_call', status: 'failed', result: null } }),
      event('response.completed', { response: response('completed', []) }),
    ),
    'error',
  ],
  [
    'a streamed item that was cut by the budget',
    sse(
      created,
      event('response.output_item.done', { item: { ...message('Once'), status: 'incomplete' } }),
      event('response.incomplete', { response: response('incomplete', [], cut('max_output_tokens')) }),
    ),
    'store',
  ],
  ['a streamed tool that failed', sse(created, delta, event('response.mcp_call.failed'), completed), 'error'],
  ['text after the end', sse(created, delta, completed, delta), 'incomplete', { tail: 1 }],
  ['an error after the end', sse(created, delta, completed, event('error', { message: 'late' })), 'error', { tail: 1 }],
])
