import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogle } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import { embed, generateText, streamText, type EmbeddingModel, type LanguageModel } from 'ai'
import { describe, expect, test } from 'vitest'
import { geminiAt } from '../support/rows.ts'
import { installCache } from '../support/cache.ts'
import { collect, describeClient, type ClientOptions } from '../support/client.ts'
import { startNetwork } from '../support/start-network.ts'

const prompt = 'Say something.'

async function generate(model: LanguageModel): Promise<unknown> {
  const { text, usage, finishReason, response } = await generateText({ model, prompt, maxRetries: 0 })
  return { text, usage, finishReason, id: response.id }
}

async function stream(model: LanguageModel): Promise<unknown> {
  const result = streamText({ model, prompt, maxRetries: 0 })
  const parts = await collect(result.textStream)
  return { parts, usage: await result.usage, finishReason: await result.finishReason, id: (await result.response).id }
}

async function embedding(model: EmbeddingModel): Promise<unknown> {
  const result = await embed({ model, value: prompt, maxRetries: 0 })
  return { embedding: result.embedding, usage: result.usage }
}

describe('@ai-sdk/openai', () => {
  describeClient({
    create: ({ apiKey, origin }: ClientOptions) =>
      createOpenAI({ apiKey, ...(origin !== undefined && { baseURL: `${origin}/v1` }) }),
    calls: {
      'generateText, responses': (openai) => generate(openai('gpt-5.1')),
      'streamText, responses': (openai) => stream(openai('gpt-5.1')),
      'generateText, chat': (openai) => generate(openai.chat('gpt-5.1')),
      'streamText, chat': (openai) => stream(openai.chat('gpt-5.1')),
      embed: (openai) => embedding(openai.embedding('text-embedding-3-small')),
    },
  })
})

describe('@ai-sdk/anthropic', () => {
  describeClient({
    create: ({ apiKey, origin }: ClientOptions) =>
      createAnthropic({ apiKey, ...(origin !== undefined && { baseURL: `${origin}/v1` }) }),
    calls: {
      generateText: (anthropic) => generate(anthropic('claude-opus-5')),
      streamText: (anthropic) => stream(anthropic('claude-opus-5')),
    },
  })
})

describe('@ai-sdk/google', () => {
  describeClient({
    create: ({ apiKey, origin }: ClientOptions) =>
      createGoogle({ apiKey, ...(origin !== undefined && { baseURL: `${origin}/v1beta` }) }),
    calls: {
      generateText: (google) => generate(google('gemini-3-pro')),
      streamText: (google) => stream(google('gemini-3-pro')),
    },
    rows: geminiAt,
  })
})

test('two models of one provider never share an answer', async () => {
  const network = startNetwork()
  installCache()
  const google = createGoogle({ apiKey: 'sk-one' })
  await generate(google('gemini-3-pro'))
  await generate(google('gemini-3-flash'))
  expect(network.calls).toHaveLength(2)
})
