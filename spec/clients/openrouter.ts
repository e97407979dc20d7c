import { createOpenRouter, type OpenRouterProvider } from '@openrouter/ai-sdk-provider'
import { OpenRouter } from '@openrouter/sdk'
import { generateText, streamText, type LanguageModel } from 'ai'
import { backoff } from '../support/backoff.ts'
import { type ClientOptions, type ClientUnderTest, collect, defineClient } from '../support/client.ts'
import { rowAt } from '../support/rows.ts'

const prompt = 'Say something.'
const chatRequest = { model: 'openai/gpt-5.1', messages: [{ role: 'user' as const, content: prompt }] }

async function generate(model: LanguageModel, { retries: maxRetries = 0 }: ClientOptions): Promise<unknown> {
  const { text, usage, finishReason } = await generateText({ model, prompt, maxRetries })
  return { text, usage, finishReason }
}

async function stream(model: LanguageModel, { retries: maxRetries = 0 }: ClientOptions): Promise<unknown> {
  const result = streamText({ model, prompt, maxRetries })
  return { parts: await collect(result.textStream), usage: await result.usage }
}

export const openRouterProvider: ClientUnderTest = defineClient<OpenRouterProvider>({
  name: '@openrouter/ai-sdk-provider',
  module: import.meta.url,
  create: ({ apiKey, origin }) =>
    createOpenRouter({ apiKey, ...(origin !== undefined && { baseURL: `${origin}/api/v1` }) }),
  calls: {
    generateText: (openrouter, options) => generate(openrouter('openai/gpt-5.1'), options),
    streamText: (openrouter, options) => stream(openrouter('openai/gpt-5.1'), options),
  },
  rows: rowAt('openrouter'),
})

export const openRouterSdk: ClientUnderTest = defineClient<OpenRouter>({
  name: '@openrouter/sdk',
  module: import.meta.url,
  create: ({ apiKey, origin, retries = 0 }) =>
    new OpenRouter({
      apiKey,
      retryConfig: backoff(retries),
      ...(origin !== undefined && { serverURL: `${origin}/api/v1` }),
    }),
  calls: {
    'chat.send': (client) => client.chat.send({ chatRequest }),
    'chat.send with stream': async (client) => {
      const answer = await client.chat.send({ chatRequest: { ...chatRequest, stream: true } })
      if (!(Symbol.asyncIterator in answer)) throw new Error('a stream was asked for')
      return collect<unknown>(answer)
    },
  },
  rows: rowAt('openrouter'),
})
