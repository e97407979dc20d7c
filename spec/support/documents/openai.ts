import fc, { type Arbitrary } from 'fast-check'
import { callArguments, idOf, logprobsOf, prose, record, tokens } from './parts.ts'

const usage = record(
  {
    prompt_tokens: tokens,
    completion_tokens: tokens,
    total_tokens: tokens,
    prompt_tokens_details: fc.constant({ cached_tokens: 0, audio_tokens: 0 }),
  },
  ['prompt_tokens_details'],
)

const toolCall = fc.oneof(
  fc.record({
    id: idOf('call_'),
    type: fc.constant('function'),
    function: fc.record({ name: fc.constantFrom('weather', 'search'), arguments: callArguments }),
  }),
  fc.record({
    id: idOf('call_'),
    type: fc.constant('custom'),
    custom: fc.record({ name: fc.constant('shell'), input: prose }),
  }),
)

const citation = {
  type: 'url_citation',
  url_citation: { start_index: 0, end_index: 3, title: 'T', url: 'https://x.y' },
}

const message = fc.oneof(
  record(
    {
      role: fc.constant('assistant'),
      content: prose,
      refusal: fc.constant(null),
      annotations: fc.constantFrom([], [citation]),
      reasoning_content: prose,
    },
    ['refusal', 'annotations', 'reasoning_content'],
  ),
  record(
    {
      role: fc.constant('assistant'),
      content: fc.constantFrom(null, ''),
      refusal: fc.constant(null),
      tool_calls: fc.array(toolCall, { minLength: 1, maxLength: 3 }),
    },
    ['refusal'],
  ),
  fc.record({ role: fc.constant('assistant'), content: fc.constant(null), refusal: prose }),
)

type Message = Record<string, unknown>

/** Log probabilities are of the content, of no token in a tool call. */
function withLogprobs(one: object, kind: 'absent' | 'null' | 'tokens'): object {
  const { content } = one as Message // a generated message
  if (kind === 'absent') return {}
  const isTold = kind === 'tokens' && typeof content === 'string' && content !== ''
  return { logprobs: isTold ? { content: logprobsOf(content), refusal: null } : null }
}

const choice = fc
  .record({
    one: message,
    kind: fc.constantFrom('absent' as const, 'null' as const, 'tokens' as const),
    reason: fc.constantFrom('stop', 'length'),
    more: record({ native_finish_reason: fc.constant('STOP') }, ['native_finish_reason']),
  })
  .map(({ one, kind, reason, more }) => ({
    message: one,
    ...withLogprobs(one, kind),
    finish_reason: 'tool_calls' in one ? 'tool_calls' : reason,
    ...more,
  }))

function documentOf(object: string, id: string, choices: Arbitrary<object>): Arbitrary<object> {
  return record(
    {
      id: idOf(id),
      object: fc.constant(object),
      created: fc.constant(1_790_000_000),
      model: fc.constant('gpt-5.1'),
      choices: fc
        .array(choices, { minLength: 1, maxLength: 3 })
        .map((all) => all.map((one, index) => ({ index, ...one }))),
      usage,
      system_fingerprint: fc.constantFrom('fp_1', null),
      service_tier: fc.constantFrom('default', null),
    },
    ['system_fingerprint', 'service_tier'],
  )
}

/** https://platform.openai.com/docs/api-reference/chat/object */
export const chatDocuments: Arbitrary<object> = documentOf('chat.completion', 'chatcmpl-', choice)

/** https://platform.openai.com/docs/api-reference/completions/object */
export const completionDocuments: Arbitrary<object> = documentOf(
  'text_completion',
  'cmpl-',
  fc
    .record({ text: prose, isTold: fc.boolean(), finish_reason: fc.constantFrom('stop', 'length') })
    .map(({ text, isTold, finish_reason }) => ({
      text,
      logprobs: isTold
        ? {
            tokens: [...text],
            token_logprobs: [...text].map(() => -0.5),
            top_logprobs: null,
            text_offset: [...text].map((_, at) => at),
          }
        : null,
      finish_reason,
    })),
)
