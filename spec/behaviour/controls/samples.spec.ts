import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { collect } from '../../support/client.ts'
import { type Asked, type Seen, type Setup, setUp } from './setup.ts'

const textsOf = (answers: readonly Seen[]): string[] => answers.map(({ text }) => text)
const statusesOf = (answers: readonly Seen[]): (string | null)[] => answers.map(({ cache }) => cache)

/** Calls one after the other. */
async function askTimes(count: number, ask: () => Promise<Seen>): Promise<Seen[]> {
  const answers: Seen[] = []
  while (answers.length < count) answers.push(await ask())
  return answers
}

describe.for([
  ['the option', () => setUp({ samples: 3 }), {}],
  ['a rule', () => setUp({ samples: 9, rules: [{ match: { model: 'gpt-*' }, samples: 3 }] }), {}],
  ['a header', () => setUp({ samples: 9 }), { headers: { 'x-llm-cache-samples': '3' } }],
] as const satisfies readonly (readonly [string, () => Promise<Setup>, Asked])[])(
  'samples: 3 by %s',
  ([, open, asked]) => {
    test('fills three different answers first, then hands them out in turn', async () => {
      const { ask, provider, cache } = await open()
      const answers = await askTimes(9, () => ask(asked))
      expect(statusesOf(answers)).toEqual(['MISS', 'MISS', 'MISS', 'HIT', 'HIT', 'HIT', 'HIT', 'HIT', 'HIT'])
      const filled = textsOf(answers).slice(0, 3)
      expect(new Set(filled).size).toBe(3)
      expect(textsOf(answers)).toEqual([...filled, ...filled, ...filled])
      expect(provider.calls).toHaveLength(3)
      expect(cache.stats()).toMatchObject({ misses: 3, hits: 6, stores: 3, entries: 3 })
    })

    test('makes no more than three calls for callers at once, who share them evenly', async () => {
      const { ask, provider } = await open()
      const answers = await Promise.all(Array.from({ length: 12 }, () => ask(asked)))
      expect(provider.calls).toHaveLength(3)
      expect(statusesOf(answers).filter((status) => status === 'MISS')).toHaveLength(3)
      const counts = Map.groupBy(textsOf(answers), (text) => text)
      expect([...counts.values()].map((same) => same.length)).toEqual([4, 4, 4])
    })
  },
)

test('a scope reaches an SDK, streams too', async () => {
  const { provider, cache } = await setUp()
  const client = new OpenAI({ apiKey: 'sk-one', baseURL: `${provider.origin}/v1`, maxRetries: 0 })
  const messages = [{ role: 'user' as const, content: 'Say something.' }]
  const body = { model: 'gpt-5.1', messages, stream: true as const }
  const ask = async (): Promise<string | undefined> => {
    const chunks = await collect(await client.chat.completions.create(body))
    return chunks[0]?.id
  }
  const ids = await cache.with({ samples: 2 }, async () => [await ask(), await ask(), await ask(), await ask()])
  expect(ids).toEqual([ids[0], ids[1], ids[0], ids[1]])
  expect(new Set(ids).size).toBe(2)
})

test('each sample is the variant of its number, and the first is the plain answer', async () => {
  const { ask } = await setUp()
  const samples = await askTimes(2, () => ask({ headers: { 'x-llm-cache-samples': '2' } }))
  const variants = [await ask(), await ask({ headers: { 'x-llm-cache-variant': '1' } })]
  expect(statusesOf(variants)).toEqual(['HIT', 'HIT'])
  expect(textsOf(variants)).toEqual(textsOf(samples))
})

test('a variant that is asked for is that one, however many samples there are', async () => {
  const { ask } = await setUp({ samples: 3 })
  const headers = { 'x-llm-cache-variant': '1' }
  expect(new Set(textsOf(await askTimes(3, () => ask({ headers })))).size).toBe(1)
})

test('a sample that failed is filled by the next call', async () => {
  const { ask, provider } = await setUp({ samples: 2 })
  await ask()
  provider.script({ status: 500 })
  expect((await ask()).status).toBe(500)
  const answers = await askTimes(3, () => ask())
  expect(statusesOf(answers)).toEqual(['MISS', 'HIT', 'HIT'])
})

test('one sample can be evicted by its key, and is filled again', async () => {
  const { ask, cache } = await setUp({ samples: 2 })
  const [, second] = await askTimes(2, () => ask())
  await cache.delete(second?.key ?? '')
  const fresh = await ask()
  expect([fresh.cache, fresh.key, fresh.text === second?.text]).toEqual(['MISS', second?.key, false])
})

test.for([{ 'x-llm-cache': 'only' }, { 'cache-control': 'only-if-cached' }, { 'x-llm-cache': 'read-only' }])(
  '%j takes turns among the samples that are there',
  async (headers) => {
    const { ask, provider } = await setUp({ samples: 3 })
    const filled = textsOf(await askTimes(2, () => ask()))
    const answers = await askTimes(4, () => ask({ headers }))
    expect(statusesOf(answers)).toEqual(['HIT', 'HIT', 'HIT', 'HIT'])
    expect(textsOf(answers)).toEqual([...filled, ...filled])
    expect(provider.calls).toHaveLength(2)
  },
)
