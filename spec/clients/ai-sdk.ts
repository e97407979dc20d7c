import { createAnthropic, type AnthropicProvider } from '@ai-sdk/anthropic'
import { createGoogle, type GoogleProvider } from '@ai-sdk/google'
import { createOpenAI, type OpenAIProvider } from '@ai-sdk/openai'
import { createGateway, embed, type EmbeddingModel, generateText, type LanguageModel, streamText } from 'ai'
import { type ClientOptions, type ClientUnderTest, collect, defineClient } from '../support/client.ts'
import { geminiAt, rowAt } from '../support/rows.ts'

const prompt = 'Say something.'

async function generate(model: LanguageModel, { retries: maxRetries = 0 }: ClientOptions): Promise<object> {
  const { text, usage, finishReason, response } = await generateText({ model, prompt, maxRetries })
  return { text, usage, finishReason, id: response.id }
}

async function stream(model: LanguageModel, { retries: maxRetries = 0 }: ClientOptions): Promise<unknown> {
  const result = streamText({ model, prompt, maxRetries })
  const parts = await collect(result.textStream)
  return { parts, usage: await result.usage, finishReason: await result.finishReason, id: (await result.response).id }
}

async function embedding(model: EmbeddingModel, { retries: maxRetries = 0 }: ClientOptions): Promise<unknown> {
  const result = await embed({ model, value: prompt, maxRetries })
  return { embedding: result.embedding, usage: result.usage }
}

export const aiOpenAi: ClientUnderTest = defineClient<OpenAIProvider>({
  name: '@ai-sdk/openai',
  module: import.meta.url,
  create: ({ apiKey, origin }) => createOpenAI({ apiKey, ...(origin !== undefined && { baseURL: `${origin}/v1` }) }),
  calls: {
    'generateText, responses': (openai, options) => generate(openai('gpt-5.1'), options),
    'streamText, responses': (openai, options) => stream(openai('gpt-5.1'), options),
    'generateText, chat': (openai, options) => generate(openai.chat('gpt-5.1'), options),
    'streamText, chat': (openai, options) => stream(openai.chat('gpt-5.1'), options),
    embed: (openai, options) => embedding(openai.embedding('text-embedding-3-small'), options),
  },
})

export const aiAnthropic: ClientUnderTest = defineClient<AnthropicProvider>({
  name: '@ai-sdk/anthropic',
  module: import.meta.url,
  create: ({ apiKey, origin }) => createAnthropic({ apiKey, ...(origin !== undefined && { baseURL: `${origin}/v1` }) }),
  calls: {
    generateText: (anthropic, options) => generate(anthropic('claude-opus-5'), options),
    streamText: (anthropic, options) => stream(anthropic('claude-opus-5'), options),
  },
})

export const aiGoogle: ClientUnderTest = defineClient<GoogleProvider>({
  name: '@ai-sdk/google',
  module: import.meta.url,
  create: ({ apiKey, origin }) =>
    createGoogle({ apiKey, ...(origin !== undefined && { baseURL: `${origin}/v1beta` }) }),
  calls: {
    generateText: (google, options) => generate(google('gemini-3-pro'), options),
    streamText: (google, options) => stream(google('gemini-3-pro'), options),
  },
  rows: geminiAt,
})

export const aiGateway: ClientUnderTest = defineClient({
  name: '@ai-sdk/gateway',
  module: import.meta.url,
  create: ({ apiKey, origin }) =>
    createGateway({ apiKey, ...(origin !== undefined && { baseURL: `${origin}/v4/ai` }) }),
  calls: {
    // The SDK makes the id of an answer itself.
    generateText: async (gateway, options) => ({ ...(await generate(gateway('openai/gpt-5.1'), options)), id: '' }),
    streamText: (gateway, options) => stream(gateway('openai/gpt-5.1'), options),
  },
  rows: rowAt('vercel'),
})
