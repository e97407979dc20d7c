import { answerTo, countTokens, document, namedEvents, text, type Ask, type Named, type Shape } from './shape.ts'

/** https://docs.anthropic.com/en/api/messages and https://docs.anthropic.com/en/docs/build-with-claude/streaming */
export function messages(ask: Ask): Shape {
  if (ask.body['stream'] === true) return namedEvents(events(ask), [FAILURE])
  const content = [{ type: 'text', text: answerTo(ask.body['messages'], ask.words).join('') }]
  return document({
    ...message(ask),
    content,
    stop_reason: 'end_turn',
    usage: { ...usage(ask), output_tokens: ask.words },
  })
}

const FAILURE: Named = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }

function message(ask: Ask): object {
  return {
    id: `msg_${ask.serial}`,
    type: 'message',
    role: 'assistant',
    model: text(ask.body['model'], 'claude-test'),
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...usage(ask), output_tokens: 1 },
  }
}

function usage(ask: Ask): object {
  const input = countTokens(ask.body['messages'])
  return { input_tokens: input, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, service_tier: 'standard' }
}

/** The events of a stream, without their framing. */
export function events(ask: Ask): readonly Named[] {
  return [
    { type: 'message_start', message: message(ask) },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'ping' },
    ...answerTo(ask.body['messages'], ask.words).map((text) => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text },
    })),
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: ask.words },
    },
    { type: 'message_stop' },
  ]
}
