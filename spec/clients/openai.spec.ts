import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { installCache } from '../support/cache.ts'
import { collect } from '../support/client.ts'
import { describeClient } from '../support/describe-client.ts'
import { startProvider } from '../support/start-provider.ts'
import { openai } from './openai.ts'

const messages = [{ role: 'user', content: 'Say something.' }] satisfies OpenAI.ChatCompletionMessageParam[]
const model = 'gpt-5.1'

describeClient(openai)

function create(origin: string): OpenAI {
  return new OpenAI({ apiKey: 'sk-one', maxRetries: 0, baseURL: `${origin}/v1` })
}

test('a stream that the SDK cancels right after [DONE] is stored while the provider still holds the socket', async () => {
  const provider = await startProvider()
  const released = Promise.withResolvers<void>()
  provider.script({ hold: released.promise })
  const cache = installCache({ hosts: [provider.origin] })
  const client = create(provider.origin)
  const ask = async (): Promise<unknown> =>
    collect(await client.chat.completions.create({ model, messages, stream: true }))
  const first = await ask()
  expect(await ask()).toEqual(first)
  expect(provider.calls).toHaveLength(1)
  expect(cache.stats()).toMatchObject({ stores: 1, hits: 1, refusals: {} })
  released.resolve()
})

test('the answer says MISS, then HIT, with its key and age', async () => {
  const provider = await startProvider()
  installCache({ hosts: [provider.origin] })
  const client = create(provider.origin)
  const ask = async (): Promise<Headers> =>
    (await client.chat.completions.create({ model, messages }).withResponse()).response.headers
  const first = await ask()
  const second = await ask()
  expect([first.get('x-llm-cache'), second.get('x-llm-cache')]).toEqual(['MISS', 'HIT'])
  expect(second.get('x-llm-cache-key')).toBe(first.get('x-llm-cache-key'))
  expect(first.get('cache-status')).toMatch(/^undici-llm-cache; fwd=miss/)
  expect(second.get('cache-status')).toMatch(/^undici-llm-cache; hit; ttl=\d+; key="[0-9a-f]{64}"$/)
  expect([second.get('age'), second.get('x-llm-cache-ttl')]).toEqual(['0', '3600'])
  expect(second.has('set-cookie')).toBe(false)
})

test('a stream that its reader breaks off is not stored', async () => {
  const provider = await startProvider()
  provider.script({ gate: { after: 4, until: new Promise(() => {}) } })
  const cache = installCache({ hosts: [provider.origin] })
  const client = create(provider.origin)
  for await (const chunk of await client.chat.completions.create({ model, messages, stream: true })) {
    if (chunk.choices[0]?.delta.content) break
  }
  await expect.poll(() => cache.stats().refusals).toEqual({ aborted: 1 })
  await collect(await client.chat.completions.create({ model, messages, stream: true }))
  expect(provider.calls).toHaveLength(2)
})

test("the SDK's own retry of a failure gets the new answer, which is stored", async () => {
  const provider = await startProvider()
  provider.script({ status: 500, headers: { 'retry-after-ms': '1' } })
  installCache({ hosts: [provider.origin] })
  const client = new OpenAI({ apiKey: 'sk-one', baseURL: `${provider.origin}/v1`, maxRetries: 1 })
  const first = await client.chat.completions.create({ model, messages })
  expect(await client.chat.completions.create({ model, messages })).toEqual(first)
  expect(provider.calls).toHaveLength(2)
})
