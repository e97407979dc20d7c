import { expect, test } from 'vitest'
import { installCache } from '../support/cache.ts'
import { describeClient } from '../support/describe-client.ts'
import { startNetwork } from '../support/start-network.ts'
import { createGoogle } from '@ai-sdk/google'
import { generateText } from 'ai'
import { aiAnthropic, aiGateway, aiGoogle, aiOpenAi } from './ai-sdk.ts'

describeClient(aiOpenAi, aiAnthropic, aiGoogle, aiGateway)

test('two models of one provider never share an answer', async () => {
  const network = startNetwork()
  installCache()
  const google = createGoogle({ apiKey: 'sk-one' })
  for (const name of ['gemini-3-pro', 'gemini-3-flash']) {
    await generateText({ model: google(name), prompt: 'Say something.', maxRetries: 0 })
  }
  expect(network.calls).toHaveLength(2)
})
