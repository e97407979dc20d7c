import { createOpenAI } from '@ai-sdk/openai'
import { generateText, type LanguageModelMiddleware, simulateReadableStream, streamText, wrapLanguageModel } from 'ai'
import type { ChatParameters } from '../answer.ts'
import type { Door } from '../doors.ts'
import type { Peer } from './peer.ts'

/** The AI SDK, which calls through the global fetch. */
export const aiSdk: Door = {
  name: 'AI SDK',
  gives: 'text',
  open: (origin, parameters) => generate(createModel(origin), parameters),
}

/** The AI SDK with the caching middleware of its documentation: https://ai-sdk.dev/docs/advanced/caching */
export const aiSdkMiddleware: Peer = {
  name: 'AI SDK middleware recipe',
  note: 'inside the AI SDK: no HTTP call, no bytes; its 10 ms between chunks taken out',
  gives: 'text',
  door: aiSdk.name,
  open({ origin }) {
    const model = wrapLanguageModel({ model: createModel(origin), middleware: createMiddleware() })
    return { call: (parameters) => generate(model, parameters)() }
  },
}

type Model = ReturnType<typeof createModel>

function createModel(origin: string) {
  return createOpenAI({ apiKey: 'sk-bench', baseURL: `${origin}/v1` }).chat('gpt-4o-mini')
}

function generate(model: Model, { messages, temperature, stream }: ChatParameters): () => Promise<string> {
  const [system, ...rest] = messages
  const call = {
    model,
    instructions: system?.content ?? '',
    messages: rest as { role: 'user'; content: string }[],
    temperature,
  }
  if (stream === true) return async () => streamText(call).text
  return async () => (await generateText(call)).text
}

type Generated = Awaited<ReturnType<Model['doGenerate']>>
type Part = Awaited<ReturnType<Model['doStream']>>['stream'] extends ReadableStream<infer One> ? One : never

function createMiddleware(): LanguageModelMiddleware {
  const generated = new Map<string, Generated>()
  const streamed = new Map<string, Part[]>()
  return {
    specificationVersion: 'v4',
    async wrapGenerate({ doGenerate, params, model }) {
      const key = JSON.stringify({ provider: model.provider, modelId: model.modelId, params })
      const cached = generated.get(key)
      if (cached !== undefined) return cached
      const result = await doGenerate()
      generated.set(key, result)
      return result
    },
    async wrapStream({ doStream, params, model }) {
      const key = JSON.stringify({ provider: model.provider, modelId: model.modelId, params })
      const cached = streamed.get(key)
      if (cached !== undefined) {
        return { stream: simulateReadableStream({ initialDelayInMs: null, chunkDelayInMs: null, chunks: cached }) }
      }
      const { stream, ...rest } = await doStream()
      const parts: Part[] = []
      const record = new TransformStream<Part, Part>({
        transform(part, controller) {
          parts.push(part)
          controller.enqueue(part)
        },
        flush: () => void streamed.set(key, parts),
      })
      return { stream: stream.pipeThrough(record), ...rest }
    },
  }
}
