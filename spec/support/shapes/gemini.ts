import { answerTo, countTokens, document, type Ask, type Shape } from './shape.ts'

/** How the answer is asked for: it is the path and the query that say so. */
export interface GeminiCall {
  readonly model: string
  readonly stream: boolean
  /** `?alt=sse`; without it a stream is a JSON array. */
  readonly sse: boolean
}

/** https://ai.google.dev/api/generate-content */
export function generateContent(ask: Ask, call: GeminiCall): Shape {
  const words = answerTo(ask.body['contents'], ask.words)
  if (!call.stream) return document(part(ask, call, words.join(''), true))
  const parts = words.map((word, i) => JSON.stringify(part(ask, call, word, i === words.length - 1)))
  const error = JSON.stringify({ error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } })
  return call.sse ? sse(parts, error) : array(parts, error)
}

function part(ask: Ask, call: GeminiCall, value: string, last: boolean): object {
  const prompt = countTokens(ask.body['contents'])
  return {
    candidates: [
      { content: { parts: [{ text: value }], role: 'model' }, ...(last && { finishReason: 'STOP' }), index: 0 },
    ],
    usageMetadata: {
      promptTokenCount: prompt,
      ...(last && { candidatesTokenCount: ask.words }),
      totalTokenCount: prompt + (last ? ask.words : 0),
    },
    modelVersion: call.model,
    responseId: `resp-${ask.serial}`,
  }
}

function sse(parts: readonly string[], error: string): Shape {
  const event = (value: string): string => `data: ${value}\r\n\r\n`
  return { contentType: 'text/event-stream', events: parts.map(event), failure: [event(error)] }
}

function array(parts: readonly string[], error: string): Shape {
  const events = parts.map((value, i) => `${i === 0 ? '[' : ',\r\n'}${value}`)
  return { contentType: 'application/json; charset=UTF-8', events: [...events, ']'], failure: [`,\r\n${error}`, ']'] }
}
