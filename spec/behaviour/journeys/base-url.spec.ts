import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { createLlmCache } from '../../../lib/index.ts'
import { readEnvironment } from '../../../lib/options/environment.ts'
import { installCache } from '../../support/cache.ts'
import { startProvider } from '../../support/start-provider.ts'

const PATHS = ['/v1', '/v1/', '', '/openai/v1', '/proxy', '/api/paas/v4'] as const

describe.for(PATHS)('a server whose base URL ends with "%s"', (path) => {
  test.for(['hosts', 'LLM_CACHE_HOSTS'] as const)('is known by what its SDK is given, said by %s', async (door) => {
    const provider = await startProvider()
    const baseURL = provider.origin + path
    const { options } = readEnvironment({ LLM_CACHE_HOSTS: `http://elsewhere:1/v1, ${baseURL}` })
    const cache = installCache(door === 'hosts' ? { hosts: [baseURL] } : options)
    const client = new OpenAI({ baseURL, apiKey: 'sk-one' })
    const ask = { model: 'm', messages: [{ role: 'user' as const, content: 'Hm?' }] }
    const first = await client.chat.completions.create(ask)
    expect(await client.chat.completions.create(ask)).toEqual(first)
    await client.embeddings.create({ model: 'e', input: 'a text' })
    await client.embeddings.create({ model: 'e', input: 'a text' })
    expect(cache.stats()).toMatchObject({ misses: 2, hits: 2 })
    expect(provider.calls).toHaveLength(2)
  })
})

test.for(['localhost:4000/v1', 'ftp://localhost', 'http://localhost/v1?key=k'])('%s is no base URL', (url) => {
  expect(() => createLlmCache({ hosts: [url] })).toThrow(/^options\.hosts\[0\] must be an origin or an SDK's base URL/)
})
