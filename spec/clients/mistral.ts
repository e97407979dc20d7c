import { Mistral } from '@mistralai/mistralai'
import { type ClientUnderTest, collect, defineClient } from '../support/client.ts'
import { backoff } from '../support/backoff.ts'
import { rowAt } from '../support/rows.ts'

const ask = { model: 'mistral-large', messages: [{ role: 'user' as const, content: 'Say something.' }] }
const gap = { model: 'codestral', prompt: 'def f(', suffix: 'return a' }

export const mistral: ClientUnderTest = defineClient<Mistral>({
  name: '@mistralai/mistralai',
  module: import.meta.url,
  create: ({ apiKey, origin, retries = 0 }) =>
    new Mistral({ apiKey, retryConfig: backoff(retries), ...(origin !== undefined && { serverURL: origin }) }),
  calls: {
    'chat.complete': (client) => client.chat.complete(ask),
    'chat.stream': async (client) => collect(await client.chat.stream(ask)),
    'fim.complete': (client) => client.fim.complete(gap),
    'fim.stream': async (client) => collect(await client.fim.stream(gap)),
    'embeddings.create': (client) => client.embeddings.create({ model: 'mistral-embed', inputs: ['a text'] }),
  },
  rows: rowAt('mistral'),
})
