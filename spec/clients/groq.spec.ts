import Groq from 'groq-sdk'
import { collect, describeClient, type ClientOptions } from '../support/client.ts'
import { rowAt } from '../support/rows.ts'

const ask = { model: 'llama-4', messages: [{ role: 'user' as const, content: 'Say something.' }] }

describeClient<Groq>({
  create: ({ apiKey, origin }: ClientOptions) =>
    new Groq({ apiKey, maxRetries: 0, ...(origin !== undefined && { baseURL: origin }) }),
  calls: {
    'chat.completions.create': (client) => client.chat.completions.create(ask),
    'chat.completions.create with stream': async (client) =>
      collect(await client.chat.completions.create({ ...ask, stream: true })),
    'embeddings.create': (client) => client.embeddings.create({ model: 'nomic-embed', input: 'a text' }),
  },
  rows: rowAt('groq'),
})
