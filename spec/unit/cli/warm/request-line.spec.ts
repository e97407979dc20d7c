import { expect, test } from 'vitest'
import { keyFor, sdkHeaders } from '../../../../lib/cli/warm/credentials.ts'
import { readRequestLine } from '../../../../lib/cli/warm/request-line.ts'

const PATH = '/v1/chat/completions'

test.for<[string, object, string | undefined, string]>([
  [
    "OpenAI's",
    { custom_id: 'a', method: 'POST', url: '/v1/embeddings', body: {} },
    undefined,
    'https://api.openai.com/v1/embeddings',
  ],
  ["Anthropic's", { custom_id: 'a', params: {} }, undefined, 'https://api.anthropic.com/v1/messages'],
  [
    "OpenAI's with Anthropic's path",
    { url: '/v1/messages', body: {} },
    undefined,
    'https://api.anthropic.com/v1/messages',
  ],
  [
    "Mistral's, whose path is a default",
    { custom_id: 'a', body: {} },
    'https://api.mistral.ai',
    `https://api.mistral.ai${PATH}`,
  ],
  [
    'a whole URL',
    { url: 'https://llm.example.com/v2/chat', body: {} },
    'https://api.mistral.ai',
    'https://llm.example.com/v2/chat',
  ],
  [
    'a base URL that ends as the path begins',
    { url: '/v1/embeddings', body: {} },
    'http://localhost:1/v1/',
    'http://localhost:1/v1/embeddings',
  ],
  [
    'a base URL with another path',
    { url: '/chat/completions', body: {} },
    'https://openrouter.ai/api/v1',
    'https://openrouter.ai/api/v1/chat/completions',
  ],
])('%s line says where it goes', ([, line, baseURL, url]) => {
  const read = readRequestLine(JSON.stringify(line), { baseURL, path: PATH })
  expect(typeof read === 'string' ? read : [read.url.href, read.line]).toEqual([url, line])
})

test("Gemini's lines go where the default path says", () => {
  const path = '/v1beta/models/gemini-3-pro:generateContent'
  const read = readRequestLine('{ "key": "a", "request": { "contents": [] } }', { baseURL: undefined, path })
  expect(read).toMatchObject({ body: { contents: [] } })
  expect(typeof read === 'string' ? read : read.url.href).toBe(`https://generativelanguage.googleapis.com${path}`)
})

test.for([
  ['nonsense', 'it is no JSON object'],
  ['[]', 'it is no JSON object'],
  ['{ "method": "GET", "url": "/v1/models" }', 'its method is not POST'],
  ['{ "prompt": "hi" }', 'it has no body, params or request'],
])('%s is none: %s', ([text = '', problem]) => {
  expect(readRequestLine(text, { baseURL: undefined, path: PATH })).toBe(problem)
})

test('a key is looked for in the usual variable of a known host, or the one that is named', () => {
  const variables = { OPENAI_API_KEY: 'a', MINE: 'b', GOOGLE_API_KEY: 'c', GEMINI_API_KEY: '' }
  const of = (url: string, name?: string): string | undefined => keyFor(new URL(url), name, variables)
  expect(of('https://api.openai.com/v1')).toBe('a')
  expect(of('https://api.openai.com/v1', 'MINE')).toBe('b')
  expect(of('https://generativelanguage.googleapis.com/v1')).toBe('c')
  expect(of('http://localhost:1/v1')).toBeUndefined()
})

test.for([
  ['https://api.openai.com/v1/chat/completions', { authorization: 'Bearer k' }],
  ['https://api.anthropic.com/v1/messages', { authorization: 'Bearer k', 'anthropic-version': '2026-10-21' }],
  ['https://generativelanguage.googleapis.com/v1beta/models/m:generateContent', { 'x-goog-api-key': 'k' }],
  ['https://generativelanguage.googleapis.com/v1beta/openai/chat/completions', { authorization: 'Bearer k' }],
  ['https://me.openai.azure.com/openai/v1/chat/completions', { 'api-key': 'k' }],
] as const)('%s gets its key as its own SDK sends it', ([url, headers]) => {
  expect(sdkHeaders(new URL(url), 'k')).toEqual(headers)
})

test('the header that carries the key may be named', () => {
  const headers = sdkHeaders(new URL('https://api.anthropic.com/v1/messages'), 'k', 'X-API-Key')
  expect(headers).toEqual({ 'x-api-key': 'k', 'anthropic-version': '2026-10-21' })
})
