import { describe, expect, test } from 'vitest'
import { askAt, setUp } from './setup.ts'

const CALLS = {
  plain: {},
  'temperature 0': { temperature: 0 },
  'temperature 0.7': { temperature: 0.7 },
  seed: { seed: 7 },
  'seed at temperature 1': { seed: 7, temperature: 1 },
} as const

describe.for([
  ['all', ['plain', 'temperature 0', 'temperature 0.7', 'seed', 'seed at temperature 1']],
  ['deterministic', ['temperature 0', 'seed', 'seed at temperature 1']],
  ['opt-in', []],
] as const)('policy %s', ([policy, covered]) => {
  test.for(Object.entries(CALLS))('%s', async ([name, fields]) => {
    const { ask, cache } = await setUp({ policy })
    const isCovered = covered.some((one) => one === name)
    const first = await ask({ fields })
    expect(first.cache).toBe(isCovered ? 'MISS' : 'BYPASS')
    if (!isCovered) expect(first.told).toBe('undici-llm-cache; fwd=bypass; detail=policy')
    expect((await ask({ fields })).cache).toBe(isCovered ? 'HIT' : 'BYPASS')
    expect(cache.stats().bypasses).toEqual(isCovered ? {} : { policy: 2 })
  })

  test('embeddings', async () => {
    const { provider } = await setUp({ policy })
    const body = JSON.stringify({ model: 'text-embedding-3-small', input: 'a text' })
    const expected = policy === 'opt-in' ? 'BYPASS' : 'MISS'
    expect((await askAt(`${provider.origin}/v1/embeddings`, { body })).cache).toBe(expected)
  })

  test.for([
    [{ 'x-llm-cache': 'on' }, 'MISS'],
    [{ 'x-llm-cache': 'refresh' }, 'REFRESH'],
    [{ 'x-llm-cache': 'read-only' }, 'MISS'],
    [{ 'X-OpenRouter-Cache': 'true' }, 'MISS'],
    [{ cache_key: 'faq' }, 'MISS'],
  ] as const)('a call that asks by %j is covered', async ([headers, status]) => {
    const { ask } = await setUp({ policy })
    expect((await ask({ headers })).cache).toBe(status)
  })

  test.for([{ 'x-llm-cache-ttl': '60' }, { 'x-llm-cache-namespace': 'n' }, { 'cache-control': 'no-cache' }])(
    '%j alone does not ask',
    async (headers) => {
      const { ask } = await setUp({ policy })
      expect((await ask({ headers })).cache === 'BYPASS').toBe(policy !== 'all')
    },
  )
})
