import { describe, expect, test } from 'vitest'
import { createLlmCache, type LlmCacheOptions } from '../../../lib/index.ts'
import type { SemanticOptions } from '../../../lib/semantic/semantic-options.ts'
import { blindEmbedder, wordsEmbedder } from '../../support/embedders.ts'
import type { Asked } from '../controls/setup.ts'
import { type Matching, matchOf, setUpMatching } from './asking.ts'

const QUESTION = 'How do I reset my password?'
const SAME = 'What is the best way to reset my password?'

async function statusOf(matching: Matching, asked: Asked = {}): Promise<string | null> {
  await matching.ask(QUESTION, asked)
  return (await matching.ask(SAME, asked)).cache
}

describe('who asks for matching', () => {
  const on = { headers: { 'x-llm-cache-semantic': 'on' } }
  const off = { headers: { 'x-llm-cache-semantic': 'off' } }

  test('is everybody by default, and in opt-in mode whoever asks for it', async () => {
    expect(await statusOf(await setUpMatching())).toBe('HIT')
    expect(await statusOf(await setUpMatching(), off)).toBe('MISS')
    expect(await statusOf(await setUpMatching({ mode: 'opt-in' }))).toBe('MISS')
    expect(await statusOf(await setUpMatching({ mode: 'opt-in' }), on)).toBe('HIT')
  })

  test('a rule says it, a scope wins over the rule, and a header over both', async () => {
    const rules: LlmCacheOptions['rules'] = [{ match: { model: 'gpt-*' }, semantic: 'on' }]
    const matching = await setUpMatching({ mode: 'opt-in' }, { rules })
    const { cache } = matching
    expect(await cache.with({ semantic: 'off' }, () => statusOf(matching))).toBe('MISS')
    expect(await cache.with({ semantic: 'off' }, () => statusOf(matching, { ...on, fields: { top_p: 1 } }))).toBe('HIT')
    expect(await statusOf(matching, { fields: { top_p: 0.9 } })).toBe('HIT')
  })

  test('a header may ask for the shadow alone', async () => {
    const matching = await setUpMatching()
    expect(await statusOf(matching, { headers: { 'x-llm-cache-semantic': 'shadow' } })).toBe('MISS')
    await expect.poll(() => matching.cache.stats().semantic?.shadowed).toBe(1)
  })

  test('neither header goes on to the provider, nor counts in the key', async () => {
    const { ask, provider } = await setUpMatching()
    const first = await ask(QUESTION, { headers: { 'x-llm-cache-semantic': 'on', 'x-llm-cache-threshold': '0.9' } })
    expect((await ask(QUESTION)).key).toBe(first.key)
    expect(Object.keys(provider.calls[0]?.headers ?? {}).filter((name) => name.startsWith('x-llm'))).toEqual([])
  })

  test.each([
    ['x-llm-cache-semantic', 'maybe'],
    ['x-llm-cache-threshold', 'high'],
    ['x-llm-cache-threshold', '-1'],
  ])('%s: %s can not be understood, and the call goes live', async (name, value) => {
    const { ask } = await setUpMatching()
    const seen = await ask(QUESTION, { headers: { [name]: value } })
    expect([seen.cache, seen.told]).toEqual(['BYPASS', `undici-llm-cache; fwd=bypass; detail=control:${name}`])
  })

  test('where the cache has no embedder the answer says so', async () => {
    const { ask, cache } = await setUpMatching({}, { semantic: undefined as never })
    expect((await ask(QUESTION, on)).told).toContain('detail=semantic-run-as-exact')
    expect(cache.stats()).not.toHaveProperty('semantic')
  })
})

describe("FastRouter's control", () => {
  const asked = (cache: object): Asked => ({ headers: { cache_key: 'faq' }, fields: { cache } })

  test('is exact without a threshold, or with 1', async () => {
    const matching = await setUpMatching()
    expect(await statusOf(matching, asked({ expiration_time: 60 }))).toBe('MISS')
    expect(await statusOf(matching, asked({ similarity_threshold: 1, filter_on_model: false }))).toBe('MISS')
  })

  test('matches from its threshold on', async () => {
    const { ask } = await setUpMatching({ embed: wordsEmbedder().embed, guard: false, mode: 'opt-in', threshold: 0.5 })
    const texts = ['How do I reset the password of my account?', 'How do I reset the password for my account?'] as const
    await ask(texts[0], asked({ similarity_threshold: 0.8 }))
    expect((await ask(texts[1], asked({ similarity_threshold: 0.95 }))).cache).toBe('MISS')
    await ask('x', asked({ similarity_threshold: 0.8 }))
    const found = await ask('How do I reset the password with my account?', asked({ similarity_threshold: 0.8 }))
    expect(matchOf(found)).toEqual(['HIT', '0.889', true])
  })

  test.for<[form: string, stream: boolean]>([
    ['a document', false],
    ['every event of a stream', true],
  ])(
    'its answer has the similarity in %s that the head has too, where `dialectAnswers` says so',
    async ([, stream]) => {
      const { embed } = wordsEmbedder()
      const { ask } = await setUpMatching({ embed, guard: false, threshold: 0.5 }, { dialectAnswers: true })
      const control: Asked = { headers: { cache_key: 'faq' }, fields: { stream, cache: { similarity_threshold: 0.8 } } }
      await ask('How do I reset the password of my account?', control)
      const similar = await ask('How do I reset the password for my account?', control)
      expect(matchOf(similar)).toEqual(['HIT', '0.889', true])
      expect(cachedIn(similar.text)).toEqual([[true, 0.889]])
      const same = await ask('How do I reset the password of my account?', control)
      expect(matchOf(same)).toEqual(['HIT', '1', false])
      expect(cachedIn(same.text)).toEqual([[true, 1]])
    },
  )

  test('below the threshold of the option that of the option holds, and the answer says so', async () => {
    const { ask } = await setUpMatching({ embed: wordsEmbedder().embed, guard: false })
    await ask('How do I reset the password of my account?', asked({ similarity_threshold: 0.5 }))
    const second = await ask('How do I reset the password for my account?', asked({ similarity_threshold: 0.5 }))
    expect([second.cache, second.told]).toEqual([
      'MISS',
      expect.stringContaining('detail=similarity_threshold-is-0.95'),
    ])
  })

  test('lets models share with filter_on_model: false', async () => {
    const { ask } = await setUpMatching()
    const shared = asked({ similarity_threshold: 0.95, filter_on_model: false })
    await ask(QUESTION, shared)
    expect((await ask(SAME, { ...shared, fields: { ...shared.fields, model: 'gpt-4o' } })).cache).toBe('HIT')
  })

  test('looks at the last message alone', async () => {
    const { tell } = await setUpMatching()
    const control = asked({ conversation_mode: 'last_message_only', similarity_threshold: 1 })
    await tell([said('Hello'), answered('Hi!'), said(QUESTION)], control)
    expect(matchOf(await tell([said('Bye'), answered('See you!'), said(QUESTION)], control))).toEqual([
      'HIT',
      '1',
      true,
    ])
    expect((await tell([said('Bye'), answered('See you!'), said(SAME)], control)).cache).toBe('MISS')
  })
})

/** `cached` and `similarity` of a document, or of each event; equal ones once. */
function cachedIn(text: string): unknown[] {
  const values = text.split('\n').flatMap((line) => /^(?:data: )?(\{.*)/.exec(line)?.[1] ?? [])
  const told = values.map((value) => JSON.parse(value)).map(({ cached, similarity }) => [cached, similarity])
  return [...new Set(told.map((one) => JSON.stringify(one)))].map((one) => JSON.parse(one))
}

function said(content: string): object {
  return { role: 'user', content }
}

function answered(content: string): object {
  return { role: 'assistant', content }
}

describe('conversation', () => {
  const last = said('And what about Rome?')
  const long = [said('One'), answered('1'), said('Two'), answered('2'), last]
  const otherStart = [said('Eins'), answered('1'), said('Two'), answered('2'), last]
  const otherAnswer = [said('One'), answered('1'), said('Two'), answered('zwei'), last]

  test('counts in full by default', async () => {
    const { tell } = await setUpMatching()
    await tell(long)
    expect((await tell(otherStart)).cache).toBe('MISS')
  })

  test.each<[string, SemanticOptions]>([
    ['with an embedder', blindEmbedder()],
    ['without one', { embed: undefined as never, id: undefined as never }],
  ])('counts by its last turns, %s', async (_name, semantic) => {
    const { tell, ask } = await setUpMatching({ ...semantic, conversation: { lastTurns: 1 } })
    const first = await tell(long)
    const found = await tell(otherStart)
    expect([...matchOf(found), found.text]).toEqual(['HIT', '1', true, first.text])
    expect((await tell(otherAnswer)).cache).toBe('MISS')
    expect((await ask('And what about Rome?')).cache).toBe('MISS')
  })

  test('may count by its last message alone, but instructions and parameters always do', async () => {
    const { tell, ask } = await setUpMatching({ conversation: 'last-message' })
    await tell(long)
    expect((await tell(otherAnswer)).cache).toBe('HIT')
    expect((await tell([{ role: 'system', content: 'Be brief.' }, ...long])).cache).toBe('MISS')
    expect((await tell(otherStart, { fields: { top_p: 0.5 } })).cache).toBe('MISS')
    expect((await ask('And what about Rome?')).cache).toBe('HIT')
  })

  test('may be said by a call alone, with an option that has no members', async () => {
    const { tell } = await setUpMatching({ embed: undefined as never, id: undefined as never })
    const control = { headers: { cache_key: 'faq' }, fields: { cache: { conversation_mode: 'last_message_only' } } }
    await tell(long, control)
    expect((await tell(otherAnswer, control)).cache).toBe('HIT')
    expect((await tell(otherStart)).cache).toBe('MISS')
  })

  test('of one call never answers one that takes it in full', async () => {
    const { tell, ask } = await setUpMatching()
    const control = { headers: { cache_key: 'faq' }, fields: { cache: { conversation_mode: 'last_message_only' } } }
    await tell(long, control)
    expect((await ask('And what about Rome?', { headers: { cache_key: 'faq' } })).cache).toBe('MISS')
  })
})

describe('the option', () => {
  const { embed } = blindEmbedder()
  test.each<[SemanticOptions | Record<string, unknown>, RegExp]>([
    [{ embed }, /^options\.semantic\.id must be a string that names the model/],
    [{ embed: 'x', id: 'x' }, /^options\.semantic\.embed must be a function, not "x"$/],
    [{ embed, id: 'x', threshold: 2 }, /^options\.semantic\.threshold must be a number from 0 to 1, not 2$/],
    [{ embed, id: 'x', treshold: 1 }, /^options\.semantic\.treshold does not exist; the nearest name is threshold$/],
    [
      { conversation: { lastTurns: 0 } },
      /^options\.semantic\.conversation must be 'full', 'last-message' or \{ lastTurns \}/,
    ],
    [{ coalesce: true }, /^options\.semantic\.coalesce must be false/],
    [{ id: 'x' }, /^options\.semantic\.embed must be a function, as `id` is of use with vectors alone, not undefined$/],
    [{ threshold: 0.9 }, /^options\.semantic\.embed must be a function, as `threshold` is of use/],
    [{ guard: false, conversation: 'full' }, /^options\.semantic\.embed must be a function, as `guard` is of use/],
    [{ verify: embed }, /^options\.semantic\.embed must be a function, as `verify` is of use/],
    [{ verifyTimeout: 1 }, /^options\.semantic\.embed must be a function, as `verifyTimeout` is of use/],
  ])('%j is a mistake that is named', (semantic, message) => {
    expect(() => createLlmCache({ semantic: semantic as never })).toThrow(message)
  })
})
