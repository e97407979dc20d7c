import OpenAI from 'openai'
import * as undici from 'undici'
import { describe, expect, test } from 'vitest'
import { collect } from '../../support/client.ts'
import { type Asked, setUp } from './setup.ts'

const ORQ = { type: 'exact_match' }

/** Texts with a control somewhere in it, and what is left when it is cut. */
const TEXTS: readonly (readonly [whole: string, cut: string])[] = [
  ['{"model":"m","messages":[],"cache":{"type":"exact_match","ttl":60}}', '{"model":"m","messages":[]}'],
  ['{"cache":{"type":"exact_match"},"model":"m","messages":[]}', '{"model":"m","messages":[]}'],
  ['{"model":"m","cache":{"expiration_time":60},"messages":[]}', '{"model":"m","messages":[]}'],
  [
    '{\n  "model": "m",\n  "cache": { "type": "exact_match" },\n  "n": 1.0,\n  "messages": [ "é\\u00e9" ]\n}\n',
    '{\n  "model": "m",\n  "n": 1.0,\n  "messages": [ "é\\u00e9" ]\n}\n',
  ],
  [
    '{"model":"m","messages":[{"content":"say \\"cache\\":{}","cache":{"type":"exact_match"}}],"cache":{"type":"exact_match"}}',
    '{"model":"m","messages":[{"content":"say \\"cache\\":{}","cache":{"type":"exact_match"}}]}',
  ],
]

describe.for(TEXTS)('%j', ([body, cut]) => {
  test.for([
    ['a call that is cached', {}],
    ['a bypass', { headers: { 'x-llm-cache': 'bypass' } }],
    ['a refresh', { headers: { 'x-llm-cache': 'refresh' } }],
    ['no-store', { headers: { 'cache-control': 'no-store' } }],
    ['a malformed control', { headers: { 'x-llm-cache-ttl': 'soon' } }],
    ['a time to live of 0', { headers: { 'x-llm-cache-ttl': '0' } }],
  ] as const)('goes on without the control, and else byte for byte, in %s', async ([, asked]) => {
    const { ask, last } = await setUp()
    await ask({ body, ...asked })
    expect(last().body.toString()).toBe(cut)
    expect(last().headers['content-length']).toBe(String(Buffer.byteLength(cut)))
    expect(last().headers['transfer-encoding']).toBeUndefined()
  })

  test('goes on so where a rule or the policy switches caching off', async () => {
    const { ask, last } = await setUp({ rules: [{ match: {}, enabled: false }] })
    await ask({ body })
    expect(last().body.toString()).toBe(cut)
  })

  test('is as good as the text without the control', async () => {
    const { ask } = await setUp()
    const first = await ask({ body: cut })
    expect((await ask({ body })).key).toBe(first.key)
  })
})

test('a content-length that the caller set itself fits what goes on', async () => {
  const { provider, last } = await setUp()
  const [body = '', cut] = TEXTS[0] ?? []
  const headers = { 'Content-Type': 'application/json', 'Content-Length': String(body.length) }
  const answer = await undici.request(`${provider.origin}/v1/chat/completions`, { method: 'POST', headers, body })
  await answer.body.dump()
  expect(last().body.toString()).toBe(cut)
  expect(last().headers['content-length']).toBe(String(last().body.length))
})

test("a stream's control is cut too, and its answers are kept", async () => {
  const { provider, cache } = await setUp()
  const client = new OpenAI({ apiKey: 'sk-one', baseURL: `${provider.origin}/v1`, maxRetries: 0 })
  const ask = async (): Promise<unknown[]> => {
    const body = { model: 'm', messages: [], stream: true as const, cache: { ...ORQ, ttl: 60 } }
    return collect(await client.chat.completions.create(body))
  }
  expect(await ask()).toEqual(await ask())
  expect(provider.calls.map(({ body }) => JSON.parse(body.toString()))).toEqual([
    { model: 'm', messages: [], stream: true },
  ])
  expect(cache.stats()).toMatchObject({ hits: 1, stores: 1 })
})

describe('orq', () => {
  test.for([
    [ORQ, 1800],
    [{ ...ORQ, ttl: 1 }, 1],
    [{ ...ORQ, ttl: 600 }, 600],
    [{ ...ORQ, ttl: 259_200 }, 259_200],
    [{ ...ORQ, ttl: 259_201 }, 259_200],
  ] as const)('%j switches caching on for %i seconds', async ([control, seconds]) => {
    const { ask, cache } = await setUp({ policy: 'opt-in' })
    const asked: Asked = { fields: { cache: control } }
    expect([(await ask(asked)).cache, (await ask(asked)).cache]).toEqual(['MISS', 'HIT'])
    const [entry] = cache.entries()
    expect(((entry?.expiresAt ?? 0) - (entry?.storedAt ?? 0)) / 1000).toBe(seconds)
  })

  test('an own header is nearer than the body', async () => {
    const { ask, cache } = await setUp()
    await ask({ headers: { 'x-llm-cache-ttl': '77' }, fields: { cache: { ...ORQ, ttl: 600 } } })
    const [entry] = cache.entries()
    expect(((entry?.expiresAt ?? 0) - (entry?.storedAt ?? 0)) / 1000).toBe(77)
    expect((await ask({ headers: { 'x-llm-cache': 'bypass' }, fields: { cache: ORQ } })).cache).toBe('BYPASS')
  })

  test('the control goes on to orq itself, and is still no part of the key', async () => {
    const { ask, last } = await setUp({}, 'orq')
    const first = await ask({ fields: { cache: { ...ORQ, ttl: 60 } } })
    expect(JSON.parse(last().body.toString())).toMatchObject({ cache: { ...ORQ, ttl: 60 } })
    expect((await ask({ fields: { cache: { ...ORQ, ttl: 90 } } })).key).toBe(first.key)
  })

  test("FastRouter's control does not go on to orq", async () => {
    const { ask, last } = await setUp({}, 'orq')
    await ask({ fields: { cache: { expiration_time: 60 } } })
    expect(JSON.parse(last().body.toString())).not.toHaveProperty('cache')
  })
})

test.for([
  true,
  'ephemeral',
  null,
  [],
  {},
  { ttl: 600 },
  { type: 'semantic' },
  { type: 'exact_match', ttl: 60, mode: 'x' },
  { expiration_time: 60, ttl: 5 },
  { mode: 'simple', max_age: 600 },
  { 'no-cache': true },
])("a cache member of another shape, %j, is the provider's own: it stays, and is keyed", async (own) => {
  const { ask, last } = await setUp()
  const plain = await ask()
  const first = await ask({ fields: { cache: own } })
  expect([first.cache, first.key === plain.key]).toEqual(['MISS', false])
  expect(JSON.parse(last().body.toString()).cache).toEqual(own)
  expect((await ask({ fields: { cache: own } })).cache).toBe('HIT')
})
