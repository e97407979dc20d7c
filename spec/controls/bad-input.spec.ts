import { setImmediate } from 'node:timers/promises'
import * as undici from 'undici'
import { describe, expect, test } from 'vitest'
import { collectWarnings, controlsOf, seen, type Seen, type Setup, setUp } from './setup.ts'

const HUGE = 'x'.repeat(10_000)

/** Values that no control understands, beside those of its own. */
const ALWAYS: readonly string[] = ['', ' ', 'é', HUGE, `${HUGE}é`]

const WRONG: Readonly<Record<string, readonly string[]>> = {
  'x-llm-cache': ['yes', 'off', '-1', '1', 'on,on', 'on bypass'],
  'x-llm-cache-ttl': ['-1', 'soon', '1.5', '1e3', '60abc', '0x10', '60, 60'],
  'x-llm-cache-clear': ['1', 'yes', '-1', 'true, true'],
  'x-llm-cache-namespace': ['x'.repeat(257)],
  'x-llm-cache-tags': [',', ' , ,', 'x'.repeat(257), `ok,${'x'.repeat(257)}`],
  'x-llm-cache-variant': ['-1', 'first', '1.5'],
  'x-llm-cache-samples': ['0', '-1', 'many', '2.5'],
  'cache-control': [
    'max-age',
    'max-age=-1',
    'max-age=soon',
    'max-age=1, max-age=2',
    'max-stale=x',
    'stale-if-error=-5',
  ],
  'x-openrouter-cache': ['yes', '1', '-1', 'true, true'],
  'x-openrouter-cache-clear': ['yes', '1', '-1'],
  cache_key: ['x'.repeat(257)],
  'x-llm-cache-namspace': ['a slip'],
}

const CASES = Object.entries(WRONG).flatMap(([name, values]) =>
  [...ALWAYS, ...values].map((value) => ({ name, value })),
)

/** Raw headers, which fetch would not let pass (white space) or would join (duplicates). */
async function request({ provider }: Setup, headers: Record<string, string | string[]>): Promise<Seen> {
  const answer = await undici.request(`${provider.origin}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer sk-one', ...headers },
    body: JSON.stringify({ model: 'gpt-5.1', messages: [] }),
  })
  const got = new Headers()
  for (const [name, value] of Object.entries(answer.headers))
    for (const one of [value ?? []].flat()) got.append(name, one)
  return seen(answer.statusCode, got, await answer.body.text())
}

/** What holds for every control that can't be understood. */
async function expectLive(setup: Setup, name: string, call: () => Promise<Seen>): Promise<void> {
  const warnings = collectWarnings()
  const { cache, last } = setup
  for (const answer of [await call(), await call()]) {
    expect([answer.status, answer.cache, answer.key]).toEqual([200, 'BYPASS', null])
    expect(answer.told).toBe(`undici-llm-cache; fwd=bypass; detail=control:${name}`)
    expect(controlsOf(last())).toEqual([])
  }
  await setImmediate()
  expect(warnings.map(({ message }) => message)).toEqual([
    `A cache control could not be understood, the call went live: ${name}`,
  ])
  expect(cache.stats()).toMatchObject({ bypasses: { control: 2 }, stores: 0, entries: 0, misses: 0 })
}

describe('a header that can not be understood: live, uncached, named, warned of once', () => {
  test.for(CASES.map(({ name, value }) => ({ name, value, shown: value.slice(0, 20) })))(
    '$name: $shown',
    async ({ name, value }) => {
      const setup = await setUp()
      await expectLive(setup, name, () => request(setup, { [name]: value }))
    },
  )

  const SINGLE = Object.keys(WRONG).filter((name) => !['cache-control', 'x-llm-cache-tags'].includes(name))
  test.for([...SINGLE, 'x-openrouter-cache-ttl'])('%s twice', async (name) => {
    const setup = await setUp()
    const value = /clear|cache$/.test(name) ? 'true' : '1'
    await expectLive(setup, name, () => request(setup, { [name]: [value, value] }))
  })

  test.for(['é', HUGE])('x-openrouter-cache-ttl that is no text OpenRouter could mean', async (value) => {
    const setup = await setUp()
    await expectLive(setup, 'x-openrouter-cache-ttl', () => request(setup, { 'x-openrouter-cache-ttl': value }))
  })
})

describe('a value inside a recognised body control that can not be understood', () => {
  const ANY: readonly unknown[] = [null, '', 'x', [], {}, HUGE]
  const members: readonly (readonly [member: string, around: object, values: readonly unknown[]])[] = [
    ['ttl', { type: 'exact_match' }, [...ANY, true, 0, -1, 1.5, '60']],
    ['expiration_time', {}, [...ANY, true, 0, -1, 59, 60.5, '60']],
    ['filter_on_model', {}, [...ANY, 0, 1, 'true']],
    ['filter_on_provider', {}, [...ANY, 0, 1, 'false']],
    ['conversation_mode', {}, [...ANY, true, 1, 'some_turns']],
    ['similarity_threshold', {}, [...ANY, true, -0.1, '1']],
  ]
  const cases = members.flatMap(([member, around, values]) =>
    values.map((value) => ({
      member,
      control: { ...around, [member]: value },
      shown: JSON.stringify(value).slice(0, 20),
    })),
  )

  test.for(cases)('$member: $shown', async ({ member, control }) => {
    const setup = await setUp()
    await expectLive(setup, `cache.${member}`, () =>
      setup.ask({ headers: { cache_key: 'k' }, fields: { cache: control } }),
    )
    expect(JSON.parse(setup.last().body.toString())).not.toHaveProperty('cache')
  })
})

test('each cause is warned of once, and no message holds a value', async () => {
  const { ask } = await setUp()
  const warnings = collectWarnings()
  const secret = 'sk-secret'
  for (const name of ['x-llm-cache', 'x-llm-cache-ttl', 'x-llm-cache', 'x-llm-cache-ttl']) {
    expect((await ask({ headers: { [name]: secret } })).told).not.toContain(secret)
  }
  await setImmediate()
  expect(warnings.map(({ message }) => message)).toHaveLength(2)
  expect(warnings.filter(({ message }) => message.includes(secret))).toEqual([])
})

test('a wrong control does not drop what is stored, nor is it served', async () => {
  const { ask, cache } = await setUp()
  const stored = await ask()
  const live = await ask({ headers: { 'x-llm-cache-clear': 'yes' } })
  expect([live.cache, live.text === stored.text, cache.stats().entries]).toEqual(['BYPASS', false, 1])
  expect((await ask()).text).toBe(stored.text)
})

test.for([
  ['x-llm-cache-ttl', '999999999999999999999', 2_592_000],
  ['x-openrouter-cache-ttl', '999999999999999999999', 86_400],
] as const)('%s above its range is clamped', async ([name, value, seconds]) => {
  const { ask, cache } = await setUp()
  expect((await ask({ headers: { [name]: value } })).cache).toBe('MISS')
  const [entry] = cache.entries()
  expect(((entry?.expiresAt ?? 0) - (entry?.storedAt ?? 0)) / 1000).toBe(seconds)
})

test.for(['x-llm-cache-samples', 'x-llm-cache-variant'])('%s above its range is clamped', async (name) => {
  const { ask } = await setUp()
  expect((await ask({ headers: { [name]: '99999999999999999999' } })).cache).toBe('MISS')
})
