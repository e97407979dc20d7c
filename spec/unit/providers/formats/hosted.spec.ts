import { describe, expect, it } from 'vitest'
import { formats, type FormatName } from '../../../../lib/providers/built-in-formats.ts'
import type { JsonObject } from '../../../../lib/base/json.ts'
import type { RequestView } from '../../../../lib/providers/provider.ts'

type Given = Partial<Omit<RequestView, 'header'>> & { readonly headers?: Record<string, string> }

/** Why a format would not have the call cached. */
function vetoOf(name: FormatName, body: JsonObject, { headers = {}, ...given }: Given = {}): string | undefined {
  const view = { params: {}, query: () => undefined, header: (name: string) => headers[name], ...given }
  return formats[name].inspect({ ...view, body }).veto
}

const GENERATING = [
  'anthropicMessages',
  'bedrockConverse',
  'bedrockInvoke',
  'cohereChat',
  'cohereChatV1',
  'geminiGenerate',
  'ollamaChat',
  'ollamaGenerate',
  'openaiChat',
  'openaiCompletions',
  'openaiResponses',
  'vercelLanguageModel',
  'vertexPredict',
] as const satisfies FormatName[]

const parameters = { type: 'object', properties: {} }

/** Tools that a provider runs, by the names of each. */
const HOSTED: readonly JsonObject[] = [
  // OpenAI, Azure OpenAI, xAI
  ...'web_search web_search_preview_2025_03_11 file_search code_interpreter computer computer_use_preview mcp x_search'
    .split(' ')
    .map((type) => ({ type })),
  { type: 'collections_search', vector_store_ids: ['v'] },
  { type: 'programmatic_tool_calling' },
  { type: 'shell', environment: { type: 'container_auto' } },
  { type: 'shell' },
  { type: 'namespace', name: 'n', tools: [{ type: 'function', name: 'f' }, { type: 'web_search' }] },
  { type: 'namespace', name: 'n', tools: [{ type: 'namespace', tools: [] }] },
  // Azure
  { type: 'bing_grounding' },
  // Anthropic
  ...'web_search_20250305 web_fetch_20250910 code_execution_20250825 computer_20250124 mcp_toolset'
    .split(' ')
    .map((type) => ({ type, name: 'x' })),
  // Gemini and Vertex AI, also as LiteLLM and OpenAI-compatible gateways take them
  ...(
    'googleSearch google_search googleSearchRetrieval google_search_retrieval codeExecution code_execution ' +
    'urlContext url_context googleMaps google_maps fileSearch file_search computerUse computer_use ' +
    'enterpriseWebSearch parallelAiSearch exaAiSearch retrieval mcpServers somethingNew'
  )
    .split(' ')
    .map((name) => ({ [name]: {} })),
  { functionDeclarations: [{ name: 'f' }], googleSearch: {} },
  // Bedrock
  { systemTool: { name: 'nova_grounding' } },
  { systemTool: { name: 'nova_code_interpreter' } },
  // Mistral, Perplexity
  ...'web_search_premium document_library connector fetch_url'.split(' ').map((type) => ({ type })),
  // Groq, Moonshot, Zhipu, Volcengine
  { type: 'browser_search' },
  { type: 'builtin_function', function: { name: '$web_search' } },
  { type: 'web_search', web_search: { enable: true } },
  // OpenRouter
  { type: 'openrouter:web_search' },
  { type: 'openrouter:datetime' },
  // The AI SDK
  { type: 'provider', id: 'openai.web_search', name: 'web_search', args: {} },
  { type: 'provider-defined', id: 'google.google_search', name: 'google_search', args: {} },
  { type: 'provider', id: 'gateway.perplexity_search', name: 'search' },
]

/** Tools that the caller runs, or that depend on the request alone. */
const OWN: readonly JsonObject[] = [
  ...'web_search code_interpreter googleSearch computer $web_search'
    .split(' ')
    .flatMap((name) => [
      { type: 'function', name, parameters },
      { type: 'function', function: { name, parameters } },
      { function: { name, parameters } },
      { name, input_schema: parameters },
      { name, parameter_definitions: {} },
      { type: 'custom', name },
      { functionDeclarations: [{ name, parameters }] },
      { function_declarations: [{ name, parameters }] },
      { toolSpec: { name, inputSchema: { json: parameters } } },
      { type: 'namespace', name: 'n', tools: [{ type: 'function', name, parameters }] },
    ]),
  { cachePoint: { type: 'default' } },
  { googleSearch: null, functionDeclarations: [] },
  ...'local_shell apply_patch tool_search image_generation'.split(' ').map((type) => ({ type })),
  ...'bash_20250124 text_editor_20250728 memory_20250818 tool_search_tool_regex_20251119'
    .split(' ')
    .map((type) => ({ type, name: 'x' })),
  { type: 'shell', environment: { type: 'local' } },
  { type: 'web_search', web_search: { enable: false } },
  { type: 'provider-defined', id: 'anthropic.bash_20250124', name: 'bash', args: {} },
]

/** Where in a request a tool may be named. */
const PLACES: readonly (readonly [place: string, put: (tool: JsonObject) => JsonObject])[] = [
  ['at the top', (tool) => ({ tools: [tool] })],
  ['beside a function', (tool) => ({ tools: [{ type: 'function', name: 'f' }, tool] })],
  ['alone, without a list', (tool) => ({ tools: tool })],
  ['in an item of the input', (tool) => ({ input: ['x', { type: 'additional_tools', tools: [tool] }] })],
  ['in a message', (tool) => ({ messages: [{ role: 'system', tools: [tool] }] })],
  ['in a tool config', (tool) => ({ toolConfig: { tools: [tool] } })],
  ["in the model's own fields", (tool) => ({ additionalModelRequestFields: { tools: [tool] } })],
  ["in a provider's options", (tool) => ({ providerOptions: { openai: { tools: [tool] } } })],
  ['in an extra body', (tool) => ({ extra_body: { tools: [tool] } })],
  ["in Google's own member", (tool) => ({ google: { tools: [tool] } })],
  ["in Google's extra body", (tool) => ({ extra_body: { google: { tools: [tool] } } })],
]

const CALLS = PLACES.flatMap(([place, put]) => GENERATING.map((name) => ({ name, place, put })))

describe('a tool that the provider runs', () => {
  it.for(CALLS)('is seen by $name $place', ({ name, put }) => {
    for (const tool of HOSTED) expect([tool, vetoOf(name, put(tool))]).toEqual([tool, 'hosted-tool'])
  })

  it.for(CALLS)("is not taken for the caller's own, whatever its name, to $name $place", ({ name, put }) => {
    for (const tool of OWN) expect([tool, vetoOf(name, put(tool))]).toEqual([tool, undefined])
  })

  it('may be a function by its look, where a gateway says which it runs', () => {
    const hostedFunctions = ['google_search']
    const named = (name: string): JsonObject => ({ tools: [{ type: 'function', function: { name } }] })
    expect(vetoOf('openaiChat', named('google_search'), { hostedFunctions })).toBe('hosted-tool')
    expect(vetoOf('openaiChat', named('web_search'), { hostedFunctions })).toBeUndefined()
  })
})

/** What beside the tools has the provider search, and the same switched off. */
const SWITCHES: readonly (readonly [what: string, on: JsonObject, off?: JsonObject])[] = [
  ['web search options', { web_search_options: {} }, { web_search_options: null }],
  ['Azure data sources', { data_sources: [{ type: 'azure_search' }] }, { data_sources: [] }],
  ['Azure data sources of the older API', { dataSources: [{ type: 'AzureCognitiveSearch' }] }],
  ['an Azure agent', { agent: { name: 'a', type: 'agent_reference' } }, { agent: 'me' }],
  ['an Azure agent by reference', { agent_reference: { name: 'a' } }],
  ['xAI live search', { search_parameters: { mode: 'auto' } }, { search_parameters: { mode: 'off' } }],
  ['MCP servers', { mcp_servers: [{ type: 'url' }] }, { mcp_servers: [] }],
  ['OpenRouter web plugin', { plugins: [{ id: 'web' }] }, { plugins: [{ id: 'web', enabled: false }] }],
  ['a new OpenRouter plugin', { plugins: [{ id: 'telescope' }] }, { plugins: [{ id: 'file-parser' }] }],
  ['Cohere connectors', { connectors: [{ id: 'web-search' }] }, { connectors: [] }],
  ['Groq compound settings', { compound_custom: { tools: {} } }],
  ['Model Studio search', { enable_search: true }, { enable_search: false }],
  ['Qianfan search', { web_search: { enable: true } }, { web_search: { enable: false } }],
  ['Hunyuan search', { enable_enhancement: true }, { enable_enhancement: false }],
  ['Venice search', { venice_parameters: { enable_web_search: 'auto' } }, { venice_parameters: {} }],
  ['LiteLLM vector stores', { vector_store_ids: ['v'] }, { vector_store_ids: [] }],
  ['orq knowledge bases', { orq: { knowledge_bases: [{ knowledge_id: 'k' }] } }, { orq: { name: 'x' } }],
  ['the AI SDK for xAI', { providerOptions: { xai: { searchParameters: { mode: 'on' } } } }],
  ['the AI SDK for OpenAI', { providerOptions: { openai: { webSearchOptions: {} } } }],
  ['the AI SDK for Anthropic', { providerOptions: { anthropic: { mcpServers: [{ type: 'url' }] } } }],
]

describe('a switch that has the provider search', () => {
  it.for(SWITCHES)('is seen in every format: $0', ([, on, off]) => {
    for (const name of GENERATING) expect([name, vetoOf(name, on)]).toEqual([name, 'hosted-tool'])
    for (const name of GENERATING) expect([name, off && vetoOf(name, off)]).toEqual([name, undefined])
  })
})

const SEARCHING = [
  'sonar',
  'sonar-pro',
  'sonar-reasoning-pro',
  'sonar-deep-research',
  'perplexity/sonar',
  'openrouter/perplexity/sonar-pro',
  'perplexity:sonar-pro',
  'perplexity/Sonar-Pro',
  'llama-3.1-sonar-large-128k-online',
  'pplx-70b-online',
  'openai/gpt-5:online',
  'openai/gpt-5:online:nitro',
  'gpt-4o-mini-search-preview-2025-03-11',
  'openai/gpt-5-search-api',
  'openai/o4-mini-deep-research',
  'o3-deep-research-2025-06-26',
  'groq/compound-mini',
  'compound-beta',
  'openrouter/fusion',
]

const PLAIN = [
  'gpt-5',
  'openai/gpt-5:nitro',
  'sonarqube-helper',
  'my-onliner',
  'alibaba/tongyi-deepresearch-30b-a3b',
  'semantic-search-previewer',
  'compounder',
  'perplexity/r1-1776',
  'text-search-ada',
]

describe('a model that searches', () => {
  it.for(SEARCHING)('is known: %s', (model) => {
    expect(vetoOf('openaiChat', { model })).toBe('hosted-tool')
    expect(vetoOf('openaiChat', {}, { params: { model } })).toBe('hosted-tool')
    expect(vetoOf('vercelLanguageModel', {}, { headers: { 'ai-language-model-id': model } })).toBe('hosted-tool')
    expect(vetoOf('openaiChat', { model: 'gpt-5', models: ['gpt-5', model] })).toBe('hosted-tool')
    expect(vetoOf('openaiChat', { model: 'gpt-5', fallbacks: [{ model }] })).toBe('hosted-tool')
  })

  it.for(PLAIN)('is no other: %s', (model) => {
    expect(vetoOf('openaiChat', { model })).toBeUndefined()
  })

  it('is Sonar only while it may search', () => {
    expect(vetoOf('openaiChat', { model: 'sonar', disable_search: true })).toBeUndefined()
    expect(vetoOf('openaiChat', { model: 'gpt-5:online', disable_search: true })).toBe('hosted-tool')
  })
})

const GUARDRAIL = 'x-amzn-bedrock-guardrailversion'
const PROMPT = 'arn:aws:bedrock:us-east-1:123456789012:prompt/PROMPT12345'

const EDITED: readonly (readonly [what: string, name: FormatName, body: JsonObject, given?: Given])[] = [
  ['an OpenAI prompt without a version', 'openaiResponses', { prompt: { id: 'pmpt_1' } }],
  ['an OpenAI prompt whose version is null', 'openaiResponses', { prompt: { id: 'pmpt_1', version: null } }],
  ['an orq prompt at its latest version', 'openaiChat', { orq: { prompt: { id: 'p', version: 'latest' } } }],
  ['a LiteLLM prompt', 'openaiChat', { prompt_id: 'p', prompt_variables: {} }],
  ['a Helicone prompt', 'openaiChat', { prompt_id: 'p', inputs: {}, environment: 'production' }],
  ['an OpenRouter preset', 'openaiChat', { model: '@preset/support' }],
  ['an OpenRouter preset after a model', 'anthropicMessages', { model: 'anthropic/claude@preset/support' }],
  ['an OpenRouter preset as a fallback', 'openaiChat', { models: ['openai/gpt-5', '@preset/support'] }],
  ['a preset in a field', 'openaiChat', { model: 'openai/gpt-5', preset: 'support' }],
  ["Bedrock's draft of a prompt", 'bedrockConverse', {}, { params: { model: PROMPT } }],
  ["Bedrock's draft of a guardrail", 'bedrockConverse', { guardrailConfig: { guardrailVersion: 'DRAFT' } }],
  ["Bedrock's draft of a guardrail in a header", 'bedrockInvoke', {}, { headers: { [GUARDRAIL]: 'DRAFT' } }],
]

const PINNED: readonly (readonly [what: string, name: FormatName, body: JsonObject, given?: Given])[] = [
  ['an OpenAI prompt with its version', 'openaiResponses', { prompt: { id: 'pmpt_1', version: '2' } }],
  ['a prompt that is text', 'openaiCompletions', { prompt: 'pmpt_1' }],
  ['a LiteLLM prompt with its version', 'openaiChat', { prompt_id: 'p', prompt_version: 3 }],
  ['a Helicone prompt with its version', 'openaiChat', { prompt_id: 'p', version_id: 'v' }],
  ["a version of Bedrock's prompt", 'bedrockConverse', {}, { params: { model: `${PROMPT}:2` } }],
  ['a guardrail with its version', 'bedrockConverse', { guardrailConfig: { guardrailVersion: '1' } }],
  ['a guardrail with its version in a header', 'bedrockInvoke', {}, { headers: { [GUARDRAIL]: '1' } }],
  ['a model with an @', 'openaiChat', { model: 'workers@v1/preset' }],
]

describe('text that is edited at the provider', () => {
  it.for(EDITED)('is $0', ([, name, body, given]) => {
    expect(vetoOf(name, body, given)).toBe('hosted-text')
  })

  it.for(PINNED)('is not $0', ([, name, body, given]) => {
    expect(vetoOf(name, body, given)).toBeUndefined()
  })
})

const KEPT: readonly (readonly [what: string, body: JsonObject, veto: string | undefined])[] = [
  ['a background call', { background: true }, 'background'],
  ['no background call', { background: false }, undefined],
  ["xAI's deferred call", { deferred: true }, 'background'],
  ['a conversation', { conversation: 'conv_1' }, 'conversation'],
  ['no conversation', { conversation: null }, undefined],
  ["Cohere's conversation", { conversation_id: 'c' }, 'conversation'],
  ["Anthropic's thread, started", { thread: { type: 'create' } }, 'conversation'],
  ["Anthropic's thread, gone on", { thread: { type: 'continue', previous_message_id: 'm' } }, 'conversation'],
  ['no thread', { thread: null }, undefined],
  ['an earlier response', { previous_response_id: 'resp_1' }, undefined],
  ['a container', { container: 'c_1' }, 'container'],
  ['no container', { container: null }, undefined],
  ['a conversation behind a gateway', { providerOptions: { openai: { conversation: 'c' } } }, 'conversation'],
  ['a container behind a gateway', { providerOptions: { anthropic: { container: {} } } }, 'container'],
  ['a background call with a search', { background: true, tools: [{ type: 'web_search' }] }, 'background'],
  ['a conversation with a search', { conversation: 'c', tools: [{ type: 'web_search' }] }, 'conversation'],
  ['a container with code', { container: 'c', tools: [{ type: 'code_execution_20250825' }] }, 'container'],
]

describe('what a provider keeps', () => {
  it.for(KEPT)('$0 → $2, in every format', ([, body, veto]) => {
    for (const name of GENERATING) expect([name, vetoOf(name, body)]).toEqual([name, veto])
  })
})
