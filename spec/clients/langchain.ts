import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai'
import { type ClientUnderTest, collect, defineClient } from '../support/client.ts'

interface Models {
  readonly chat: ChatOpenAI
  readonly responses: ChatOpenAI
  readonly embeddings: OpenAIEmbeddings
}

export const langchain: ClientUnderTest = defineClient<Models>({
  name: '@langchain/openai',
  module: import.meta.url,
  create({ apiKey, origin, retries = 0 }) {
    const configuration = origin === undefined ? {} : { baseURL: `${origin}/v1` }
    const shared = { apiKey, configuration, model: 'gpt-5.1', maxRetries: retries }
    return {
      chat: new ChatOpenAI(shared),
      responses: new ChatOpenAI({ ...shared, useResponsesApi: true }),
      embeddings: new OpenAIEmbeddings({ ...shared, model: 'text-embedding-3-small' }),
    }
  },
  calls: {
    invoke: async ({ chat }) => plain(await chat.invoke('Say something.')),
    stream: async ({ chat }) => (await collect(await chat.stream('Say something.'))).map(plain),
    'invoke, responses': async ({ responses }) => plain(await responses.invoke('Say something.')),
    'stream, responses': async ({ responses }) => (await collect(await responses.stream('Say something.'))).map(plain),
    embedDocuments: ({ embeddings }) => embeddings.embedDocuments(['a text', 'another']),
  },
})

/** What a message is to its reader, as JSON. */
function plain(message: object): unknown {
  return JSON.parse(JSON.stringify(message))
}
