import { messages } from './anthropic.ts'
import { converse, converseStream, invoke, invokeStream } from './bedrock.ts'
import { cohereChat, cohereEmbed, rerank } from './cohere.ts'
import { generateContent } from './gemini.ts'
import { ollamaChat, ollamaEmbed, ollamaGenerate } from './ollama.ts'
import { chat, completion, fim } from './openai-chat.ts'
import { embeddings, moderations } from './openai-other.ts'
import { responses } from './openai-responses.ts'
import type { Ask, Shape } from './shape.ts'
import { languageModel } from './vercel-gateway.ts'

const POST: readonly (readonly [RegExp, (ask: Ask) => Shape])[] = [
  [/\/chat\/completions$/, chat],
  [/\/fim\/completions$/, fim],
  [/\/completions$/, completion],
  [/\/responses$/, responses],
  [/\/embeddings$/, embeddings],
  [/\/moderations$/, moderations],
  [/\/messages$/, messages],
  [/\/v2\/chat$/, cohereChat],
  [/\/v2\/embed$/, cohereEmbed],
  [/\/rerank$/, rerank],
  [/\/ai\/language-model$/, languageModel],
  [/\/api\/chat$/, ollamaChat],
  [/\/api\/generate$/, ollamaGenerate],
  [/\/api\/embed$/, ollamaEmbed],
  [/\/model\/[^/]+\/converse$/, converse],
  [/\/model\/[^/]+\/converse-stream$/, converseStream],
  [/\/model\/[^/]+\/invoke$/, invoke],
  [/\/model\/[^/]+\/invoke-with-response-stream$/, invokeStream],
]

const GEMINI = /\/models\/([^/:]+):(generateContent|streamGenerateContent)$/

/** The shape that answers a POST to `url`, or `undefined` where this provider has no such endpoint. */
export function route(url: URL, ask: Ask): Shape | undefined {
  const gemini = GEMINI.exec(url.pathname)
  if (gemini === null) return POST.find(([path]) => path.test(url.pathname))?.[1](ask)
  const [, model = '', action = ''] = gemini
  const call = { model, stream: action.startsWith('stream'), sse: url.searchParams.get('alt') === 'sse' }
  return generateContent(ask, call)
}
