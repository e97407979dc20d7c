import fc, { type Arbitrary } from 'fast-check'
import { callArguments, callInput, idOf, prose, record, tokens } from './parts.ts'

const charLocation = {
  type: 'char_location',
  cited_text: 'x',
  document_index: 0,
  start_char_index: 0,
  end_char_index: 1,
}

const block = fc.oneof(
  record({ type: fc.constant('text'), text: prose, citations: fc.constantFrom(null, [], [charLocation]) }, [
    'citations',
  ]),
  fc.record({ type: fc.constant('thinking'), thinking: prose, signature: idOf('EqQB') }),
  fc.record({ type: fc.constant('redacted_thinking'), data: idOf('EmwK') }),
  fc.record({ type: fc.constant('tool_use'), id: idOf('toolu_'), name: fc.constant('weather'), input: callInput }),
)

/** https://docs.claude.com/en/api/messages */
export const anthropicDocuments: Arbitrary<object> = record(
  {
    id: idOf('msg_'),
    type: fc.constant('message'),
    role: fc.constant('assistant'),
    model: fc.constant('claude-sonnet-4-5'),
    content: fc.array(block, { minLength: 1, maxLength: 4 }),
    stop_reason: fc.constantFrom('end_turn', 'tool_use', 'max_tokens', 'stop_sequence'),
    stop_sequence: fc.constantFrom(null, '###'),
    stop_details: fc.constant(null),
    container: fc.constant(null),
    context_management: fc.constant({ applied_edits: [] }),
    usage: record(
      {
        input_tokens: tokens,
        cache_creation_input_tokens: fc.constant(0),
        cache_read_input_tokens: fc.constant(0),
        cache_creation: fc.constant({ ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 }),
        output_tokens: tokens,
        output_tokens_details: fc.constant({ thinking_tokens: 3 }),
        service_tier: fc.constant('standard'),
      },
      ['cache_creation', 'output_tokens_details'],
    ),
  },
  ['stop_details', 'container', 'context_management'],
)

const call = record(
  {
    functionCall: record({ name: fc.constant('weather'), args: callInput, id: idOf('fc') }, ['id']),
    thoughtSignature: idOf('Ep'),
  },
  ['thoughtSignature'],
)

/** Reasoning first, then text, then calls: text next to text would be one text in a stream. */
const geminiParts = fc
  .record({
    thought: fc.option(fc.record({ text: prose, thought: fc.constant(true) }), { nil: undefined }),
    text: fc.option(record({ text: prose, thoughtSignature: idOf('Ep') }, ['thoughtSignature']), { nil: undefined }),
    calls: fc.array(call, { maxLength: 2 }),
  })
  .map(({ thought, text, calls }) => [thought, text, ...calls].filter((part) => part !== undefined))

/** https://ai.google.dev/api/generate-content */
export const geminiDocuments: Arbitrary<object> = record(
  {
    candidates: fc
      .array(
        record(
          {
            content: record({ role: fc.constant('model'), parts: geminiParts.filter((all) => all.length > 0) }, []),
            finishReason: fc.constantFrom('STOP', 'MAX_TOKENS'),
            avgLogprobs: fc.constant(-0.25),
            safetyRatings: fc.constant([{ category: 'HARM_CATEGORY_HARASSMENT', probability: 'NEGLIGIBLE' }]),
          },
          ['avgLogprobs', 'safetyRatings'],
        ),
        { minLength: 1, maxLength: 2 },
      )
      .map((all) => all.map((one, index) => ({ ...one, index }))),
    usageMetadata: record(
      { promptTokenCount: tokens, candidatesTokenCount: tokens, totalTokenCount: tokens, thoughtsTokenCount: tokens },
      ['thoughtsTokenCount'],
    ),
    modelVersion: fc.constant('gemini-3-pro'),
    responseId: idOf(''),
    createTime: fc.constant('2026-05-04T20:01:02.264968Z'),
  },
  ['createTime'],
)

const counts = fc.record({ input_tokens: tokens, output_tokens: tokens })
const cohereUsage = fc.record({ billed_units: counts, tokens: counts })
const cohereCall = fc.record({
  id: idOf('weather_'),
  type: fc.constant('function'),
  function: fc.record({ name: fc.constant('weather'), arguments: callArguments }),
})
const source = { type: 'document', id: 'doc:0', document: { id: 'doc:0', text: 'x' } }
const cohereCitation = { start: 0, end: 1, text: 'x', sources: [source], type: 'TEXT_CONTENT' }

/** https://docs.cohere.com/reference/chat */
export const cohereDocuments: Arbitrary<object> = fc
  .record({
    id: idOf('c-'),
    thinking: fc.option(prose, { nil: undefined }),
    text: prose,
    plan: fc.option(prose, { nil: undefined }),
    calls: fc.array(cohereCall, { maxLength: 2 }),
    citations: fc.constantFrom([], [cohereCitation]),
    isTold: fc.boolean(),
    usage: cohereUsage,
  })
  .map(({ id, thinking, text, plan, calls, citations, isTold, usage }) => ({
    id,
    message: {
      role: 'assistant',
      content: [...(thinking === undefined ? [] : [{ type: 'thinking', thinking }]), { type: 'text', text }],
      ...(plan === undefined ? {} : { tool_plan: plan }),
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
      ...(citations.length === 0 ? {} : { citations }),
    },
    finish_reason: calls.length === 0 ? 'COMPLETE' : 'TOOL_CALL',
    usage,
    ...(isTold ? { logprobs: [...text].map((one) => ({ text: one, token_ids: [1], logprobs: [-0.5] })) } : {}),
  }))

const ollamaHead = { model: fc.constant('qwen3'), created_at: fc.constant('2026-05-04T20:01:02.264968Z') }
const ollamaEnd = {
  done: fc.constant(true),
  done_reason: fc.constantFrom('stop', 'length'),
  total_duration: tokens,
  load_duration: tokens,
  prompt_eval_count: tokens,
  prompt_eval_duration: tokens,
  eval_count: tokens,
  eval_duration: tokens,
}
const ollamaCall = fc.record({
  function: fc.record({ index: fc.constant(0), name: fc.constant('weather'), arguments: callInput }),
})

/** https://github.com/ollama/ollama/blob/main/docs/api.md#generate-a-chat-completion */
export const ollamaChatDocuments: Arbitrary<object> = record(
  {
    ...ollamaHead,
    message: record(
      {
        role: fc.constant('assistant'),
        content: prose,
        thinking: prose,
        tool_calls: fc.array(ollamaCall, { minLength: 1, maxLength: 2 }),
      },
      ['thinking', 'tool_calls'],
    ),
    ...ollamaEnd,
  },
  [],
)

/** https://github.com/ollama/ollama/blob/main/docs/api.md#generate-a-completion */
export const ollamaGenerateDocuments: Arbitrary<object> = record(
  {
    ...ollamaHead,
    response: prose,
    thinking: prose,
    context: fc.array(tokens, { minLength: 1, maxLength: 5 }),
    ...ollamaEnd,
  },
  ['thinking', 'context'],
)
