import Anthropic from '@anthropic-ai/sdk'
import { type ClientOptions, type ClientUnderTest, collect, defineClient } from '../support/client.ts'

const ask = {
  model: 'claude-opus-5',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Say something.' }],
} satisfies Anthropic.MessageCreateParamsNonStreaming

export const anthropic: ClientUnderTest = defineClient<Anthropic>({
  name: '@anthropic-ai/sdk',
  module: import.meta.url,
  create: ({ apiKey, origin, retries = 0 }: ClientOptions) =>
    new Anthropic({ apiKey, maxRetries: retries, ...(origin !== undefined && { baseURL: origin }) }),
  calls: {
    'messages.create': (client) => client.messages.create(ask),
    'messages.create with stream': async (client) => collect(await client.messages.create({ ...ask, stream: true })),
    'messages.stream': (client) => client.messages.stream(ask).finalMessage(),
  },
})
