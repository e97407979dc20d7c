import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { installCache } from '../support/cache.ts'
import { chat, statusOf } from '../support/calls.ts'
import { collect } from '../support/client.ts'
import { startProvider } from '../support/start-provider.ts'

const CROWD = 1000
const model = 'gpt-5.1'
const messages = [{ role: 'user' as const, content: 'Say something.' }]

/** Each makes one caller's call at `origin`; all that the caller gets to see comes back. */
const CALLERS: Readonly<Record<string, (origin: string) => () => Promise<unknown>>> = {
  'fetch, JSON': (origin) => async () => (await chat(origin)).text(),
  'fetch, stream': (origin) => async () => (await chat(origin, { stream: true })).text(),
  'openai, JSON': (origin) => {
    const client = new OpenAI({ apiKey: 'sk-one', baseURL: `${origin}/v1` })
    return () => client.chat.completions.create({ model, messages })
  },
  'openai, stream': (origin) => {
    const client = new OpenAI({ apiKey: 'sk-one', baseURL: `${origin}/v1` })
    return async () => collect(await client.chat.completions.create({ model, messages, stream: true }))
  },
  'Anthropic, JSON': (origin) => {
    const client = new Anthropic({ apiKey: 'sk-one', baseURL: origin })
    return () => client.messages.create({ model: 'claude-opus-5', max_tokens: 100, messages })
  },
  'Anthropic, stream': (origin) => {
    const client = new Anthropic({ apiKey: 'sk-one', baseURL: origin })
    return async () =>
      collect(await client.messages.create({ model: 'claude-opus-5', max_tokens: 100, messages, stream: true }))
  },
}

test.for(Object.entries(CALLERS))('1,000 callers at once make one provider call: %s', async ([, open]) => {
  const provider = await startProvider()
  const all = Promise.withResolvers<void>()
  provider.always({ words: 2, first: all.promise })
  const cache = installCache({ hosts: [provider.origin] })
  const call = open(provider.origin)
  const answers = Array.from({ length: CROWD }, call)
  await expect.poll(() => cache.stats().coalesced).toBe(CROWD - 1)
  all.resolve()
  const [first, ...others] = await Promise.all(answers)
  for (const other of others) expect(other).toEqual(first)
  expect(provider.calls).toHaveLength(1)
  expect(cache.stats()).toMatchObject({ misses: 1, coalesced: CROWD - 1, hits: 0, stores: 1 })
  expect(cache.stats().saved.time).toBeGreaterThan(0)
})

test('a crowd that gets a failure retries it as the SDK would, with one call more', async () => {
  const provider = await startProvider()
  const all = Promise.withResolvers<void>()
  provider.script({ status: 503, headers: { 'retry-after-ms': '1' }, first: all.promise })
  const cache = installCache({ hosts: [provider.origin] })
  const client = new OpenAI({ apiKey: 'sk-one', baseURL: `${provider.origin}/v1`, maxRetries: 1 })
  const answers = Array.from({ length: 50 }, () => client.chat.completions.create({ model, messages }))
  await expect.poll(() => cache.stats().coalesced).toBe(49)
  all.resolve()
  const [first, ...others] = await Promise.all(answers)
  for (const other of others) expect(other).toEqual(first)
  expect(provider.calls).toHaveLength(2)
})

test('every caller says how it came by its answer', async () => {
  const provider = await startProvider()
  installCache({ hosts: [provider.origin] })
  const answers = await Promise.all(Array.from({ length: 5 }, () => chat(provider.origin)))
  expect(answers.map(statusOf)).toEqual(['MISS', ...Array(4).fill('COALESCED')])
  expect(new Set(answers.map(({ headers }) => headers.get('x-llm-cache-key'))).size).toBe(1)
})
