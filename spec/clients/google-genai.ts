import { GoogleGenAI } from '@google/genai'
import { type ClientUnderTest, collect, defineClient } from '../support/client.ts'
import { geminiAt } from '../support/rows.ts'

const ask = { model: 'gemini-3-pro', contents: 'Say something.' }

export const googleGenAi: ClientUnderTest = defineClient<GoogleGenAI>({
  name: '@google/genai',
  module: import.meta.url,
  create: ({ apiKey, origin, retries = 0 }) =>
    new GoogleGenAI({
      apiKey,
      httpOptions: {
        timeout: 60_000,
        ...(retries > 0 && { retryOptions: { attempts: retries + 1 } }),
        ...(origin !== undefined && { baseUrl: origin }),
      },
    }),
  calls: {
    'models.generateContent': async (client) => plain(await client.models.generateContent(ask)),
    'models.generateContentStream': async (client) =>
      (await collect(await client.models.generateContentStream(ask))).map(plain),
  },
  rows: geminiAt,
})

/** Without the headers of the HTTP answer: there the two calls do differ (`x-llm-cache`). */
function plain(response: object): object {
  return { ...response, sdkHttpResponse: undefined }
}
