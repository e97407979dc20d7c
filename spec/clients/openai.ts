import OpenAI from 'openai'
import { type ClientUnderTest, collect, defineClient } from '../support/client.ts'

const messages = [{ role: 'user', content: 'Say something.' }] satisfies OpenAI.ChatCompletionMessageParam[]
const model = 'gpt-5.1'
const tools = [
  { type: 'function', function: { name: 'look_up', parameters: { type: 'object', properties: {} } } },
] satisfies OpenAI.ChatCompletionTool[]

export const openai: ClientUnderTest = defineClient<OpenAI>({
  name: 'openai',
  module: import.meta.url,
  create: ({ apiKey, origin, retries = 0 }) =>
    new OpenAI({ apiKey, maxRetries: retries, ...(origin !== undefined && { baseURL: `${origin}/v1` }) }),
  calls: {
    'chat.completions.create': (client) => client.chat.completions.create({ model, messages }),
    'chat.completions.create with stream': async (client) =>
      collect(await client.chat.completions.create({ model, messages, stream: true })),
    'chat.completions.stream with tools and usage': (client) =>
      client.chat.completions
        .stream({ model, messages, tools, stream_options: { include_usage: true } })
        .finalChatCompletion(),
    'chat.completions.create with tools': (client) => client.chat.completions.create({ model, messages, tools }),
    'completions.create': (client) => client.completions.create({ model, prompt: 'Once' }),
    'responses.create': (client) => client.responses.create({ model, input: 'Say something.' }),
    'responses.create with stream': async (client) =>
      collect(await client.responses.create({ model, input: 'Say something.', stream: true })),
    'embeddings.create': (client) => client.embeddings.create({ model: 'text-embedding-3-small', input: 'a text' }),
    'moderations.create': (client) => client.moderations.create({ input: 'a text' }),
  },
})
