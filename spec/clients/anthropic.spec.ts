import Anthropic from '@anthropic-ai/sdk'
import { expect, test } from 'vitest'
import { installCache } from '../support/cache.ts'
import { collect, describeClient, type ClientOptions } from '../support/client.ts'
import { startNetwork } from '../support/start-network.ts'

const ask = {
  model: 'claude-opus-5',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Say something.' }],
} satisfies Anthropic.MessageCreateParamsNonStreaming

function create({ apiKey, origin }: ClientOptions): Anthropic {
  return new Anthropic({ apiKey, maxRetries: 0, ...(origin !== undefined && { baseURL: origin }) })
}

describeClient<Anthropic>({
  create,
  calls: {
    'messages.create': (client) => client.messages.create(ask),
    'messages.create with stream': async (client) => collect(await client.messages.create({ ...ask, stream: true })),
    'messages.stream': (client) => client.messages.stream(ask).finalMessage(),
  },
})

test('a beta call never gets the answer of the same call without the beta', async () => {
  const network = startNetwork()
  installCache()
  const client = create({ apiKey: 'sk-one' })
  await client.messages.create(ask)
  await client.messages.create(ask, { headers: { 'anthropic-beta': 'context-1m-2025-08-07' } })
  expect(network.calls).toHaveLength(2)
})
