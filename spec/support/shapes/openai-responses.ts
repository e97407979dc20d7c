import { answerTo, countTokens, document, namedEvents, text, type Ask, type Shape } from './shape.ts'

/** https://platform.openai.com/docs/api-reference/responses/object and …/responses-streaming */
export function responses(ask: Ask): Shape {
  const words = answerTo(ask.body['input'], ask.words)
  return ask.body['stream'] === true
    ? streamed(ask, words)
    : document(response(ask, 'completed', [message(ask, words)]))
}

function response(ask: Ask, status: string, output: readonly object[]): object {
  const input = countTokens(ask.body['input'])
  return {
    id: `resp_${ask.serial}`,
    object: 'response',
    created_at: 1_790_000_000 + ask.serial,
    status,
    background: false,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    model: text(ask.body['model'], 'gpt-test'),
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    store: true,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    usage:
      status === 'completed'
        ? {
            input_tokens: input,
            input_tokens_details: { cached_tokens: 0 },
            output_tokens: ask.words,
            output_tokens_details: { reasoning_tokens: 0 },
            total_tokens: input + ask.words,
          }
        : null,
    user: null,
    metadata: {},
  }
}

function message(ask: Ask, words: readonly string[], status = 'completed'): object {
  const content = words.length > 0 ? [part(words.join(''))] : []
  return { id: `msg_${ask.serial}`, type: 'message', status, role: 'assistant', content }
}

function part(value: string): object {
  return { type: 'output_text', text: value, annotations: [], logprobs: [] }
}

function streamed(ask: Ask, words: readonly string[]): Shape {
  const at = { item_id: `msg_${ask.serial}`, output_index: 0, content_index: 0 }
  const whole = words.join('')
  const events = [
    { type: 'response.created', response: response(ask, 'in_progress', []) },
    { type: 'response.in_progress', response: response(ask, 'in_progress', []) },
    { type: 'response.output_item.added', output_index: 0, item: message(ask, [], 'in_progress') },
    { type: 'response.content_part.added', ...at, part: part('') },
    ...words.map((delta) => ({ type: 'response.output_text.delta', ...at, delta, logprobs: [] })),
    { type: 'response.output_text.done', ...at, text: whole, logprobs: [] },
    { type: 'response.content_part.done', ...at, part: part(whole) },
    { type: 'response.output_item.done', output_index: 0, item: message(ask, words) },
    { type: 'response.completed', response: response(ask, 'completed', [message(ask, words)]) },
  ]
  const error = { code: 'server_error', message: 'The server had an error', param: null }
  // OpenAI's SDK reads `response` of every closing event.
  const failed = { ...response(ask, 'failed', []), error }
  return namedEvents(
    events.map((event, i) => ({ ...event, sequence_number: i })),
    [
      { type: 'error', ...error },
      { type: 'response.failed', response: failed },
    ],
  )
}
