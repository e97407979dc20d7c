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

  it('knows another local host by its own name only', () => {
    expect(localRow('https://llm.internal').hosts).toEqual(['https://llm.internal'])
  })
})
