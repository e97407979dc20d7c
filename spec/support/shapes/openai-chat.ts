import { answerTo, countTokens, dataEvents, document, text, type Ask, type Shape } from './shape.ts'

/** https://platform.openai.com/docs/api-reference/chat/object and …/chat-streaming */
export function chat(ask: Ask): Shape {
  return ask.body['stream'] === true ? streamed(ask) : document({ ...head(ask), ...whole(ask), usage: usage(ask) })
}

/** Mistral answers fill-in-the-middle as chat: https://docs.mistral.ai/api/endpoint/fim */
export function fim(ask: Ask): Shape {
  return chat({ ...ask, body: { ...ask.body, messages: [ask.body['prompt'], ask.body['suffix'] ?? null] } })
}

/** https://platform.openai.com/docs/api-reference/completions/object */
export function completion(ask: Ask): Shape {
  const words = answerTo(ask.body['prompt'], ask.words)
  const base = { ...head(ask), id: `cmpl-${ask.serial}`, object: 'text_completion' }
  const choice = (part: string, finish: string | null): object => ({
    ...base,
    choices: [{ index: 0, text: part, logprobs: null, finish_reason: finish }],
  })
  if (ask.body['stream'] !== true) return document({ ...choice(words.join(''), 'stop'), usage: usage(ask) })
  const chunks = [...words.map((word) => choice(word, null)), choice('', 'stop')]
  if (wantsUsage(ask)) chunks.push({ ...base, choices: [], usage: usage(ask) })
  return dataEvents(chunks, [DONE], FAILURE)
}

const DONE = 'data: [DONE]\n\n'
const FAILURE = [
  'data: {"error":{"message":"The server had an error","type":"server_error","code":500},' +
    '"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}\n\n',
  DONE,
]

function head(ask: Ask): { id: string; created: number; model: string; system_fingerprint: string } {
  return {
    id: `chatcmpl-${ask.serial}`,
    created: 1_790_000_000 + ask.serial,
    model: text(ask.body['model'], 'gpt-test'),
    system_fingerprint: 'fp_loopback',
  }
}

function whole(ask: Ask): object {
  const call = toolCall(ask)
  const content = call ? null : answerTo(ask.body['messages'], ask.words).join('')
  const message = { role: 'assistant', content, refusal: null, annotations: [], ...(call && { tool_calls: [call] }) }
  const finish = call ? 'tool_calls' : 'stop'
  const choice = { message, logprobs: null, finish_reason: finish }
  return { object: 'chat.completion', choices: indices(ask).map((index) => ({ index, ...choice })) }
}

/** As many choices as `n` asks for. */
function indices(ask: Ask): number[] {
  return [...Array(ask.body['n'] ?? 1).keys()]
}

function streamed(ask: Ask): Shape {
  const chunk = (delta: object, finish: string | null = null): object => ({
    ...head(ask),
    object: 'chat.completion.chunk',
    choices: indices(ask).map((index) => ({ index, delta, logprobs: null, finish_reason: finish })),
  })
  const call = toolCall(ask)
  const deltas = call ? toolDeltas(call) : answerTo(ask.body['messages'], ask.words).map((content) => ({ content }))
  const chunks = [
    chunk({ role: 'assistant', content: call ? null : '', refusal: null }),
    ...deltas.map((d) => chunk(d)),
  ]
  chunks.push(chunk({}, call ? 'tool_calls' : 'stop'))
  if (wantsUsage(ask)) chunks.push({ ...head(ask), object: 'chat.completion.chunk', choices: [], usage: usage(ask) })
  return dataEvents(chunks, [DONE], FAILURE)
}

interface ToolCall {
  readonly id: string
  readonly type: 'function'
  readonly function: { readonly name: string; readonly arguments: string }
}

/** A call of the first tool offered, if it is a function, unless the conversation already ends with a tool's result. */
function toolCall(ask: Ask): ToolCall | undefined {
  // The body is the caller's own JSON.
  const { tools, messages } = ask.body as { tools?: { function?: { name: string } }[]; messages: { role: string }[] }
  const name = tools?.[0]?.function?.name
  if (name === undefined || messages.at(-1)?.role === 'tool') return undefined
  const digest = answerTo(messages, 2).join('').trim()
  return { id: `call_${ask.serial}`, type: 'function', function: { name, arguments: JSON.stringify({ digest }) } }
}

function toolDeltas(call: ToolCall): object[] {
  const { name, arguments: args } = call.function
  const part = (fields: object): object => ({ tool_calls: [{ index: 0, ...fields }] })
  return [
    part({ ...call, function: { name, arguments: '' } }),
    part({ function: { arguments: args.slice(0, 5) } }),
    part({ function: { arguments: args.slice(5) } }),
  ]
}

function wantsUsage(ask: Ask): boolean {
  // The body is the caller's own JSON.
  const options = ask.body['stream_options'] as { include_usage?: boolean } | undefined
  return options?.include_usage === true
}

function usage(ask: Ask): object {
  const prompt = countTokens(ask.body['messages'] ?? ask.body['prompt'])
  return {
    prompt_tokens: prompt,
    completion_tokens: ask.words,
    total_tokens: prompt + ask.words,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  }
}
