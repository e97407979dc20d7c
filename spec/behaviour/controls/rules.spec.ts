import { expect, test } from 'vitest'
import type { LlmCache, LlmCacheOptions } from '../../../lib/index.ts'
import { setUp } from './setup.ts'

type Match = NonNullable<LlmCacheOptions['rules']>[number]['match']

function only(cache: LlmCache): object {
  const [entry] = cache.entries()
  if (entry === undefined) throw new Error('nothing is stored')
  const { namespace, tags, storedAt, expiresAt } = entry
  return { namespace, tags, ttl: (expiresAt - storedAt) / 1000 }
}

const SETTINGS = { ttl: 60, namespace: 'prompt-v7', tags: ['team-a'] }

const MATCHES: readonly (readonly [match: Match, isMatch: boolean])[] = [
  [{}, true],
  [{ provider: 'local' }, true],
  [{ provider: 'openai' }, false],
  [{ provider: '{openai,local}' }, true],
  [{ model: 'gpt-*' }, true],
  [{ model: 'gpt-5.1' }, true],
  [{ model: 'gpt-5' }, false],
  [{ model: '!gpt-*' }, false],
  [{ host: '127.0.0.1:*' }, true],
  [{ host: '127.0.0.1' }, false],
  [{ path: '/v1/*' }, true],
  [{ path: '/v1/responses' }, false],
  [{ provider: 'local', model: 'gpt-*', path: '*/completions' }, true],
  [{ provider: 'local', model: 'claude-*' }, false],
]

test.for(MATCHES)('a rule for %j matches: %s', async ([match, isMatch]) => {
  const { ask, cache } = await setUp({ rules: [{ match, ...SETTINGS }] })
  await ask()
  expect(only(cache)).toEqual(isMatch ? SETTINGS : { namespace: '', tags: [], ttl: 3600 })
})

test('the first rule that matches wins, and no other adds to it', async () => {
  const { ask, cache } = await setUp({
    rules: [
      { match: { model: 'claude-*' }, ttl: 10 },
      { match: { model: 'gpt-*' }, ttl: 20 },
      { match: {}, ttl: 30, namespace: 'rest' },
    ],
  })
  await ask()
  expect(only(cache)).toEqual({ namespace: '', tags: [], ttl: 20 })
})

test('enabled: false keeps calls out whatever a header says', async () => {
  const { ask, cache, provider } = await setUp({ rules: [{ match: { model: 'gpt-*' }, enabled: false }] })
  const answers = [await ask(), await ask({ headers: { 'x-llm-cache': 'on', 'x-llm-cache-ttl': '60' } })]
  expect(answers.map(({ cache: status, told }) => [status, told])).toEqual([
    ['BYPASS', 'undici-llm-cache; fwd=bypass; detail=rule'],
    ['BYPASS', 'undici-llm-cache; fwd=bypass; detail=rule'],
  ])
  expect((await ask({ fields: { model: 'claude-opus-5' } })).cache).toBe('MISS')
  expect(cache.stats()).toMatchObject({ bypasses: { rule: 2 }, stores: 1 })
  expect(provider.calls).toHaveLength(3)
})

test('enabled: true is over the policy', async () => {
  const { ask } = await setUp({ policy: 'opt-in', rules: [{ match: { model: 'gpt-*' }, enabled: true }] })
  expect((await ask()).cache).toBe('MISS')
  expect((await ask({ fields: { model: 'claude-opus-5' } })).cache).toBe('BYPASS')
})

test("a rule's policy is over the option", async () => {
  const { ask } = await setUp({ rules: [{ match: { model: 'gpt-*' }, policy: 'deterministic' }] })
  expect([(await ask()).cache, (await ask({ fields: { seed: 1 } })).cache]).toEqual(['BYPASS', 'MISS'])
})
