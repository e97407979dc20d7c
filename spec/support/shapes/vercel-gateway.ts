import { answerTo, countTokens, data, document, type Ask, type Shape } from './shape.ts'

/** https://github.com/vercel/ai/tree/main/packages/gateway: the AI SDK's own result, or its stream parts. */
export function languageModel(ask: Ask): Shape {
  const words = answerTo(ask.body['prompt'], ask.words)
  const finishReason = { unified: 'stop', raw: 'stop' }
  const inputTokens = { total: countTokens(ask.body['prompt']), noCache: 0, cacheRead: 0, cacheWrite: 0 }
  const usage = { inputTokens, outputTokens: { total: ask.words, text: ask.words, reasoning: 0 } }
  const response = { id: `gen_${ask.serial}`, modelId: 'openai/gpt-5.1' }
  if (!ask.isStreaming) {
    const content = [{ type: 'text', text: words.join('') }]
    return document({ content, finishReason, usage, response, warnings: [] })
  }
  const parts = [
    { type: 'stream-start', warnings: [] },
    { type: 'response-metadata', ...response },
    { type: 'text-start', id: '0' },
    ...words.map((delta) => ({ type: 'text-delta', id: '0', delta })),
    { type: 'text-end', id: '0' },
    { type: 'finish', finishReason, usage },
  ]
  const failure = [data({ type: 'error', error: { message: 'The server had an error' } })]
  return { contentType: 'text/event-stream', events: [...parts.map(data), 'data: [DONE]\n\n'], failure }
}
