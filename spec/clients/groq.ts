import Groq from 'groq-sdk'
import { type ClientUnderTest, collect, defineClient } from '../support/client.ts'
import { rowAt } from '../support/rows.ts'

const ask = { model: 'llama-4', messages: [{ role: 'user' as const, content: 'Say something.' }] }

export const groq: ClientUnderTest = defineClient<Groq>({
  name: 'groq-sdk',
  module: import.meta.url,
  create: ({ apiKey, origin, retries = 0 }) =>
    new Groq({ apiKey, maxRetries: retries, ...(origin !== undefined && { baseURL: origin }) }),
  calls: {
    'chat.completions.create': (client) => client.chat.completions.create(ask),
    'chat.completions.create with stream': async (client) =>
      collect(await client.chat.completions.create({ ...ask, stream: true })),
    'embeddings.create': (client) => client.embeddings.create({ model: 'nomic-embed', input: 'a text' }),
  },
  rows: rowAt('groq'),
})
