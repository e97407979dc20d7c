import { createOpenRouter } from '@openrouter/ai-sdk-provider'
import { OpenRouter } from '@openrouter/sdk'
import { generateText, streamText, type LanguageModel } from 'ai'
import { describe } from 'vitest'
import { collect, describeClient, type ClientOptions } from '../support/client.ts'
import { rowAt } from '../support/rows.ts'

const prompt = 'Say something.'
const chatRequest = { model: 'openai/gpt-5.1', messages: [{ role: 'user' as const, content: prompt }] }

async function generate(model: LanguageModel): Promise<unknown> {
  const { text, usage, finishReason } = await generateText({ model, prompt, maxRetries: 0 })
  return { text, usage, finishReason }
}

async function stream(model: LanguageModel): Promise<unknown> {
  const result = streamText({ model, prompt, maxRetries: 0 })
  return { parts: await collect(result.textStream), usage: await result.usage }
}

describe('@openrouter/ai-sdk-provider', () => {
  describeClient({
    create: ({ apiKey, origin }: ClientOptions) =>
      createOpenRouter({ apiKey, ...(origin !== undefined && { baseURL: `${origin}/api/v1` }) }),
    calls: {
      generateText: (openrouter) => generate(openrouter('openai/gpt-5.1')),
      streamText: (openrouter) => stream(openrouter('openai/gpt-5.1')),
    },
    rows: rowAt('openrouter'),
  })
})

describe('@openrouter/sdk', () => {
  describeClient<OpenRouter>({
    create: ({ apiKey, origin }: ClientOptions) =>
      new OpenRouter({ apiKey, ...(origin !== undefined && { serverURL: `${origin}/api/v1` }) }),
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
})
