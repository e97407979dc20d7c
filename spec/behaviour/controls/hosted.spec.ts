import { describe, expect, test } from 'vitest'
import { type Asked, setUp } from './setup.ts'

const HOSTED = {
  'a hosted tool': [{ tools: [{ type: 'web_search' }] }, 'hosted-tool'],
  'a search in the shape of Gemini': [{ tools: [{ google_search: {} }] }, 'hosted-tool'],
  'a model that searches': [{ model: 'perplexity/sonar-pro' }, 'hosted-tool'],
  'a prompt without a version': [{ prompt: { id: 'pmpt_1' } }, 'hosted-text'],
  'a preset': [{ model: '@preset/support' }, 'hosted-text'],
} as const

const KEPT = {
  background: [{ background: true, tools: [{ type: 'web_search' }] }, 'background'],
  conversation: [{ conversation: 'c', tools: [{ type: 'web_search' }] }, 'conversation'],
  container: [{ container: 'c', tools: [{ type: 'web_search' }] }, 'container'],
} as const

describe.for(Object.entries(HOSTED))('%s', ([, [fields, reason]]) => {
  test('goes live, and the answer says why', async () => {
    const { ask, cache } = await setUp()
    const seen = await ask({ fields })
    expect(seen).toMatchObject({ cache: 'BYPASS', told: `undici-llm-cache; fwd=bypass; detail=${reason}` })
    expect(await ask({ fields })).toMatchObject({ cache: 'BYPASS' })
    expect(cache.stats()).toMatchObject({ bypasses: { [reason]: 2 }, stores: 0 })
  })

  test("is cached where the option, a rule or a scope says hosted: 'cache'", async () => {
    const option = await setUp({ hosted: 'cache' })
    const rule = await setUp({ rules: [{ match: {}, hosted: 'cache' }] })
    const scope = await setUp()
    const within = (asked: Asked): ReturnType<typeof scope.ask> =>
      scope.cache.with({ hosted: 'cache' }, () => scope.ask(asked))
    const asks = [option.ask, rule.ask, within]
    for (const ask of asks) {
      const first = await ask({ fields })
      expect(first).toMatchObject({ cache: 'MISS' })
      expect(await ask({ fields })).toMatchObject({ cache: 'HIT', text: first.text })
    }
  })
})

test('the nearer word counts: scope > rule > option', async () => {
  const fields = HOSTED['a hosted tool'][0]
  const { ask, cache } = await setUp({ hosted: 'cache', rules: [{ match: { model: 'gpt-*' }, hosted: 'bypass' }] })
  expect(await ask({ fields })).toMatchObject({ cache: 'BYPASS' })
  expect(await cache.with({ hosted: 'cache' }, () => ask({ fields }))).toMatchObject({ cache: 'MISS' })
  expect(await ask({ fields })).toMatchObject({ cache: 'BYPASS' })
})

test('no word of the call itself lifts it', async () => {
  const fields = HOSTED['a hosted tool'][0]
  const { ask } = await setUp()
  expect(await ask({ fields, headers: { 'x-llm-cache': 'on' } })).toMatchObject({ cache: 'BYPASS' })
})

test.for(Object.entries(KEPT))("hosted: 'cache' never lifts %s", async ([, [fields, reason]]) => {
  const { ask, cache } = await setUp({ hosted: 'cache', rules: [{ match: {}, hosted: 'cache' }] })
  await cache.with({ hosted: 'cache' }, () => ask({ fields }))
  expect(cache.stats().bypasses).toEqual({ [reason]: 1 })
})

test('a tool far back in a body of megabytes is seen', async () => {
  const { ask, cache } = await setUp()
  const talk = Array.from({ length: 2000 }, () => ({ role: 'user', content: 'x'.repeat(1000) }))
  const fields = { input: [...talk, { type: 'additional_tools', tools: [{ type: 'web_search' }] }] }
  expect(await ask({ fields })).toMatchObject({ cache: 'BYPASS' })
  expect(await ask({ fields: { input: talk } })).toMatchObject({ cache: 'MISS' })
  expect(cache.stats().bypasses).toEqual({ 'hosted-tool': 1 })
})

test("a user's own functions of such names are cached", async () => {
  const { ask } = await setUp()
  const named = (name: string): object => ({ type: 'function', function: { name, parameters: { type: 'object' } } })
  const fields = { tools: ['web_search', 'google_search', 'code_interpreter', 'computer'].map(named) }
  await ask({ fields })
  expect(await ask({ fields })).toMatchObject({ cache: 'HIT' })
})
