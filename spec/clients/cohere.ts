import { CohereClientV2 } from 'cohere-ai'
import { type ClientUnderTest, collect, defineClient } from '../support/client.ts'
import { rowAt } from '../support/rows.ts'

const ask = { model: 'command-a', messages: [{ role: 'user' as const, content: 'Say something.' }] }
const texts = {
  model: 'embed-v4',
  inputType: 'search_query' as const,
  embeddingTypes: ['float' as const],
  texts: ['a'],
}

export const cohere: ClientUnderTest = defineClient<CohereClientV2>({
  name: 'cohere-ai',
  module: import.meta.url,
  create: ({ apiKey, origin, retries = 0 }) =>
    new CohereClientV2({ token: apiKey, maxRetries: retries, ...(origin !== undefined && { environment: origin }) }),
  calls: {
    chat: (client) => client.chat(ask),
    chatStream: async (client) => collect(await client.chatStream(ask)),
    embed: (client) => client.embed(texts),
    rerank: (client) => client.rerank({ model: 'rerank-v4', query: 'who?', documents: ['one', 'two'] }),
  },
  rows: rowAt('cohere'),
})
