import { vector } from './openai-other.ts'
import { answerTo, countTokens, document, namedEvents, type Ask, type Shape } from './shape.ts'

/** https://docs.cohere.com/reference/chat and https://docs.cohere.com/v2/docs/streaming */
export function cohereChat(ask: Ask): Shape {
  const words = answerTo(ask.body['messages'], ask.words)
  if (ask.body['stream'] === true) return streamed(ask, words)
  const message = { role: 'assistant', content: [{ type: 'text', text: words.join('') }] }
  return document({ id: `cohere-${ask.serial}`, message, finish_reason: 'COMPLETE', usage: usage(ask) })
}

function usage(ask: Ask): object {
  const counts = { input_tokens: countTokens(ask.body['messages']), output_tokens: ask.words }
  return { billed_units: counts, tokens: counts }
}

function streamed(ask: Ask, words: readonly string[]): Shape {
  const message = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] }
  const start = { index: 0, delta: { message: { content: { type: 'text', text: '' } } } }
  const shape = namedEvents(
    [
      { type: 'message-start', id: `cohere-${ask.serial}`, delta: { message } },
      { type: 'content-start', ...start },
      ...words.map((text) => ({ type: 'content-delta', index: 0, delta: { message: { content: { text } } } })),
      { type: 'content-end', index: 0 },
      { type: 'message-end', delta: { finish_reason: 'COMPLETE', usage: usage(ask) } },
    ],
    [{ type: 'message-end', delta: { finish_reason: 'ERROR', error: 'The server had an error' } }],
  )
  return { ...shape, events: [...shape.events, 'data: [DONE]\n\n'] }
}

/** https://docs.cohere.com/reference/embed */
export function cohereEmbed(ask: Ask): Shape {
  const { texts } = ask.body
  const list: readonly unknown[] = Array.isArray(texts) ? texts : []
  const meta = { api_version: { version: '2' }, billed_units: { input_tokens: countTokens(texts) } }
  return document({ id: `embed-${ask.serial}`, embeddings: { float: list.map(vector) }, texts, meta })
}

/** https://docs.cohere.com/reference/rerank */
export function rerank(ask: Ask): Shape {
  const { documents, query } = ask.body
  const list: readonly unknown[] = Array.isArray(documents) ? documents : []
  const scored = list.map((one, index) => ({ index, relevance_score: Math.abs(vector([query, one])[0] ?? 0) }))
  const results = scored.toSorted((one, other) => other.relevance_score - one.relevance_score)
  return document({ id: `rerank-${ask.serial}`, results, meta: { billed_units: { search_units: 1 } } })
}
