import { messages } from './anthropic.ts'
import { generateContent } from './gemini.ts'
import { chat, completion } from './openai-chat.ts'
import { embeddings, moderations } from './openai-other.ts'
import { responses } from './openai-responses.ts'
import type { Ask, Shape } from './shape.ts'

const POST: readonly (readonly [RegExp, (ask: Ask) => Shape])[] = [
  [/\/chat\/completions$/, chat],
  [/\/completions$/, completion],
  [/\/responses$/, responses],
  [/\/embeddings$/, embeddings],
  [/\/moderations$/, moderations],
  [/\/messages$/, messages],
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
