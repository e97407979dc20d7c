import { GoogleGenAI } from '@google/genai'
import { collect, describeClient, type ClientOptions } from '../support/client.ts'
import { geminiAt } from '../support/rows.ts'

const ask = { model: 'gemini-3-pro', contents: 'Say something.' }

describeClient<GoogleGenAI>({
  create: ({ apiKey, origin }: ClientOptions) =>
    new GoogleGenAI({ apiKey, ...(origin !== undefined && { httpOptions: { baseUrl: origin } }) }),
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
