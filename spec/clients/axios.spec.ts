import axios, { type AxiosInstance } from 'axios'
import { expect, test } from 'vitest'
import { installCache } from '../support/cache.ts'
import { startNetwork } from '../support/start-network.ts'
import { startProvider } from '../support/start-provider.ts'

const ask = { model: 'gpt-5.1', messages: [{ role: 'user', content: 'Say something.' }] }
const path = '/v1/chat/completions'

function create(baseURL: string, apiKey = 'sk-one'): AxiosInstance {
  return axios.create({ baseURL, adapter: 'fetch', headers: { authorization: `Bearer ${apiKey}` } })
}

const calls: Readonly<Record<string, (client: AxiosInstance) => Promise<unknown>>> = {
  post: async (client) => (await client.post<unknown>(path, ask)).data,
  'post with stream': async (client) =>
    (await client.post<string>(path, { ...ask, stream: true }, { responseType: 'text' })).data,
}

test.for(Object.entries(calls))('%s is answered from memory the second time', async ([, call]) => {
  const { calls: made, origin } = await startProvider()
  installCache({ hosts: [origin] })
  const first = await call(create(origin))
  expect(await call(create(origin))).toEqual(first)
  expect(made).toHaveLength(1)
  await call(create(origin, 'sk-two'))
  expect(made).toHaveLength(2)
})

// Last: axios keeps the Request of its first call, and msw's own serves no socket.
test("what the cache says of the real host is among the answer's headers", async () => {
  const network = startNetwork()
  installCache()
  const client = create('https://api.openai.com')
  const answers = [await client.post(path, ask), await client.post(path, ask)]
  expect(answers.map(({ headers }) => headers['x-llm-cache'])).toEqual(['MISS', 'HIT'])
  expect(network.calls).toHaveLength(1)
})
