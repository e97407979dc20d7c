import { answerTo, countTokens, document, type Ask, type Shape } from './shape.ts'

/**
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html; the events of a stream are binary, so
 * a spec scripts them.
 */
export function converse(ask: Ask): Shape {
  const content = [{ text: answerTo(ask.body['messages'], ask.words).join('') }]
  const inputTokens = countTokens(ask.body['messages'])
  return document({
    output: { message: { role: 'assistant', content } },
    stopReason: 'end_turn',
    usage: { inputTokens, outputTokens: ask.words, totalTokens: inputTokens + ask.words },
    metrics: { latencyMs: ask.serial },
  })
}
