import { describe, expect, it } from 'vitest'
import { openaiChat } from '../../../lib/providers/formats/openai-chat.ts'
import { createMatcher, mergeProviders } from '../../../lib/providers/match.ts'
import type { ProviderRow } from '../../../lib/providers/provider.ts'

function row(id: string, hosts: readonly string[], ...paths: string[]): ProviderRow {
  return { id, hosts, endpoints: paths.map((path) => ({ path, format: openaiChat })) }
}

const matcher = createMatcher([
  row('plain', ['api.example.com'], '/v1/chat/completions'),
  row('glob', ['*.openai.example', '*-ai.example'], '/deployments/{model}/chat'),
  row('mixed', ['LLM.Example.*'], '/chat'),
  row('local', ['http://localhost:8000'], '/v1/models/{model}:{action:generate|stream}', '/deep/{route+}/chat'),
])

describe('createMatcher', () => {
  it.each([
    ['https://api.example.com', '/v1/chat/completions', 'plain'],
    ['https://api.example.com:443', '/v1/chat/completions', 'plain'],
    ['https://API.example.com', '/v1/chat/completions', 'plain'],
    ['https://mine.openai.example', '/deployments/gpt/chat', 'glob'],
    ['https://mine.eu.openai.example', '/deployments/gpt/chat', 'glob'],
    ['https://west-ai.example', '/deployments/gpt/chat', 'glob'],
    ['https://llm.example.org', '/chat', 'mixed'],
    ['http://localhost:8000', '/v1/models/m:stream', 'local'],
    ['http://localhost:8000', '/deep/a/b/chat', 'local'],
  ])('knows %s%s', (origin, path, id) => {
    expect(matcher(origin, path)?.provider.id).toBe(id)
    expect(matcher(new URL(origin), path)?.provider.id).toBe(id)
  })

  it.each([
    ['http://api.example.com', '/v1/chat/completions'],
    ['https://api.example.com:8443', '/v1/chat/completions'],
    ['https://api.example.com.evil.example', '/v1/chat/completions'],
    ['https://evilapi.example.com', '/v1/chat/completions'],
    ['https://apixexample.com', '/v1/chat/completions'],
    ['https://openai.example', '/deployments/gpt/chat'],
    ['https://llm.example.org:8443', '/chat'],
    ['https://evil.example/mine.openai.example', '/deployments/gpt/chat'],
    ['https://api.example.com', '/v1/chat/completions/'],
    ['https://api.example.com', '/v1/chat/completions/x'],
    ['https://api.example.com', '/V1/chat/completions'],
    ['https://api.example.com', '/x/v1/chat/completions'],
    ['https://mine.openai.example', '/deployments/a/b/chat'],
    ['https://mine.openai.example', '/deployments//chat'],
    ['http://localhost:8000', '/v1/models/m:count'],
    ['http://localhost:8000', '/v1/models/m:stream2'],
    ['http://localhost:8001', '/v1/models/m:stream'],
    ['no url', '/v1/chat/completions'],
    ['', '/v1/chat/completions'],
  ])('does not know %s%s', (origin, path) => {
    expect(matcher(origin, path)).toBeUndefined()
    expect(matcher(origin, path)).toBeUndefined()
  })

  it('knows nothing without an origin', () => {
    expect(matcher(undefined, '/v1/chat/completions')).toBeUndefined()
  })

  it('gives origin, path, query and decoded placeholders', () => {
    const match = matcher('http://localhost:8000', '/v1/models/a%2Fb%3A1:stream?alt=sse')
    expect(match).toMatchObject({
      origin: 'http://localhost:8000',
      pathname: '/v1/models/a%2Fb%3A1:stream',
      search: '?alt=sse',
      params: { model: 'a/b:1', action: 'stream' },
    })
    expect(matcher('http://localhost:8000', '/v1/models/a%2Fb%3A1:stream')?.search).toBe('')
    expect(matcher('http://localhost:8000', '/v1/models/a%2Fb%3A1:stream?')?.search).toBe('')
  })

  it('takes a broken escape in a path as it stands', () => {
    expect(matcher('http://localhost:8000', '/v1/models/%zz:stream')?.params.model).toBe('%zz')
  })

  it('stays right when more origins and paths come than it remembers', () => {
    for (let at = 0; at < 5000; at++) {
      expect(matcher(`https://h${at}.example`, '/')).toBeUndefined()
      expect(matcher('http://localhost:8000', `/v1/models/m${at}:stream`)?.params.model).toBe(`m${at}`)
    }
    expect(matcher('https://api.example.com', '/v1/chat/completions')?.provider.id).toBe('plain')
  })

  it('refuses a row whose host is no URL', () => {
    expect(() => createMatcher([row('broken', ['http://'], '/')])).toThrow(TypeError)
  })
})

describe('mergeProviders', () => {
  const builtIn = [row('one', ['one.example'], '/a', '/b'), row('two', ['two.example'], '/a')]

  it('replaces a built-in row of the same id', () => {
    const match = createMatcher(mergeProviders(builtIn, [row('one', ['uno.example'], '/a')]))
    expect(match('https://uno.example', '/a')?.provider.id).toBe('one')
    expect(match('https://one.example', '/a')).toBeUndefined()
    expect(match('https://two.example', '/a')?.provider.id).toBe('two')
  })

  it('lets a row of the app win a built-in host, and leaves the other paths to the built-in row', () => {
    const match = createMatcher(mergeProviders(builtIn, [row('mine', ['one.example'], '/a')]))
    expect(match('https://one.example', '/a')?.provider.id).toBe('mine')
    expect(match('https://one.example', '/b')?.provider.id).toBe('one')
  })
})
