import axios, { type AxiosResponse } from 'axios'
import { expect, test } from 'vitest'
import { installCache } from '../support/cache.ts'
import { describeProcesses } from '../support/describe-client.ts'
import { startNetwork } from '../support/start-network.ts'
import { startProvider } from '../support/start-provider.ts'
import { axiosClient } from './axios.ts'

test.for(Object.entries(axiosClient.calls))('%s is answered from memory the second time', async ([, call]) => {
  const { calls, origin } = await startProvider()
  installCache({ hosts: [origin] })
  const first = await call({ apiKey: 'sk-one', origin })
  expect(await call({ apiKey: 'sk-one', origin })).toEqual(first)
  expect(calls).toHaveLength(1)
  await call({ apiKey: 'sk-two', origin })
  expect(calls).toHaveLength(2)
})

describeProcesses(axiosClient)

// Last: axios keeps the Request of its first call, and msw's own serves no socket.
test("what the cache says of the real host is among the answer's headers", async () => {
  const network = startNetwork()
  installCache()
  const client = axios.create({ baseURL: 'https://api.openai.com', adapter: 'fetch' })
  const post = (): Promise<AxiosResponse> => client.post('/v1/chat/completions', { model: 'gpt-5.1', messages: [] })
  const answers = [await post(), await post()]
  expect(answers.map(({ headers }) => headers['x-llm-cache'])).toEqual(['MISS', 'HIT'])
  expect(network.calls).toHaveLength(1)
})
