import { describe, expect, it } from 'vitest'
import { createMatcher } from '../../../lib/providers/match.ts'
import { PROVIDERS } from '../../../lib/providers/hosts.ts'
import { localRow } from '../../../lib/providers/hosts/local.ts'
import { EXAMPLES, NEVER } from './urls.ts'

const match = createMatcher([localRow('http://localhost:11434'), ...PROVIDERS])

function find(url: string): ReturnType<typeof match> {
  const { origin, pathname, search } = new URL(url)
  return match(origin, pathname + search)
}

describe('the table of providers', () => {
  it('has unique ids, hosts and endpoints, a link to the documentation each, and lower-case headers', () => {
    const ids = PROVIDERS.map((row) => row.id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const row of PROVIDERS) {
      expect(row.docs, row.id).toMatch(/^https:\/\//)
      expect(row.hosts.length, row.id).toBeGreaterThan(0)
      const paths = row.endpoints.map((endpoint) => endpoint.path)
      expect(new Set(paths).size, row.id).toBe(paths.length)
      for (const name of [...(row.credentials ?? []), ...(row.semanticHeaders ?? [])])
        expect(name).toMatch(/^[a-z*-]+$/)
    }
  })

  it.each(EXAMPLES)('knows %s', (url, id, format, model) => {
    const found = find(url)
    expect(found?.provider.id).toBe(id)
    expect(found?.endpoint.format.id).toBe(format)
    expect(found?.params.model).toBe(model)
  })

  it('has an example for every endpoint of every row', () => {
    const known = new Set(EXAMPLES.map(([url]) => find(url)?.endpoint))
    const missing = PROVIDERS.flatMap(({ id, endpoints }) =>
      endpoints.filter((endpoint) => !known.has(endpoint)).map((endpoint) => `${id} ${endpoint.path}`),
    )
    expect(missing).toEqual([])
  })

  it.each(NEVER)('passes %s on', (url) => {
    expect(find(url)).toBeUndefined()
  })

  it.each(['http://localhost:11434', 'http://127.0.0.1:11434', 'http://[::1]:11434'])(
    'knows a local server by every name of the loopback interface: %s',
    (origin) => {
      expect(find(`${origin}/api/chat`)?.provider.id).toBe('local')
      expect(find(`${origin.replace('11434', '11435')}/api/chat`)).toBeUndefined()
    },
  )

  const BASES: readonly (readonly [url: string, known: readonly string[], unknown: readonly string[]])[] = [
    ['http://llm:1', ['/v1/chat/completions', '/chat/completions', '/api/chat', '/v1/messages'], ['/x/v1/embeddings']],
    [
      'http://llm:1/v1',
      ['/v1/chat/completions', '/v1/embeddings', '/api/chat'],
      ['/chat/completions', '/v1/v1/rerank'],
    ],
    ['http://llm:1/v1/', ['/v1/chat/completions'], ['/chat/completions', '/v1//chat/completions']],
    [
      'http://llm:1/openai/v1',
      ['/openai/v1/chat/completions', '/openai/v1/responses', '/openai/v1/messages'],
      ['/v1/chat/completions', '/openai/chat/completions'],
    ],
    [
      'http://llm:1/proxy',
      ['/proxy/v1/chat/completions', '/proxy/chat/completions', '/proxy/embeddings', '/proxy/v1/messages'],
      ['/v1/chat/completions', '/chat/completions', '/proxy/messages'],
    ],
    ['http://llm:1/api/paas/v4', ['/api/paas/v4/chat/completions', '/api/paas/v4/embeddings'], ['/v4/embeddings']],
    ['http://llm:1/api', ['/api/chat', '/api/embed', '/api/chat/completions'], ['/api/api/chat']],
    ['http://llm:1/{model}', ['/%7Bmodel%7D/v1/chat/completions'], ['/gpt/v1/chat/completions']],
  ]

  it.each(BASES)('takes the base URL that an SDK is given: %s', (url, known, unknown) => {
    const local = createMatcher([localRow(url)])
    for (const path of known) expect([path, local('http://llm:1', path)?.provider.id]).toEqual([path, 'local'])
    for (const path of unknown) expect([path, local('http://llm:1', path)]).toEqual([path, undefined])
  })

  it("takes Ollama's own paths for Ollama's, whatever base URL is given", () => {
    const local = createMatcher([localRow('http://llm:1/api')])
    expect(local('http://llm:1', '/api/embeddings')?.endpoint.format.id).toBe('ollama-embed')
  })

  it('knows another local host by its own name only', () => {
    expect(localRow('https://llm.internal').hosts).toEqual(['https://llm.internal'])
  })
})
