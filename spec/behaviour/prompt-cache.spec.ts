import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { DiagnosticMessages, LlmCache } from '../../lib/index.ts'
import { installCache } from '../support/cache.ts'
import { post } from '../support/calls.ts'
import type { Provider } from '../support/provider.ts'
import { startProvider } from '../support/start-provider.ts'
import { formats } from '../../lib/index.ts'

type Advice = DiagnosticMessages['undici-llm-cache:advice']

function listen(): Advice[] {
  const heard: Advice[] = []
  const listener = (message: unknown): void => void heard.push(message as Advice) // of that channel
  subscribe('undici-llm-cache:advice', listener)
  onTestFinished(() => void unsubscribe('undici-llm-cache:advice', listener))
  return heard
}

async function open(): Promise<{ provider: Provider; cache: LlmCache }> {
  const provider = await startProvider()
  const endpoints = [
    { path: '/v1/messages', format: formats.anthropicMessages },
    { path: '/v1/responses', format: formats.openaiResponses },
  ]
  const cache = installCache({ providers: [{ id: 'own', hosts: [provider.origin], endpoints }] })
  return { provider, cache }
}

const MARKED = [{ type: 'text', text: 'Be kind.', cache_control: { type: 'ephemeral' } }]

async function ask(origin: string, path: string, body: object, headers: Record<string, string> = {}): Promise<void> {
  const all = { 'content-type': 'application/json', authorization: 'Bearer sk-one', ...headers }
  await (await post(`${origin}${path}`, JSON.stringify(body), { headers: all })).text()
}

function message(usage: object, more: object = {}): string {
  const content = [{ type: 'text', text: 'Hi' }]
  return JSON.stringify({
    id: 'm',
    type: 'message',
    role: 'assistant',
    content,
    stop_reason: 'end_turn',
    usage,
    ...more,
  })
}

describe("advice on the provider's own prompt cache", () => {
  test('reports calls to the provider, not hits, without a word of the prompt', async () => {
    const heard = listen()
    const { provider } = await open()
    const call = {
      model: 'claude-opus-4-5',
      max_tokens: 9,
      system: MARKED,
      messages: [{ role: 'user', content: 'Hi' }],
    }
    const headers = { 'anthropic-beta': 'prompt-caching-2024-07-31' }
    for (let time = 0; time < 3; time++) await ask(provider.origin, '/v1/messages', call, headers)
    expect(provider.calls).toHaveLength(1)
    expect(heard.map(({ code }) => code)).toEqual(['retired-beta', 'below-minimum'])
    expect(JSON.stringify(heard)).not.toMatch(/kind|sk-one/)
  })

  test('reports the fifth answer in a row that read nothing', async () => {
    const heard = listen()
    const { provider } = await open()
    const usage = { input_tokens: 9_000, output_tokens: 3, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 }
    provider.always({ events: [message(usage)] })
    const system = [{ type: 'text', text: 'abc '.repeat(9_000), cache_control: { type: 'ephemeral' } }]
    for (let seed = 0; seed < 5; seed++) {
      expect(heard).toEqual([])
      const messages = [{ role: 'user', content: `${seed}` }]
      await ask(provider.origin, '/v1/messages', { model: 'claude-opus-4-5', max_tokens: 9, system, messages })
    }
    await expect.poll(() => heard.map(({ code }) => code)).toEqual(['no-reads'])
  })
})

describe("the provider's own reason for a miss of its cache", () => {
  test.for<[provider: string, path: string, call: object, answer: string, reason: string]>([
    [
      'Anthropic',
      '/v1/messages',
      { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] },
      message({ input_tokens: 1, output_tokens: 1 }, { diagnostics: { cache_miss_reason: { type: 'tools_changed' } } }),
      'tools_changed',
    ],
    [
      'OpenAI',
      '/v1/responses',
      { model: 'm', input: 'Hi' },
      JSON.stringify({
        object: 'response',
        status: 'completed',
        output: [{ type: 'message', status: 'completed', content: [{ type: 'output_text', text: 'Hi' }] }],
        usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
        prompt_cache_diagnostics: { type: 'cache_miss', reason: 'service_tier_changed', cache_missed_tokens: 9 },
      }),
      'service_tier_changed',
    ],
  ])('%s: is in the figures by model', async ([_provider, path, call, answer, reason]) => {
    const { provider, cache } = await open()
    provider.script({ events: [answer] })
    await ask(provider.origin, path, call)
    await ask(provider.origin, path, call)
    const { hits, cacheMisses, byModel } = cache.stats()
    expect([hits, cacheMisses, byModel['m']?.cacheMisses]).toEqual([1, { [reason]: 1 }, { [reason]: 1 }])
  })
})
