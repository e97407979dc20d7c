import fc, { type Arbitrary } from 'fast-check'
import { callArguments, idOf, logprobsOf, prose, record, tokens } from './parts.ts'

const citation = { type: 'url_citation', start_index: 0, end_index: 3, title: 'T', url: 'https://x.y' }

const outputText = fc
  .record({ text: prose, annotations: fc.constantFrom([], [citation, citation]), isTold: fc.boolean() })
  .map(({ text, annotations, isTold }) => ({
    type: 'output_text',
    annotations,
    logprobs: isTold ? logprobsOf(text) : [],
    text,
  }))

const part = fc.oneof({ weight: 4, arbitrary: outputText }, fc.record({ type: fc.constant('refusal'), refusal: prose }))

const item = fc.oneof(
  record(
    {
      id: idOf('msg_'),
      type: fc.constant('message'),
      status: fc.constant('completed'),
      role: fc.constant('assistant'),
      content: fc.array(part, { minLength: 1, maxLength: 2 }),
      phase: fc.constant('final_answer'),
    },
    ['phase'],
  ),
  record(
    {
      id: idOf('rs_'),
      type: fc.constant('reasoning'),
      summary: fc.array(fc.record({ type: fc.constant('summary_text'), text: prose }), { maxLength: 2 }),
      content: fc.array(fc.record({ type: fc.constant('reasoning_text'), text: prose }), { maxLength: 1 }),
      encrypted_content: idOf('gAAAA'),
    },
    ['content', 'encrypted_content'],
  ),
  fc.record({
    id: idOf('fc_'),
    type: fc.constant('function_call'),
    status: fc.constant('completed'),
    arguments: callArguments,
    call_id: idOf('call_'),
    name: fc.constant('weather'),
  }),
  fc.record({
    id: idOf('ctc_'),
    type: fc.constant('custom_tool_call'),
    status: fc.constant('completed'),
    call_id: idOf('call_'),
    input: prose,
    name: fc.constant('shell'),
  }),
)

/** https://platform.openai.com/docs/api-reference/responses/object */
export const responsesDocuments: Arbitrary<object> = fc
  .record({
    id: idOf('resp_'),
    isWhole: fc.boolean(),
    output: fc.array(item, { minLength: 1, maxLength: 4 }),
    input_tokens: tokens,
    output_tokens: tokens,
  })
  .map(({ id, isWhole, output, input_tokens, output_tokens }) => ({
    id,
    object: 'response',
    created_at: 1_790_000_000,
    status: isWhole ? 'completed' : 'incomplete',
    background: false,
    completed_at: isWhole ? 1_790_000_002 : null,
    error: null,
    incomplete_details: isWhole ? null : { reason: 'max_output_tokens' },
    instructions: null,
    max_output_tokens: null,
    model: 'gpt-5.1',
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: 'low', summary: 'auto' },
    store: true,
    temperature: 1,
    text: { format: { type: 'text' }, verbosity: 'medium' },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    usage: {
      input_tokens,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: input_tokens + output_tokens,
    },
    user: null,
    metadata: {},
  }))
