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

interface Trial {
  /** What is wrong, for who reads a failure. */
  readonly value: unknown
  call(): Promise<Seen>
}

/** What holds for every control that can't be understood, however often and in whatever way it is wrong. */
async function expectLive(setup: Setup, name: string, trials: readonly Trial[]): Promise<void> {
  const warnings = collectWarnings()
  for (const { value, call } of trials) {
    const answer = await call()
    const shown = JSON.stringify(value).slice(0, 40)
    expect([answer.status, answer.cache, answer.key], shown).toEqual([200, 'BYPASS', null])
    expect(answer.told, shown).toBe(`undici-llm-cache; fwd=bypass; detail=control:${name}`)
    expect(controlsOf(setup.last()), shown).toEqual([])
    expect(JSON.parse(setup.last().body.toString()), shown).not.toHaveProperty('cache')
  }
  await setImmediate()
  expect(warnings.map(({ message }) => message)).toEqual([
    `A cache control could not be understood, the call went live: ${name}`,
  ])
  const expected = { bypasses: { control: trials.length }, stores: 0, entries: 0, misses: 0 }
  expect(setup.cache.stats()).toMatchObject(expected)
}

describe('a header that can not be understood: live, uncached, named, warned of once', () => {
  test.for(Object.entries(WRONG))('%s', async ([name, values]) => {
    const setup = await setUp()
    const trials = [...ALWAYS, ...values].map((value) => ({ value, call: () => request(setup, { [name]: value }) }))
    await expectLive(setup, name, trials)
  })

  const SINGLE = Object.keys(WRONG).filter((name) => !['cache-control', 'x-llm-cache-tags'].includes(name))
  test.for([...SINGLE, 'x-openrouter-cache-ttl'])('%s twice', async (name) => {
    const setup = await setUp()
    const value = /clear|cache$/.test(name) ? 'true' : '1'
    await expectLive(setup, name, [{ value, call: () => request(setup, { [name]: [value, value] }) }])
  })

  test('x-openrouter-cache-ttl that is no text OpenRouter could mean', async () => {
    const setup = await setUp()
    const name = 'x-openrouter-cache-ttl'
    const trials = ['é', HUGE].map((value) => ({ value, call: () => request(setup, { [name]: value }) }))
    await expectLive(setup, name, trials)
  })
})

describe('a value inside a recognised body control that can not be understood', () => {
  const ANY: readonly unknown[] = [null, '', 'x', [], {}, HUGE]
  const MEMBERS: readonly (readonly [member: string, around: object, values: readonly unknown[]])[] = [
    ['ttl', { type: 'exact_match' }, [...ANY, true, 0, -1, 1.5, '60']],
    ['expiration_time', {}, [...ANY, true, 0, -1, 59, 60.5, '60']],
    ['filter_on_model', {}, [...ANY, 0, 1, 'true']],
    ['filter_on_provider', {}, [...ANY, 0, 1, 'false']],
    ['conversation_mode', {}, [...ANY, true, 1, 'some_turns']],
    ['similarity_threshold', {}, [...ANY, true, -0.1, '1']],
  ]

  test.for(MEMBERS)('cache.%s', async ([member, around, values]) => {
    const setup = await setUp()
    const trials = values.map((value) => {
      const fields = { cache: { ...around, [member]: value } }
      return { value, call: () => setup.ask({ headers: { cache_key: 'k' }, fields }) }
    })
    await expectLive(setup, `cache.${member}`, trials)
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
