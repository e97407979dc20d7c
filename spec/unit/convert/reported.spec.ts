import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../../lib/base/json.ts'
import { anthropicConversion } from '../../../lib/convert/anthropic.ts'
import { exactJson } from '../../../lib/convert/exact-json.ts'
import { geminiConversion } from '../../../lib/convert/gemini.ts'
import { Lossy } from '../../../lib/convert/lossy.ts'
import { chatConversion } from '../../../lib/convert/openai-chat.ts'
import { toDocument, toEvents } from '../../../lib/convert/round-trip.ts'

// What gateways and caches were reported to lose between the two forms of an answer.

const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
const chunk = (delta: JsonObject, reason: string | null = null, more: JsonObject = {}): { data: JsonObject } => ({
  data: {
    id: 'x',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: reason }],
    ...more,
  },
})
const end = [
  { data: { id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage } },
  { data: '[DONE]' },
]
const call = (id: string, name: string, args: string, index?: number): JsonObject => ({
  ...(index === undefined ? {} : { index }),
  id,
  type: 'function',
  function: { name, arguments: args },
})

function messageOf(...events: { data: Json }[]): Json | undefined {
  const { choices } = toDocument([...events, ...end], chatConversion) as { choices: { message: Json }[] }
  return choices[0]?.message
}

describe("OpenAI's chunks as others send them", () => {
  // https://github.com/google/adk-python/issues/7004
  test('several whole calls beside the reason to finish are all kept', () => {
    const calls = [call('a', 'f', '{"n":1}', 0), call('b', 'f', '{"n":2}', 1), call('c', 'g', '{"n":3}', 2)]
    const told = messageOf(chunk({ role: 'assistant', content: null, tool_calls: calls }, 'tool_calls'))
    expect(told).toMatchObject({
      tool_calls: [call('a', 'f', '{"n":1}'), call('b', 'f', '{"n":2}'), call('c', 'g', '{"n":3}')],
    })
  })

  // https://github.com/maximhq/bifrost/issues/1829
  test('pieces of two calls that take turns go to their own', () => {
    const piece = (index: number, args: string) => chunk({ tool_calls: [{ index, function: { arguments: args } }] })
    const opening = chunk({ role: 'assistant', tool_calls: [call('a', 'f', '', 0), call('b', 'g', '', 1)] })
    const told = messageOf(opening, piece(0, '{"a"'), piece(1, '{"b"'), piece(0, ':1}'), piece(1, ':2}'))
    expect(told).toMatchObject({
      tool_calls: [
        { function: { name: 'f', arguments: '{"a":1}' } },
        { function: { name: 'g', arguments: '{"b":2}' } },
      ],
    })
  })

  // https://github.com/ai-dynamo/dynamo/pull/4723, https://github.com/diegosouzapw/OmniRoute/issues/11044
  test('two calls of one index are not run together', () => {
    const events = [
      chunk({ tool_calls: [call('a', 'f', '{"n":1}', 0)] }),
      chunk({ tool_calls: [call('b', 'f', '{"n":2}', 0)] }),
    ]
    expect(() => messageOf(...events)).toThrow(Lossy)
  })

  // https://github.com/jin-bo/agentao/pull/117
  test('whole calls without an index are one each, in one chunk or in several', () => {
    const whole = [call('a', 'f', '{"n":1}'), call('b', 'f', '{"n":2}')]
    expect(messageOf(chunk({ tool_calls: whole }))).toMatchObject({ tool_calls: whole })
    expect(messageOf(...whole.map((one) => chunk({ tool_calls: [one] })))).toMatchObject({ tool_calls: whole })
  })

  test('a piece of a call without an index could be of any call', () => {
    const piece = chunk({ tool_calls: [{ function: { arguments: '1}' } }] })
    const opening = chunk({ tool_calls: [call('a', 'f', '{"n":'), call('b', 'f', '{"n":')] })
    expect(() => messageOf(opening, piece)).toThrow(Lossy)
  })

  // https://github.com/BerriAI/litellm/issues/12481
  test('chunks with ids of their own are no one answer', () => {
    const events = [chunk({ content: 'a' }), chunk({ content: 'b' }, null, { id: 'y' })]
    expect(() => messageOf(...events)).toThrow(Lossy)
  })

  // https://github.com/Menci/Floway/issues/481
  test('log probabilities of every token are kept, in reasoning too', () => {
    const token = (text: string): JsonObject => ({ token: text, logprob: -1, bytes: null, top_logprobs: [] })
    const events = ['al', 'pha'].map((text) => {
      const choice = { index: 0, delta: { content: text }, logprobs: { content: [token(text)] }, finish_reason: null }
      return { data: { id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [choice] } }
    })
    const document = toDocument([...events, ...end], chatConversion)
    expect(document).toMatchObject({ choices: [{ logprobs: { content: [token('al'), token('pha')] } }] })
  })

  // vLLM counts in each chunk where it is asked to (continuous_usage_stats)
  test('a usage that goes on counting is the last one', () => {
    const counting = (n: number) => ({ usage: { ...usage, completion_tokens: n } })
    const events = [chunk({ content: 'a' }, null, counting(0)), chunk({ content: 'b' }, 'stop', counting(1))]
    expect(toDocument([...events, ...end], chatConversion)).toMatchObject({ usage })
  })

  test('two halves of a character in two chunks are one character', () => {
    const halves = [String.raw`"\ud83d"`, String.raw`"\ude00"`].map((json) => chunk({ content: exactJson(json) }))
    expect(messageOf(...halves)).toMatchObject({ content: '😀' })
  })
})

describe('a document', () => {
  const documentOf = (message: JsonObject): JsonObject => ({
    id: 'x',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message, finish_reason: 'stop' }],
    usage,
  })

  // https://github.com/BerriAI/litellm/issues/32068, https://github.com/BerriAI/litellm/issues/9100
  test.for(['reasoning', 'reasoning_content'])('tells its %s in a stream, before its text', (member) => {
    const events = toEvents(
      documentOf({ role: 'assistant', content: 'Hi you.', [member]: 'Hm, well.' }),
      chatConversion,
    )
    const deltas = events.flatMap(({ data }) => (data as { choices?: { delta: JsonObject }[] }).choices ?? [])
    const told = deltas.map(({ delta }) => delta)
    expect(told.map((delta) => delta[member] ?? '').join('')).toBe('Hm, well.')
    const lastThought = told.findLastIndex((delta) => typeof delta[member] === 'string')
    expect(told.findIndex((delta) => delta.content !== undefined && delta.content !== '')).toBeGreaterThan(lastThought)
  })

  test('that gives its reasoning in two members goes live: SDKs read either of them in each chunk', () => {
    const message = { role: 'assistant', content: 'Hi.', reasoning: 'Hm.', reasoning_content: 'Hm.' }
    expect(() => toEvents(documentOf(message), chatConversion)).toThrow(Lossy)
  })

  // https://github.com/BerriAI/litellm/issues/376
  test('has its reason to finish in the last chunk with a choice alone', () => {
    const events = toEvents(documentOf({ role: 'assistant', content: 'Hi you.' }), chatConversion)
    const reasons = events.flatMap(({ data }) => {
      const { choices = [] } = data as { choices?: { finish_reason: Json }[] }
      return choices.map(({ finish_reason: reason }) => reason)
    })
    expect([reasons.pop(), new Set(reasons)]).toEqual(['stop', new Set([null])])
  })
})

describe("Gemini's", () => {
  // https://github.com/omnigent-ai/omnigent/pull/28, https://github.com/BerriAI/litellm/pull/31634
  test('parallel calls stay apart, and a reason to finish in an earlier chunk is no end', () => {
    const part = (name: string): JsonObject => ({ functionCall: { name, args: { city: 'X' } } })
    const chunkOf = (parts: Json[], finishReason?: string) => ({
      data: {
        candidates: [
          { index: 0, content: { role: 'model', parts }, ...(finishReason === undefined ? {} : { finishReason }) },
        ],
        usageMetadata: { totalTokenCount: 3 },
        modelVersion: 'g',
        responseId: 'r',
      },
    })
    const document = toDocument(
      [chunkOf([part('a'), part('a')], 'STOP'), chunkOf([part('b')]), chunkOf([{ text: '' }], 'STOP')],
      geminiConversion,
    )
    expect(document).toMatchObject({
      candidates: [{ content: { parts: [part('a'), part('a'), part('b')] }, finishReason: 'STOP' }],
    })
  })
})

describe("Anthropic's", () => {
  // https://github.com/crmne/ruby_llm/pull/711
  test('pieces of two tools that take turns go to their own', () => {
    const start = (index: number) => ({
      data: {
        type: 'content_block_start',
        index,
        content_block: { type: 'tool_use', id: `t${index}`, name: 'f', input: {} },
      },
    })
    const piece = (index: number, json: string) => ({
      data: { type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: json } },
    })
    const message = {
      id: 'm',
      type: 'message',
      role: 'assistant',
      model: 'c',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    }
    const document = toDocument(
      [
        { data: { type: 'message_start', message } },
        start(0),
        start(1),
        ...[piece(0, '{"a"'), piece(1, '{"b"'), piece(0, ':1}'), piece(1, ':2}')],
        { data: { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 9 } } },
        { data: { type: 'message_stop' } },
      ],
      anthropicConversion,
    )
    expect(document).toMatchObject({ content: [{ input: { a: 1 } }, { input: { b: 2 } }], stop_reason: 'tool_use' })
  })
})
