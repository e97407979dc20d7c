import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../lib/base/json.ts'
import { anthropicConversion } from '../../../lib/convert/anthropic.ts'
import { cohereConversion } from '../../../lib/convert/cohere.ts'
import type { StreamEvent } from '../../../lib/convert/conversion.ts'
import { geminiConversion } from '../../../lib/convert/gemini.ts'
import { Lossy } from '../../../lib/convert/lossy.ts'
import { ollamaChatConversion } from '../../../lib/convert/ollama.ts'
import { responsesConversion } from '../../../lib/convert/openai-responses.ts'
import { toDocument, toEvents } from '../../../lib/convert/round-trip.ts'

function events(...datas: JsonObject[]): StreamEvent[] {
  return datas.map((data) => ({ data }))
}

describe("Gemini's", () => {
  const chunk = (parts: JsonObject[], more: JsonObject = {}): JsonObject => ({
    candidates: [{ content: { parts, role: 'model' }, index: 0, ...more }],
    modelVersion: 'gemini-3-pro',
  })
  const partsOf = (...chunks: JsonObject[]): unknown => {
    const document = toDocument(events(...chunks), geminiConversion)
    return JSON.parse(JSON.stringify(document)).candidates[0].content.parts
  }

  test('pieces of text become one part, a signature behind them is its signature', () => {
    const signed = chunk([{ text: '', thoughtSignature: 'Ep' }], { finishReason: 'STOP' })
    expect(partsOf(chunk([{ text: 'Hi' }]), chunk([{ text: ' you' }]), signed)).toEqual([
      { text: 'Hi you', thoughtSignature: 'Ep' },
    ])
  })

  test('signed text is closed: what follows is a part of its own', () => {
    const all = [chunk([{ text: 'a', thoughtSignature: 'E1' }]), chunk([{ text: 'b' }], { finishReason: 'STOP' })]
    expect(partsOf(...all)).toEqual([{ text: 'a', thoughtSignature: 'E1' }, { text: 'b' }])
  })

  test('thoughts and text stay apart', () => {
    const all = [chunk([{ text: 'Hm', thought: true }]), chunk([{ text: 'Hi' }], { finishReason: 'STOP' })]
    expect(partsOf(...all)).toEqual([{ text: 'Hm', thought: true }, { text: 'Hi' }])
  })

  test('empty text that only finishes is no part', () => {
    const call = { functionCall: { name: 'f', args: {} }, thoughtSignature: 'Ep' }
    expect(partsOf(chunk([call]), chunk([{ text: '' }], { finishReason: 'STOP' }))).toEqual([call])
  })

  test('counts are those of the last chunk that has them', () => {
    const first = { ...chunk([{ text: 'a' }]), usageMetadata: { promptTokenCount: 4, thoughtsTokenCount: 7 } }
    const last = {
      ...chunk([{ text: 'b' }], { finishReason: 'STOP' }),
      usageMetadata: { promptTokenCount: 4, candidatesTokenCount: 2 },
    }
    expect(toDocument(events(first, last), geminiConversion)).toMatchObject({
      usageMetadata: { promptTokenCount: 4, thoughtsTokenCount: 7, candidatesTokenCount: 2 },
    })
  })

  test.for([
    ['arguments that come piece by piece', chunk([{ functionCall: { name: 'f', willContinue: true } }])],
    ['another answer', { ...chunk([{ text: 'a' }]), modelVersion: 'gemini-4' }],
    ['a part of tomorrow', chunk([{ hologram: 'x' }])],
  ] as const)('%s make no document', ([, other]) => {
    const all = [chunk([{ text: 'a' }]), other, chunk([{ text: 'b' }], { finishReason: 'STOP' })]
    expect(() => toDocument(events(...all), geminiConversion)).toThrow(Lossy)
  })

  test('a document of parts that a stream would run together goes live', () => {
    const document = {
      candidates: [{ content: { parts: [{ text: 'a' }, { text: 'b' }], role: 'model' }, finishReason: 'STOP' }],
    }
    expect(() => toEvents(document, geminiConversion)).toThrow(Lossy)
  })
})

describe("Anthropic's", () => {
  const start = {
    type: 'message_start',
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 3, cache_read_input_tokens: 0, output_tokens: 1, service_tier: 'standard' },
    },
  }
  const block = (index: number, content_block: JsonObject, ...deltas: JsonObject[]): JsonObject[] => [
    { type: 'content_block_start', index, content_block },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]
  const end = [
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { input_tokens: null, output_tokens: 9 },
    },
    { type: 'message_stop' },
  ]
  const text = block(0, { type: 'text', text: '' }, { type: 'text_delta', text: 'Hi' })

  test('counts are those of the start, unless the end counts again', () => {
    expect(toDocument(events(start, { type: 'ping' }, ...text, ...end), anthropicConversion)).toMatchObject({
      content: [{ type: 'text', text: 'Hi' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 3, cache_read_input_tokens: 0, output_tokens: 9, service_tier: 'standard' },
    })
  })

  test('input of a tool comes together from its pieces, and is empty where there are none', () => {
    const tool = { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }
    const pieces = ['', '{"a', '":[1,', '2]}'].map((partial_json) => ({ type: 'input_json_delta', partial_json }))
    const all = [start, ...block(0, tool, ...pieces), ...block(1, { ...tool, id: 'toolu_2' }), ...end]
    expect(toDocument(events(...all), anthropicConversion)).toMatchObject({
      content: [
        { id: 'toolu_1', input: { a: [1, 2] } },
        { id: 'toolu_2', input: {} },
      ],
    })
  })

  test('signature of thinking, and citations of text, come behind them', () => {
    const thinking = block(
      0,
      { type: 'thinking', thinking: '', signature: '' },
      { type: 'thinking_delta', thinking: 'Hm' },
      { type: 'signature_delta', signature: 'Eq' },
    )
    const cited = block(
      1,
      { type: 'text', text: '', citations: [] },
      { type: 'text_delta', text: 'Hi' },
      { type: 'citations_delta', citation: { type: 'x' } },
    )
    expect(toDocument(events(start, ...thinking, ...cited, ...end), anthropicConversion)).toMatchObject({
      content: [
        { type: 'thinking', thinking: 'Hm', signature: 'Eq' },
        { type: 'text', text: 'Hi', citations: [{ type: 'x' }] },
      ],
    })
  })

  test.for([
    ['that starts twice', [start, start, ...text, ...end]],
    ['with a block of tomorrow', [start, ...block(0, { type: 'hologram', data: 'x' }), ...end]],
    [
      'with a delta of tomorrow',
      [start, ...block(0, { type: 'text', text: '' }, { type: 'hologram_delta', text: 'x' }), ...end],
    ],
    ['with an event of tomorrow', [start, { type: 'hologram' }, ...text, ...end]],
    ['whose blocks come out of turn', [start, ...block(1, { type: 'text', text: '' }), ...end]],
    ['without a start', [...text, ...end]],
    [
      'whose input is no JSON',
      [
        start,
        ...block(
          0,
          { type: 'tool_use', id: 'a', name: 'f', input: {} },
          { type: 'input_json_delta', partial_json: '{"a' },
        ),
        ...end,
      ],
    ],
  ] as const)('stream %s is no document', ([, all]) => {
    expect(() => toDocument(events(...all), anthropicConversion)).toThrow(Lossy)
  })

  test('stream that is made of a document follows the order of its blocks and its events', () => {
    const document = toDocument(events(start, ...text, ...end), anthropicConversion)
    expect(toEvents(document, anthropicConversion).map(({ name }) => name)).toEqual([
      'message_start',
      'content_block_start',
      'ping',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
  })
})

describe("OpenAI's Responses stream", () => {
  const item = { id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'one' }
  const response = { id: 'resp_1', object: 'response', status: 'completed', output: [item], usage: null }
  const done = { type: 'response.output_item.done', output_index: 0, item }
  const completed = { type: 'response.completed', response }

  test('encrypts its reasoning again each time: the last one counts', () => {
    const again = { ...response, output: [{ ...item, encrypted_content: 'two' }] }
    expect(toDocument(events(done, { ...completed, response: again }), responsesConversion)).toEqual(again)
  })

  test.for([
    ['that ends with less than it told', [done, { ...completed, response: { ...response, output: [] } }]],
    ['that ends with more than it told', [completed]],
    ['that ends with another item', [{ ...done, item: { ...item, id: 'rs_2' } }, completed]],
    [
      'whose pieces are not the whole',
      [
        { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'a' },
        { type: 'response.output_text.done', output_index: 0, content_index: 0, text: 'b' },
        done,
        completed,
      ],
    ],
    [
      'with an annotation that its end lacks',
      [
        {
          type: 'response.output_text.annotation.added',
          output_index: 0,
          content_index: 0,
          annotation_index: 0,
          annotation: { type: 'x' },
        },
        done,
        completed,
      ],
    ],
    ['with an event of tomorrow', [{ type: 'response.hologram.delta', delta: 'x' }, done, completed]],
    ['without an end', [done]],
  ] as const)('%s is no document', ([, all]) => {
    expect(() => toDocument(events(...all), responsesConversion)).toThrow(Lossy)
  })

  test('numbers its events', () => {
    const numbers = toEvents(response, responsesConversion).map(({ data }) => (data as JsonObject)['sequence_number'])
    expect(numbers).toEqual(numbers.map((_, at) => at))
  })
})

test("Cohere's stream opens with every member of a message; a document has what says something", () => {
  const all = events(
    {
      id: 'c',
      type: 'message-start',
      delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] } },
    },
    { type: 'tool-plan-delta', delta: { message: { tool_plan: 'I' } } },
    { type: 'tool-plan-delta', delta: { message: { tool_plan: ' will' } } },
    {
      type: 'tool-call-start',
      index: 0,
      delta: { message: { tool_calls: { id: 'a', type: 'function', function: { name: 'f', arguments: '' } } } },
    },
    { type: 'tool-call-delta', index: 0, delta: { message: { tool_calls: { function: { arguments: '{}' } } } } },
    { type: 'tool-call-end', index: 0 },
    { type: 'message-end', delta: { finish_reason: 'TOOL_CALL', usage: { tokens: { input_tokens: 1 } } } },
  )
  expect(toDocument([...all, { data: '[DONE]' }], cohereConversion)).toEqual({
    id: 'c',
    message: {
      role: 'assistant',
      tool_plan: 'I will',
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
    },
    finish_reason: 'TOOL_CALL',
    usage: { tokens: { input_tokens: 1 } },
  })
})

test("Ollama's lines have a time each; a document has that of its end", () => {
  const line = (content: string, at: number, more: JsonObject = { done: false }): JsonObject => ({
    model: 'm',
    created_at: `2026-01-01T00:00:0${at}Z`,
    message: { role: 'assistant', content },
    ...more,
  })
  const last = { done: true, done_reason: 'stop', eval_count: 2 }
  expect(toDocument(events(line('Hi', 1), line(' you', 2), line('', 3, last)), ollamaChatConversion)).toEqual({
    model: 'm',
    created_at: '2026-01-01T00:00:03Z',
    message: { role: 'assistant', content: 'Hi you' },
    ...last,
  })
  expect(() => toDocument(events(line('Hi', 1)), ollamaChatConversion)).toThrow(Lossy)
})
