import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../lib/base/json.ts'
import { chatConversion } from '../../../lib/convert/openai-chat.ts'
import { Lossy } from '../../../lib/convert/lossy.ts'
import { toDocument, toEvents } from '../../../lib/convert/round-trip.ts'

const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }

function documentOf(message: JsonObject, choice: JsonObject = {}, head: JsonObject = {}): JsonObject {
  const choices = [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop', ...choice }]
  return { id: 'x', object: 'chat.completion', created: 1, model: 'm', choices, usage, ...head }
}

/** Documents in the shape that a server gives them, each with what only that server has. */
const DOCUMENTS: Readonly<Record<string, JsonObject>> = {
  vLLM: documentOf(
    {
      content: 'Hi there.',
      refusal: null,
      annotations: null,
      audio: null,
      function_call: null,
      tool_calls: [],
      reasoning_content: 'Hm.',
    },
    { logprobs: null, stop_reason: null, token_ids: null },
    {
      service_tier: null,
      system_fingerprint: null,
      prompt_logprobs: null,
      prompt_token_ids: null,
      kv_transfer_params: null,
    },
  ),
  SGLang: documentOf(
    { content: 'Hi.', reasoning_content: null, tool_calls: null },
    { logprobs: null, matched_stop: 151645 },
  ),
  'llama.cpp': documentOf(
    { content: 'Hi.' },
    {},
    { system_fingerprint: 'b1', timings: { prompt_n: 4, predicted_ms: 1.5 } },
  ),
  Cerebras: documentOf({ content: 'Hi.', reasoning: 'Hm.' }, {}, { time_info: { total_time: 0.25 } }),
  Together: documentOf({ content: 'Hi.', tool_calls: [] }, { seed: 1234, logprobs: null }, { prompt: [] }),
  Azure: documentOf(
    { content: 'Hi.', refusal: null, annotations: [] },
    { content_filter_results: { hate: { filtered: false, severity: 'safe' } } },
    { prompt_filter_results: [{ prompt_index: 0, content_filter_results: {} }] },
  ),
  OpenRouter: documentOf(
    {
      content: 'Hi.',
      refusal: null,
      reasoning: 'Hm, well.',
      reasoning_details: [
        { type: 'reasoning.text', text: 'Hm, well.', format: 'anthropic-claude-v1', index: 0, signature: 'Eq' },
        { type: 'reasoning.encrypted', data: 'abc', format: 'openai-responses-v1', index: 1, id: 'rs_1' },
      ],
      images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' }, index: 0 }],
    },
    { native_finish_reason: 'end_turn', logprobs: null },
    { provider: 'Anthropic' },
  ),
  Groq: documentOf(
    { content: 'Hi.', reasoning: 'Hm.' },
    { logprobs: null },
    { usage_breakdown: null, x_groq: { id: 'req_1', seed: 5 }, service_tier: 'on_demand' },
  ),
  'Gemini, its OpenAI-compatible endpoint': documentOf({
    content: null,
    tool_calls: [
      {
        id: 'a',
        type: 'function',
        function: { name: 'f', arguments: '{}' },
        extra_content: { google: { thought_signature: 'Ep' } },
      },
    ],
  }),
  'the time before tools': documentOf({ content: null, function_call: { name: 'f', arguments: '{"a":1}' } }),
}

test.for(Object.entries(DOCUMENTS))('a document of %s goes through a stream whole', ([, document]) => {
  expect(chatConversion.assemble(toEvents(document, chatConversion))).toEqual(document)
})

test('DeepSeek counts the calls of a document as those of a stream', () => {
  const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }
  const counted = documentOf({
    content: '',
    tool_calls: [
      { index: 0, ...call },
      { index: 1, ...call },
    ],
  })
  const uncounted = documentOf({ content: '', tool_calls: [call, call] })
  expect(chatConversion.assemble(toEvents(counted, chatConversion))).toEqual(uncounted)
})

describe('a stream', () => {
  const chunk = (delta: JsonObject, more: JsonObject = {}, reason: string | null = null): { data: JsonObject } => ({
    data: {
      id: 'x',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [{ index: 0, delta, finish_reason: reason }],
      ...more,
    },
  })
  const end = [chunk({}, { usage }, 'stop'), { data: '[DONE]' }]

  test("of Azure's begins with a chunk that has neither id nor choice", () => {
    const filters = [{ prompt_index: 0, content_filter_results: {} }]
    const preface = { data: { choices: [], created: 0, id: '', model: '', object: '', prompt_filter_results: filters } }
    const document = toDocument([preface, chunk({ role: 'assistant', content: 'Hi' }), ...end], chatConversion)
    expect(document).toMatchObject({ id: 'x', created: 1, object: 'chat.completion', prompt_filter_results: filters })
  })

  test("of xAI's or Groq's has a time of its own in each chunk: the first one counts", () => {
    const later = chunk({ content: ' you' }, { created: 5 })
    expect(toDocument([chunk({ role: 'assistant', content: 'Hi' }), later, ...end], chatConversion)).toMatchObject({
      created: 1,
    })
  })

  test("of Groq's tells its usage in a member of its own", () => {
    const events = [
      chunk({ role: 'assistant', content: 'Hi' }, { x_groq: { id: 'req_1' } }),
      chunk({}, { x_groq: { id: 'req_1', usage } }, 'stop'),
    ]
    expect(toDocument([...events, { data: '[DONE]' }], chatConversion)).toMatchObject({
      usage,
      x_groq: { id: 'req_1' },
    })
  })

  test("of Mistral's has whole calls without an index, and random padding", () => {
    const calls = [
      { id: 'a', function: { name: 'f', arguments: '{}' } },
      { id: 'b', function: { name: 'g', arguments: '{}' } },
    ]
    const events = [
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: null, tool_calls: calls }, { usage, p: 'abcd' }, 'tool_calls'),
    ]
    const { choices } = toDocument([...events, { data: '[DONE]' }], chatConversion)
    expect(choices).toMatchObject([{ message: { content: '', tool_calls: calls } }])
  })

  test('whose chunks repeat id and type of a call has it once', () => {
    const piece = (args: string, id: string | null) =>
      chunk({ tool_calls: [{ index: 0, id, type: 'function', function: { arguments: args } }] })
    const first = chunk({
      role: 'assistant',
      content: null,
      tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }],
    })
    const { choices } = toDocument(
      [first, piece('{"a"', 'a'), piece(':1}', ''), piece('', null), ...end],
      chatConversion,
    )
    expect(choices).toMatchObject([
      { message: { tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }] } },
    ])
  })

  test.for([
    ['two answers in one', [chunk({ content: 'Hi' }, { id: 'y' })]],
    ['text in parts', [chunk({ content: [{ type: 'text', text: 'Hi' }] })]],
    ['sound', [chunk({ audio: { id: 'a', data: 'AAAA' } })]],
    [
      'a call out of turn',
      [chunk({ tool_calls: [{ index: 3, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }] })],
    ],
    ['a channel of its own', [chunk({ content: 'Hi', channel: 'analysis' })]],
    ['an event that is no chunk', [{ data: 'nothing' }]],
  ] as const)('with %s is no document', ([, events]) => {
    const all = [chunk({ role: 'assistant', content: '' }), ...events, ...end]
    expect(() => toDocument(all, chatConversion)).toThrow(Lossy)
  })
})
