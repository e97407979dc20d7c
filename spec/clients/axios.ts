import axios, { type AxiosInstance } from 'axios'
import { type ClientUnderTest, defineClient } from '../support/client.ts'

const path = '/v1/chat/completions'
const ask = { model: 'gpt-5.1', messages: [{ role: 'user', content: 'Say something.' }] }

export const axiosClient: ClientUnderTest = defineClient<AxiosInstance>({
  name: 'axios',
  module: import.meta.url,
  retries: false,
  create: ({ apiKey, origin = 'https://api.openai.com' }) =>
    axios.create({ baseURL: origin, adapter: 'fetch', headers: { authorization: `Bearer ${apiKey}` } }),
  calls: {
    post: async (client) => (await client.post<unknown>(path, ask)).data,
    'post with stream': async (client) =>
      (await client.post<string>(path, { ...ask, stream: true }, { responseType: 'text' })).data,
  },
})
