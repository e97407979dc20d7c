import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../../lib/base/json.ts'
import { type PromptAdvice, readRequest, RepeatedMisses } from '../../../../lib/telemetry/prompt-cache/advice.ts'
import { minimumOf } from '../../../../lib/telemetry/prompt-cache/minimums.ts'

const MARK = { cache_control: { type: 'ephemeral' } }
const HELLO = { role: 'user', content: 'Hello' }

/** Text of so many tokens of 4 characters. */
function textOf(tokens: number): string {
  return 'abc '.repeat(tokens)
}

interface Given {
  readonly model?: string
  readonly provider?: string
  readonly beta?: string
}

function adviceOn(body: JsonObject, { model = 'claude-opus-4-5', provider = 'anthropic', beta }: Given = {}): string[] {
  return codesOf(readRequest({ provider, model, body, beta }).advice)
}

function codesOf(advice: readonly PromptAdvice[]): string[] {
  return advice.map(({ code }) => code)
}

test.for<[model: string, tokens: number | undefined]>([
  ['claude-opus-4-5-20251101', 4_096],
  ['anthropic/claude-opus-4.6', 4_096],
  ['us.anthropic.claude-haiku-4-5-20251001-v1:0', 4_096],
  ['claude-opus-4-7', 2_048],
  ['claude-3-5-haiku-20241022', 2_048],
  ['claude-opus-4-20250514', 1_024],
  ['claude-opus-4-1@20250805', 1_024],
  ['anthropic/claude-sonnet-4.6', 1_024],
  ['claude-sonnet-5', 1_024],
  ['claude-opus-5', 512],
  ['openai/gpt-5.1', 1_024],
  ['o3-mini', 1_024],
  ['google/gemini-2.5-pro', 4_096],
  ['llama-3', undefined],
  ['claude-opus-4-50', 1_024],
])('%s is cached from %s tokens on', ([model, tokens]) => {
  expect(minimumOf(model)?.tokens).toBe(tokens)
})

describe('a breakpoint below the minimum of its model', () => {
  const system = (tokens: number): JsonObject => ({ system: [{ type: 'text', text: textOf(tokens), ...MARK }] })

  test('is reported, with an estimate that is marked as one, and the page', () => {
    const { advice } = readRequest({
      provider: 'anthropic',
      model: 'claude-opus-4-5',
      beta: undefined,
      body: { ...system(800), messages: [HELLO] },
    })
    expect(advice).toEqual([
      {
        code: 'below-minimum',
        provider: 'anthropic',
        model: 'claude-opus-4-5',
        text: expect.stringMatching(/after about 80\d tokens \(an estimate: characters \/ 4\).* from 4,096 on/),
        docs: 'https://platform.claude.com/docs/en/build-with-claude/prompt-caching',
      },
    ])
  })

  test('is not reported where the prompt may be long enough', () => {
    expect(adviceOn(system(2_100))).toEqual([])
    expect(adviceOn(system(800), { model: 'claude-sonnet-4-5' })).toEqual([])
    expect(adviceOn(system(800), { model: 'who-knows' })).toEqual([])
    expect(adviceOn({ system: [{ type: 'text', text: '漢字'.repeat(1_400), ...MARK }] })).toEqual([])
  })

  test('counts what comes before it: tools, system and earlier messages, in that order, and nothing behind it', () => {
    const long = { role: 'user', content: textOf(9_000) }
    const marked = { role: 'user', content: [{ type: 'text', text: 'Hello', ...MARK }] }
    expect(adviceOn({ messages: [long, marked] })).toEqual([])
    expect(adviceOn({ messages: [marked, long] })).toEqual(['below-minimum'])
    const tools = [{ name: 'a', description: textOf(9_000), input_schema: {} }]
    expect(adviceOn({ messages: [marked], tools })).toEqual([])
    expect(adviceOn({ messages: [long], system: [{ type: 'text', text: 'Hi', ...MARK }] })).toEqual(['below-minimum'])
  })

  test('is at the end with automatic caching, and where Bedrock has its own', () => {
    expect(adviceOn({ ...MARK, messages: [HELLO] })).toEqual(['below-minimum'])
    expect(adviceOn({ ...MARK, messages: [{ role: 'user', content: textOf(9_000) }] })).toEqual([])
    expect(adviceOn({ system: [{ text: 'Hi' }, { cachePoint: { type: 'default' } }] })).toEqual(['below-minimum'])
  })

  test('is not guessed at behind an image or a file', () => {
    const image = { type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } }
    expect(adviceOn({ messages: [{ role: 'user', content: [image, { type: 'text', text: 'Hi', ...MARK }] }] })).toEqual(
      [],
    )
  })

  test('is not reported where there is no breakpoint', () => {
    expect(adviceOn({ messages: [HELLO] })).toEqual([])
  })
})

test('the retired beta is reported, among others too', () => {
  expect(adviceOn({}, { beta: 'a-2025-01-01,prompt-caching-2024-07-31' })).toEqual(['retired-beta'])
  expect(adviceOn({}, { beta: 'cache-diagnosis-2026-04-07' })).toEqual([])
})

test('a body of any shape is read, however deep', () => {
  let deep: JsonObject = {}
  for (let depth = 0; depth < 5_000; depth++) deep = { system: deep }
  for (const body of [deep, { system: 1 }, { messages: 'text' }, { tools: null, cache_control: true }]) {
    expect(adviceOn(body)).toEqual([])
  }
})

describe('answers without a read', () => {
  const usage = { inputTokens: 9_000, outputTokens: 1, cachedTokens: 0 }
  const marked = { system: [{ type: 'text', text: textOf(9_000), ...MARK }] }
  const plain = (end: string): JsonObject => ({ instructions: textOf(2_000), input: end })

  function answer(bodies: readonly JsonObject[], usages: readonly object[], given: Given = {}): (string | undefined)[] {
    const { provider = 'anthropic', model = 'claude-opus-4-5' } = given
    const misses = new RepeatedMisses()
    return bodies.map((body, at) => {
      const request = readRequest({ provider, model, body, beta: undefined })
      return misses.answered(request, { ...usage, ...usages[at % usages.length] })?.text
    })
  }

  test('are reported with the fifth in a row, once', () => {
    const told = answer(
      Array.from({ length: 12 }, () => marked),
      [{}],
    )
    expect(told.map((text) => text !== undefined)).toEqual([...'000010000000'].map((one) => one === '1'))
    expect(told[4]).toContain('5 calls in a row with breakpoints')
  })

  test('are not reported where one is read now and then, nor where the provider says nothing of its cache', () => {
    const calls = Array.from({ length: 12 }, () => marked)
    expect(answer(calls, [{}, {}, {}, { cachedTokens: 100 }]).filter(Boolean)).toEqual([])
    expect(answer(calls, [{ cachedTokens: undefined }]).filter(Boolean)).toEqual([])
    expect(answer(calls, [{ inputTokens: 4_000 }]).filter(Boolean)).toEqual([])
  })

  test('without breakpoints count only where the prompts begin alike', () => {
    const openai = { provider: 'openai', model: 'gpt-5.1' }
    const alike = Array.from({ length: 5 }, (_, at) => plain(`${at}`))
    expect(answer(alike, [{}], openai)[4]).toContain('5 calls in a row that begin alike')
    const different = Array.from({ length: 12 }, (_, at) => ({ instructions: `${at} ${textOf(2_000)}` }))
    expect(answer(different, [{}], openai).filter(Boolean)).toEqual([])
  })

  test('by OpenRouter come with how to see there whether it works', () => {
    const told = answer(
      Array.from({ length: 5 }, () => marked),
      [{}],
      { provider: 'openrouter' },
    )
    expect(told[4]).toMatch(/no cache writes: a read in the second call .* best effort/)
  })

  test('leave no text of a prompt in memory', () => {
    const body = { instructions: `the secret ${textOf(3_000)}`, input: 'x' }
    const read = readRequest({ provider: 'openai', model: 'gpt-5.1', body, beta: undefined })
    expect(JSON.stringify(read)).not.toContain('secret')
    expect(JSON.stringify(read).length).toBeLessThan(500)
  })
})
