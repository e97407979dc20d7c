import { formats, type ProviderRow } from '../../../lib/index.ts'
import type { Provider } from '../../support/provider.ts'
import { rowAt } from '../../support/rows.ts'

/** How one wire format's two forms are called, at a loopback provider. */
export interface Forms {
  readonly name: string
  readonly rows: (origin: string) => readonly ProviderRow[]
  readonly json: Ask
  readonly stream: Ask
}

/** One call: its path, its body, and the media type of its answer. */
export interface Ask {
  readonly path: string
  readonly body: object
  readonly contentType: string
}

const prompt = [{ role: 'user', content: 'Say something.' }]
const JSON_TYPE = 'application/json'
const SSE = 'text/event-stream; charset=utf-8'

function byBody(
  path: string,
  body: object,
  rows: Forms['rows'],
  stream: object = { stream: true },
): Omit<Forms, 'name'> {
  return {
    rows,
    json: { path, body, contentType: JSON_TYPE },
    stream: { path, body: { ...body, ...stream }, contentType: SSE },
  }
}

const contents = { contents: [{ role: 'user', parts: [{ text: 'Say something.' }] }] }
const GEMINI = '/v1beta/models/gemini-3-pro'
const json: Ask = { path: `${GEMINI}:generateContent`, body: contents, contentType: JSON_TYPE }
const gemini = { rows: rowAt('gemini'), json }

function ollama(path: string, body: object): Omit<Forms, 'name'> {
  return {
    rows: (origin) => [
      {
        id: 'local',
        hosts: [origin],
        endpoints: [
          { path: '/api/chat', format: formats.ollamaChat },
          { path: '/api/generate', format: formats.ollamaGenerate },
        ],
      },
    ],
    json: { path, body: { ...body, stream: false }, contentType: JSON_TYPE },
    stream: { path, body, contentType: 'application/x-ndjson' },
  }
}

const openai = rowAt('openai')
const usage = { stream: true, stream_options: { include_usage: true } }

/** Every wire format that has two forms. */
export const FORMS: readonly Forms[] = [
  { name: 'OpenAI chat', ...byBody('/v1/chat/completions', { model: 'gpt-5.1', messages: prompt }, openai, usage) },
  {
    name: 'OpenAI completions',
    ...byBody('/v1/completions', { model: 'gpt-3.5-turbo-instruct', prompt: 'Say' }, openai, usage),
  },
  { name: 'OpenAI Responses', ...byBody('/v1/responses', { model: 'gpt-5.1', input: 'Say something.' }, openai) },
  {
    name: 'Anthropic',
    ...byBody('/v1/messages', { model: 'claude-sonnet-4-5', max_tokens: 99, messages: prompt }, rowAt('anthropic')),
  },
  {
    name: 'Gemini as SSE',
    ...gemini,
    stream: { path: `${GEMINI}:streamGenerateContent?alt=sse`, body: contents, contentType: SSE },
  },
  {
    name: 'Gemini as an array',
    ...gemini,
    stream: { path: `${GEMINI}:streamGenerateContent`, body: contents, contentType: 'application/json; charset=UTF-8' },
  },
  { name: 'Cohere', ...byBody('/v2/chat', { model: 'command-a', messages: prompt }, rowAt('cohere')) },
  { name: 'Ollama chat', ...ollama('/api/chat', { model: 'qwen3', messages: prompt }) },
  { name: 'Ollama generate', ...ollama('/api/generate', { model: 'qwen3', prompt: 'Say something.' }) },
]

/** The one of that name. */
export function formsOf(name: string): Forms {
  const forms = FORMS.find((one) => one.name === name)
  if (forms === undefined) throw new Error(`no forms ${name}`)
  return forms
}

/** Makes a call. */
export function ask(
  { origin }: Provider,
  { path, body }: Ask,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(origin + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer sk-one', ...headers },
    body: JSON.stringify(body),
  })
}

/** The value of `cache-status`. */
export function cacheStatus(response: Response): string {
  return response.headers.get('cache-status') ?? ''
}
