import { frame } from './aws-frame.ts'
import { events, messages } from './anthropic.ts'
import { answerTo, countTokens, document, type Ask, type Shape } from './shape.ts'

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
export function converse(ask: Ask): Shape {
  const content = [{ text: answerTo(ask.body['messages'], ask.words).join('') }]
  return document({ output: { message: { role: 'assistant', content } }, stopReason: 'end_turn', ...metadata(ask) })
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html */
export function converseStream(ask: Ask): Shape {
  return framed([
    frame('messageStart', { role: 'assistant' }),
    ...answerTo(ask.body['messages'], ask.words).map((text) =>
      frame('contentBlockDelta', { contentBlockIndex: 0, delta: { text } }),
    ),
    frame('contentBlockStop', { contentBlockIndex: 0 }),
    frame('messageStop', { stopReason: 'end_turn' }),
    frame('metadata', metadata(ask)),
  ])
}

/** Claude's own answer. */
export const invoke: (ask: Ask) => Shape = messages

/** Claude's own events. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ResponseStream.html */
export function invokeStream(ask: Ask): Shape {
  const bytes = (event: object): string => Buffer.from(JSON.stringify(event)).toString('base64')
  return framed(events(ask).map((event) => frame('chunk', { bytes: bytes(event) })))
}

function metadata(ask: Ask): object {
  const inputTokens = countTokens(ask.body['messages'])
  const usage = { inputTokens, outputTokens: ask.words, totalTokens: inputTokens + ask.words }
  return { usage, metrics: { latencyMs: ask.serial } }
}

function framed(frames: readonly Uint8Array[]): Shape {
  return { contentType: 'application/vnd.amazon.eventstream', events: frames, failure: [] }
}
