import Together from 'together-ai'
import { type ClientUnderTest, collect, defineClient } from '../support/client.ts'
import { rowAt } from '../support/rows.ts'

const ask = { model: 'llama-4', messages: [{ role: 'user' as const, content: 'Say something.' }] }

export const together: ClientUnderTest = defineClient<Together>({
  name: 'together-ai',
  module: import.meta.url,
  create: ({ apiKey, origin, retries = 0 }) =>
    new Together({ apiKey, maxRetries: retries, ...(origin !== undefined && { baseURL: `${origin}/v1` }) }),
  calls: {
    'chat.completions.create': (client) => client.chat.completions.create(ask),
    'chat.completions.create with stream': async (client) =>
      collect(await client.chat.completions.create({ ...ask, stream: true })),
    'embeddings.create': (client) => client.embeddings.create({ model: 'bge-base', input: 'a text' }),
    'rerank.create': (client) => client.rerank.create({ model: 'rerank-v1', query: 'who?', documents: ['a', 'b'] }),
  },
  rows: rowAt('together'),
})
