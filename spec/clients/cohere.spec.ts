import { CohereClientV2 } from 'cohere-ai'
import { expect, test } from 'vitest'
import { installCache } from '../support/cache.ts'
import { collect, describeClient, type ClientOptions } from '../support/client.ts'
import { rowAt } from '../support/rows.ts'
import { startNetwork } from '../support/start-network.ts'

const ask = { model: 'command-a', messages: [{ role: 'user' as const, content: 'Say something.' }] }
const texts = {
  model: 'embed-v4',
  inputType: 'search_query' as const,
  embeddingTypes: ['float' as const],
  texts: ['a'],
}

function create({ apiKey, origin }: ClientOptions): CohereClientV2 {
  return new CohereClientV2({ token: apiKey, ...(origin !== undefined && { environment: origin }) })
}

describeClient<CohereClientV2>({
  create,
  calls: {
    chat: (client) => client.chat(ask),
    chatStream: async (client) => collect(await client.chatStream(ask)),
    embed: (client) => client.embed(texts),
    rerank: (client) => client.rerank({ model: 'rerank-v4', query: 'who?', documents: ['one', 'two'] }),
  },
  rows: rowAt('cohere'),
})

test('the no-cache that the SDK puts on every stream reaches Cohere and is no refresh', async () => {
  const network = startNetwork()
  const cache = installCache()
  for (const _ of [1, 2]) await collect(await create({ apiKey: 'sk-one' }).chatStream(ask))
  expect(network.calls.map(({ headers }) => headers.get('cache-control'))).toEqual(['no-cache'])
  expect(cache.stats()).toMatchObject({ hits: 1, refreshes: 0 })
})
