import Anthropic from '@anthropic-ai/sdk'
import { expect, test } from 'vitest'
import { installCache } from '../support/cache.ts'
import { describeClient } from '../support/describe-client.ts'
import { startNetwork } from '../support/start-network.ts'
import { anthropic } from './anthropic.ts'

describeClient(anthropic)

test('a beta call never gets the answer of the same call without the beta', async () => {
  const network = startNetwork()
  installCache()
  const client = new Anthropic({ apiKey: 'sk-one', maxRetries: 0 })
  const ask = { model: 'claude-opus-5', max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hm?' }] }
  await client.messages.create(ask)
  await client.messages.create(ask, { headers: { 'anthropic-beta': 'context-1m-2025-08-07' } })
  expect(network.calls).toHaveLength(2)
})
