import { AzureOpenAI } from 'openai'
import { type ClientUnderTest, collect, defineClient } from '../support/client.ts'
import { rowAt } from '../support/rows.ts'

const ask = { model: 'gpt-5.1', messages: [{ role: 'user' as const, content: 'Say something.' }] }

export const azure: ClientUnderTest = defineClient<AzureOpenAI>({
  name: 'openai, AzureOpenAI',
  module: import.meta.url,
  create: ({ apiKey, origin = 'https://spec.openai.azure.com', retries = 0 }) =>
    new AzureOpenAI({ apiKey, endpoint: origin, apiVersion: '2025-04-01-preview', maxRetries: retries }),
  calls: {
    'chat.completions.create': (client) => client.chat.completions.create(ask),
    'chat.completions.create with stream': async (client) =>
      collect(await client.chat.completions.create({ ...ask, stream: true })),
    'embeddings.create': (client) => client.embeddings.create({ model: 'embedding-small', input: 'a text' }),
    'responses.create': (client) => client.responses.create({ model: 'gpt-5.1', input: 'Say something.' }),
  },
  rows: rowAt('azure'),
})
