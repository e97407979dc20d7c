import { describe, expect, it } from 'vitest'
import { keyOf } from './call.ts'

type Free = Readonly<Record<string, unknown>>
/** Where a provider takes a schema, or JSON of the caller's own that it writes into the prompt. */
type Place = readonly [name: string, url: string, body: (free: Free) => object]

const CHAT = 'https://api.openai.com/v1/chat/completions'
const RESPONSES = 'https://api.openai.com/v1/responses'
const ANTHROPIC = 'https://api.anthropic.com/v1/messages'
const GEMINI = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-3-pro:generateContent'
const VERTEX = 'https://aiplatform.googleapis.com/v1/projects/p/locations/global'
const CONVERSE = 'https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/converse'
const INVOKE = 'https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/invoke'
const COHERE = 'https://api.cohere.com/v2/chat'
const COHERE_V1 = 'https://api.cohere.com/v1/chat'
const OLLAMA = 'http://localhost:11434/api/chat'
const VERCEL = 'https://ai-gateway.vercel.sh/v4/ai/language-model'

const user = (content: unknown): object => ({ role: 'user', content })
const tool = (parameters: Free): object => ({ type: 'function', function: { name: 'f', parameters } })

const PLACES: readonly Place[] = [
  ['a tool', CHAT, (free) => ({ tools: [tool(free)] })],
  ['a function of old', CHAT, (free) => ({ functions: [{ name: 'f', parameters: free }] })],
  ['a form of the answer', CHAT, (free) => ({ response_format: { json_schema: { name: 's', schema: free } } })],
  [
    "a call's arguments as an object",
    CHAT,
    (free) => ({
      messages: [{ role: 'assistant', tool_calls: [{ id: 'c', function: { name: 'f', arguments: free } }] }],
    }),
  ],
  ["vLLM's guided_json", CHAT, (free) => ({ guided_json: free })],
  ["vLLM's structured_outputs", CHAT, (free) => ({ structured_outputs: { json: free } })],
  ["vLLM's chat_template_kwargs", CHAT, (free) => ({ chat_template_kwargs: free })],
  ["vLLM's documents", CHAT, (free) => ({ documents: [free] })],
  ["SGLang's structural_tag", CHAT, (free) => ({ structural_tag: { structures: [{ schema: free }] } })],
  ["NIM's guided_json", CHAT, (free) => ({ nvext: { guided_json: free } })],
  ["TGI's grammar", CHAT, (free) => ({ grammar: { type: 'json', value: free } })],
  ["llama.cpp's json_schema", CHAT, (free) => ({ json_schema: free })],
  ['an extra_body left in', CHAT, (free) => ({ extra_body: { guided_json: free } })],
  ['completions', 'https://api.together.xyz/v1/completions', (free) => ({ json_schema: free })],

  ['a tool', RESPONSES, (free) => ({ tools: [{ type: 'function', name: 'f', parameters: free }] })],
  ["a tool's output_schema", RESPONSES, (free) => ({ tools: [{ type: 'function', name: 'f', output_schema: free }] })],
  ['a tool of a namespace', RESPONSES, (free) => ({ tools: [{ type: 'namespace', tools: [{ parameters: free }] }] })],
  ['a tool search', RESPONSES, (free) => ({ tools: [{ type: 'tool_search', execution: 'client', parameters: free }] })],
  [
    'a tool that comes in the input',
    RESPONSES,
    (free) => ({
      input: [{ type: 'additional_tools', tools: [{ type: 'function', name: 'f', parameters: free }] }],
    }),
  ],
  [
    'what a tool search found',
    RESPONSES,
    (free) => ({
      input: [{ type: 'tool_search_output', tools: [{ type: 'namespace', tools: [{ parameters: free }] }] }],
    }),
  ],
  ['what a tool search was asked', RESPONSES, (free) => ({ input: [{ type: 'tool_search_call', arguments: free }] })],
  [
    "an MCP server's tools",
    RESPONSES,
    (free) => ({
      input: [{ type: 'mcp_list_tools', tools: [{ name: 'f', input_schema: free }] }],
    }),
  ],
  ["a shell's env", RESPONSES, (free) => ({ input: [{ type: 'local_shell_call', action: { env: free } }] })],
  ['a form of the answer', RESPONSES, (free) => ({ text: { format: { type: 'json_schema', schema: free } } })],

  ['a tool', ANTHROPIC, (free) => ({ tools: [{ name: 'f', input_schema: free }] })],
  ["a tool's examples", ANTHROPIC, (free) => ({ tools: [{ name: 'f', input_examples: [free] }] })],
  [
    'a tool that is added later',
    ANTHROPIC,
    (free) => ({
      messages: [user([{ type: 'tool_addition', tool: { name: 'f', input_schema: free } }])],
    }),
  ],
  [
    'a call of a tool',
    ANTHROPIC,
    (free) => ({
      messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input: free }] }],
    }),
  ],
  ['a form of the answer', ANTHROPIC, (free) => ({ output_config: { format: { type: 'json_schema', schema: free } } })],

  ['a function', GEMINI, (free) => ({ tools: [{ functionDeclarations: [{ name: 'f', parameters: free }] }] })],
  [
    'a function, as JSON schema',
    GEMINI,
    (free) => ({
      tools: [{ function_declarations: [{ name: 'f', parametersJsonSchema: free }] }],
    }),
  ],
  ["a function's response", GEMINI, (free) => ({ tools: [{ functionDeclarations: [{ responseJsonSchema: free }] }] })],
  ['a form of the answer', GEMINI, (free) => ({ generationConfig: { responseSchema: free } })],
  ['a form of the answer, as JSON schema', GEMINI, (free) => ({ generation_config: { response_json_schema: free } })],
  [
    'a call of a function',
    GEMINI,
    (free) => ({ contents: [{ parts: [{ functionCall: { name: 'f', args: free } }] }] }),
  ],
  [
    'what a function gave',
    GEMINI,
    (free) => ({
      contents: [{ parts: [{ functionResponse: { name: 'f', response: free } }] }],
    }),
  ],
  [
    'what a function gave, in a content of its own',
    GEMINI,
    (free) => ({
      contents: { parts: { function_response: { name: 'f', response: free } } },
    }),
  ],
  [
    'Gemini on Vertex AI',
    `${VERTEX}/publishers/google/models/gemini-3-pro:generateContent`,
    (free) => ({
      contents: [{ parts: [{ functionResponse: { response: free } }] }],
    }),
  ],
  [
    'Claude on Vertex AI',
    `${VERTEX}/publishers/anthropic/models/claude-opus-5:rawPredict`,
    (free) => ({
      messages: [user([{ type: 'tool_use', input: free }])],
    }),
  ],

  ['a tool', CONVERSE, (free) => ({ toolConfig: { tools: [{ toolSpec: { inputSchema: { json: free } } }] } })],
  ['a call of a tool', CONVERSE, (free) => ({ messages: [user([{ toolUse: { toolUseId: 't', input: free } }])] })],
  ['what a tool gave', CONVERSE, (free) => ({ messages: [user([{ toolResult: { content: [{ json: free }] } }])] })],
  ["a model's own fields", CONVERSE, (free) => ({ additionalModelRequestFields: { tools: [{ x: free }] } })],
  ['Claude', INVOKE, (free) => ({ messages: [user([{ type: 'tool_use', input: free }])] })],
  ['Nova', INVOKE, (free) => ({ messages: [user([{ toolResult: { content: [{ json: free }] } }])] })],
  ['a chat', INVOKE, (free) => ({ tools: [tool(free)] })],
  ['Command R', INVOKE, (free) => ({ tools: [{ name: 'f', parameter_definitions: free }] })],

  ['a tool', COHERE, (free) => ({ tools: [tool(free)] })],
  ['a form of the answer', COHERE, (free) => ({ response_format: { type: 'json_object', json_schema: free } })],
  ['a document', COHERE, (free) => ({ documents: [{ id: 'd', data: free }] })],
  [
    "a document in a tool's result",
    COHERE,
    (free) => ({
      messages: [{ role: 'tool', content: [{ type: 'document', document: { data: free } }] }],
    }),
  ],
  ['a tool', COHERE_V1, (free) => ({ tools: [{ name: 'f', parameter_definitions: free }] })],
  ['what a tool gave', COHERE_V1, (free) => ({ tool_results: [{ call: { name: 'f' }, outputs: [free] }] })],
  ['what a tool gave before', COHERE_V1, (free) => ({ chat_history: [{ tool_results: [{ outputs: [free] }] }] })],
  ['a document', COHERE_V1, (free) => ({ documents: [free] })],
  ['a document', 'https://api.cohere.com/v1/rerank', (free) => ({ documents: [free] })],

  ['a form of the answer', OLLAMA, (free) => ({ format: free })],
  ['a tool', OLLAMA, (free) => ({ tools: [tool(free)] })],
  ['a call of a tool', OLLAMA, (free) => ({ messages: [{ tool_calls: [{ function: { arguments: free } }] }] })],

  ['a tool', VERCEL, (free) => ({ tools: [{ type: 'function', name: 'f', inputSchema: free }] })],
  ['a form of the answer', VERCEL, (free) => ({ responseFormat: { type: 'json', schema: free } })],
  ['a call of a tool', VERCEL, (free) => ({ prompt: [{ content: [{ type: 'tool-call', input: free }] }] })],
  [
    'what a tool gave',
    VERCEL,
    (free) => ({
      prompt: [{ content: [{ type: 'tool-result', output: { type: 'json', value: free } }] }],
    }),
  ],
]

const properties = { first: { type: 'string' }, second: { type: 'string' } }
const swapped = { second: { type: 'string' }, first: { type: 'string' } }

describe('the order of properties steers the model', () => {
  it.each(PLACES)('in %s: %s', async (_, url, body) => {
    const [one, other] = [body({ type: 'object', properties }), body({ type: 'object', properties: swapped })]
    expect(await keyOf(other, { url })).not.toBe(await keyOf(one, { url }))
    expect(await keyOf(body(swapped), { url })).not.toBe(await keyOf(body(properties), { url }))
  })

  it.each(PLACES)('and of nothing else, with %s: %s', async (_, url, body) => {
    const fields = { model: 'm', metadata: { a: 1, b: 2 }, ...body(properties) }
    const backwards = { ...Object.fromEntries(Object.entries(fields).toReversed()), metadata: { b: 2, a: 1 } }
    expect(await keyOf(backwards, { url })).toBe(await keyOf(fields, { url }))
  })
})

describe('an id that is another on every call and never changes the answer', () => {
  const VOLATILE: readonly [name: string, url: string, body: (id: unknown) => object][] = [
    ['diagnostics.previous_message_id', ANTHROPIC, (id) => ({ diagnostics: { previous_message_id: id } })],
    [
      'prompt_cache_options.comparison_response_id',
      RESPONSES,
      (id) => ({
        prompt_cache_options: { mode: 'implicit', comparison_response_id: id },
      }),
    ],
    [
      'prompt_cache_options.comparison_response_id',
      CHAT,
      (id) => ({
        prompt_cache_options: { mode: 'implicit', comparison_response_id: id },
      }),
    ],
    [
      'its namesake at Vercel',
      VERCEL,
      (id) => ({
        providerOptions: { openai: { promptCacheOptions: { comparisonResponseId: id } } },
      }),
    ],
  ]

  it.each(VOLATILE)('is not part of the key: %s', async (_, url, body) => {
    const one = await keyOf(body('one'), { url })
    for (const id of ['other', null]) expect(await keyOf(body(id), { url })).toBe(one)
    expect(await keyOf({}, { url })).not.toBe(one)
  })

  it('is part of the key where it does: previous_response_id, and these names elsewhere', async () => {
    for (const [url, field] of [
      [RESPONSES, 'previous_response_id'],
      [RESPONSES, 'comparison_response_id'],
      [ANTHROPIC, 'previous_message_id'],
    ] as const) {
      expect(await keyOf({ [field]: 'one' }, { url })).not.toBe(await keyOf({ [field]: 'other' }, { url }))
    }
  })
})
