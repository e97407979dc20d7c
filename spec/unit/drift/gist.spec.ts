import { expect, test } from 'vitest'
import { gistOf } from '../../../lib/drift/gist.ts'
import type { Json } from '../../../lib/base/json.ts'

const DOCUMENTS: readonly (readonly [name: string, document: Json])[] = [
  [
    'OpenAI Responses',
    {
      id: 'r',
      status: 'completed',
      output: [
        { type: 'reasoning', summary: [{ text: 'hm' }] },
        { type: 'function_call', id: 'f', name: 'weather', arguments: '{"b":1,"a":2}' },
        { type: 'message', content: [{ type: 'output_text', text: 'Hi' }] },
      ],
    },
  ],
  [
    'Anthropic',
    {
      stop_reason: 'completed',
      content: [
        { type: 'thinking', thinking: 'hm', signature: 's' },
        { type: 'tool_use', id: 't', name: 'weather', input: { a: 2, b: 1 } },
        { type: 'text', text: 'Hi' },
      ],
    },
  ],
  [
    'Gemini',
    {
      candidates: [
        {
          finishReason: 'completed',
          content: {
            role: 'model',
            parts: [
              { text: 'hm', thought: true },
              { functionCall: { name: 'weather', args: { b: 1, a: 2 } } },
              { text: 'Hi' },
            ],
          },
        },
      ],
    },
  ],
  [
    'Ollama',
    {
      done_reason: 'completed',
      created_at: 'now',
      message: {
        role: 'assistant',
        content: 'Hi',
        thinking: 'hm',
        tool_calls: [{ function: { name: 'weather', arguments: { a: 2, b: 1 } } }],
      },
    },
  ],
  [
    'Bedrock Converse',
    {
      stopReason: 'completed',
      metrics: { latencyMs: 1 },
      output: {
        message: {
          role: 'a',
          content: [{ toolUse: { toolUseId: 't', name: 'weather', input: { a: 2, b: 1 } } }, { text: 'Hi' }],
        },
      },
    },
  ],
]

test.for(DOCUMENTS)('reads finish, calls and text of %s, without its reasoning', ([, document]) => {
  expect(gistOf([document])).toEqual({
    finish: ['completed'],
    calls: [['weather', '{"a":2,"b":1}']],
    text: 'Hi',
    other: '',
  })
})

test('what holds none of these is compared as it is, less ids and counts', () => {
  const vector = (id: string, value: number): Json => ({ id, data: [{ embedding: [value] }], usage: { total: 1 } })
  expect(gistOf([vector('a', 1)])).toEqual(gistOf([vector('b', 1)]))
  expect(gistOf([vector('a', 1)])).not.toEqual(gistOf([vector('a', 2)]))
})
