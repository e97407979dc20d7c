import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { VectorIndex } from '../../../lib/semantic/vector-index.ts'
import { blindEmbedder, wordsEmbedder } from '../../support/embedders.ts'
import { matchOf, setUpMatching } from './asking.ts'

const QUESTION = 'How do I reset my password?'
const SAME = 'What is the best way to reset my password?'

describe('a question that means the same', () => {
  test('is answered from the cache, and the answer says how', async () => {
    const { ask, provider } = await setUpMatching()
    const first = await ask(QUESTION)
    const second = await ask(SAME)
    expect([first.cache, second.cache, second.text, second.key]).toEqual(['MISS', 'HIT', first.text, first.key])
    expect(second.headers.get('x-llm-cache-similarity')).toBe('1')
    expect(second.headers.get('x-llm-cache-match')).toMatch(/^[0-9a-f-]{98}$/)
    expect(second.told).toMatch(/^undici-llm-cache; hit; ttl=\d+; detail=semantic; key=/)
    expect(provider.calls.length).toBe(1)
  })

  test('is a hit in a stream', async () => {
    const { ask } = await setUpMatching()
    const first = await ask(QUESTION, { fields: { stream: true } })
    const second = await ask(SAME, { fields: { stream: true } })
    expect([second.cache, second.text]).toEqual(['HIT', first.text])
    expect((await ask(SAME)).cache).toBe('MISS')
  })

  test('asked exactly is similar to itself', async () => {
    const { ask } = await setUpMatching()
    await ask(QUESTION)
    expect(matchOf(await ask(QUESTION))).toEqual(['HIT', '1', false])
  })

  test('is a hit of a call that may not go live', async () => {
    const { ask } = await setUpMatching()
    await ask(QUESTION)
    expect((await ask(SAME, { headers: { 'x-llm-cache': 'only' } })).cache).toBe('HIT')
    expect((await ask('Who wrote Hamlet?', { headers: { 'x-llm-cache': 'only' } })).status).toBe(504)
  })

  test('is not answered from an entry that was taken out or has expired', async () => {
    const { ask, cache } = await setUpMatching()
    await ask(QUESTION)
    await cache.clear({})
    expect((await ask(SAME)).cache).toBe('MISS')
    expect((await ask(QUESTION, { headers: { 'cache-control': 'max-age=0' } })).cache).not.toBe('HIT')
  })

  test('is still found when a call wanted a younger answer', async () => {
    const { ask } = await setUpMatching()
    await ask(QUESTION)
    const young = { 'cache-control': 'max-age=5', 'x-llm-cache': 'read-only' }
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10_000 })
    onTestFinished(() => void vi.useRealTimers())
    expect((await ask(SAME, { headers: young })).cache).not.toBe('HIT')
    expect((await ask(SAME)).cache).toBe('HIT')
  })

  test('shares no provider call with another one, however near', async () => {
    const { ask, provider } = await setUpMatching()
    const answers = await Promise.all([ask(QUESTION), ask(SAME), ask(QUESTION)])
    expect(answers.map(({ cache }) => cache)).toEqual(['MISS', 'MISS', 'COALESCED'])
    expect(provider.calls.length).toBe(2)
  })
})

describe('nothing is embedded', () => {
  test('before there is something to compare with, nor for an exact hit', async () => {
    const { embed, calls } = wordsEmbedder()
    const { ask } = await setUpMatching({ embed })
    await ask(QUESTION, { headers: { 'x-llm-cache': 'read-only' } })
    expect(calls).toEqual([])
    await ask(QUESTION)
    await expect.poll(() => calls).toEqual([[QUESTION]])
    await ask(QUESTION)
    await ask('Who wrote Hamlet?', { fields: { temperature: 0.1 } })
    await expect.poll(() => calls).toEqual([[QUESTION], ['Who wrote Hamlet?']])
  })

  test('but the text of the last turn', async () => {
    const { embed, calls } = wordsEmbedder()
    const { tell } = await setUpMatching({ embed })
    const before = [{ role: 'system', content: 'Be brief.' }, ...turn('Hello', 'Hi!')]
    await tell([...before, { role: 'user', content: QUESTION }])
    await expect.poll(() => calls).toEqual([[QUESTION]])
  })
})

function turn(asked: string, answered: string): object[] {
  return [
    { role: 'user', content: asked },
    { role: 'assistant', content: answered },
  ]
}

describe('only questions of one kind are compared', () => {
  const others: Record<string, Parameters<Awaited<ReturnType<typeof setUpMatching>>['ask']>[1]> = {
    'another model': { fields: { model: 'gpt-5.1-mini' } },
    'another temperature': { fields: { temperature: 0.5 } },
    tools: { fields: { tools: [{ type: 'function', function: { name: 'look', parameters: {} } }] } },
    'a member that nobody knows': { fields: { x_unknown: 1 } },
    'another credential': { apiKey: 'sk-two' },
    'another namespace': { headers: { 'x-llm-cache-namespace': 'other' } },
    'another semantic header': { headers: { 'openai-beta': 'x' } },
    'a stream': { fields: { stream: true } },
  }
  test.each(Object.entries(others))('%s is a miss', async (_name, asked) => {
    const { ask } = await setUpMatching()
    await ask(QUESTION)
    expect((await ask(SAME, asked)).cache).toBe('MISS')
    expect((await ask(SAME)).cache).toBe('HIT')
  })

  test('another system prompt, and other turns before, are a miss', async () => {
    const { ask, tell } = await setUpMatching()
    const asked = { role: 'user', content: SAME }
    await ask(QUESTION)
    expect((await tell([{ role: 'system', content: 'Be brief.' }, asked])).cache).toBe('MISS')
    expect((await tell([...turn('Hello', 'Hi!'), asked])).cache).toBe('MISS')
  })
})

describe('never matched is', () => {
  const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }
  const call = {
    role: 'assistant',
    tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
  }
  const result = { role: 'tool', tool_call_id: 'c', content: '20 °C' }
  const messages: Record<string, (text: string) => object[]> = {
    'a question with an image': (text) => [{ role: 'user', content: [{ type: 'text', text }, picture] }],
    'a question after the result of a tool': (text) => [call, result, { role: 'user', content: text }],
    'what ends with the result of a tool': (text) => [{ role: 'user', content: text }, call, result],
    'a beginning of the answer': (text) => [
      { role: 'user', content: text },
      { role: 'assistant', content: 'To' },
    ],
  }
  test.each(Object.entries(messages))('%s', async (_name, made) => {
    const { tell, cache } = await setUpMatching()
    await tell(made(QUESTION))
    expect((await tell(made(SAME))).cache).toBe('MISS')
    expect(cache.stats().semantic?.candidates).toBe(0)
  })

  test('a call with a seed', async () => {
    const { ask } = await setUpMatching()
    await ask(QUESTION, { fields: { seed: 7 } })
    expect((await ask(SAME, { fields: { seed: 7 } })).cache).toBe('MISS')
  })

  test('a question of today, but for an answer that is kept for minutes', async () => {
    const { ask } = await setUpMatching()
    const [one, other] = ['How do I get the latest news?', 'How can I get the latest news?']
    await ask(one)
    expect((await ask(other)).cache).toBe('MISS')
    const brief = { headers: { 'x-llm-cache-ttl': '300' }, fields: { temperature: 0 } }
    await ask(one, brief)
    expect((await ask(other, brief)).cache).toBe('HIT')
  })

  test('a text longer than `maxText`', async () => {
    const { ask } = await setUpMatching({ maxText: QUESTION.length })
    await ask(QUESTION)
    expect((await ask(SAME)).cache).toBe('MISS')
    expect((await ask('How to reset my password?')).cache).toBe('HIT')
  })

  test('a long template with something else filled in', async () => {
    const { ask, cache } = await setUpMatching({ guard: false })
    const filled = (what: string): string => `${'Sort the letter below into a folder. '.repeat(15)}${what} Thanks.`
    await ask(filled('It is a bill.'))
    expect((await ask(filled('It is a greeting.'))).cache).toBe('MISS')
    expect(cache.stats().semantic?.rejected).toEqual({ template: 1 })
  })
})

describe('a threshold', () => {
  const [question, near] = ['How do I reset the password of my account?', 'How do I reset the password for my account?']

  test('keeps apart what is less similar', async () => {
    const { ask, cache } = await setUpMatching({ embed: wordsEmbedder().embed, guard: false })
    await ask(question)
    expect((await ask(near)).cache).toBe('MISS')
    expect(cache.stats().semantic).toMatchObject({ candidates: 0, accepted: 0 })
    expect(cache.stats().semantic?.similarity.findIndex((count) => count > 0)).toBe(17)
  })

  test('of the call wins over that of the option', async () => {
    const { ask } = await setUpMatching({ embed: wordsEmbedder().embed, guard: false })
    await ask(question)
    const found = await ask(near, { headers: { 'x-llm-cache-threshold': '0.8' } })
    expect(matchOf(found)).toEqual(['HIT', '0.889', true])
  })
})

describe('the guard', () => {
  test('says no to opposites that are near, and by which rule', async () => {
    const { ask, cache } = await setUpMatching()
    await ask('How do I enable two-factor login?')
    expect((await ask('How do I disable two-factor login?')).cache).toBe('MISS')
    expect(cache.stats().semantic).toMatchObject({ candidates: 1, accepted: 0, rejected: { opposites: 1 } })
  })

  test('can be the own function of the app', async () => {
    const seen: string[][] = []
    const guard = (a: string, b: string): boolean => (seen.push([a, b]), a.length > 20)
    const { ask, cache } = await setUpMatching({ guard })
    await ask(QUESTION)
    expect([(await ask('Something else')).cache, (await ask(SAME)).cache]).toEqual(['MISS', 'HIT'])
    expect(seen).toContainEqual([SAME, QUESTION])
    expect(cache.stats().semantic?.rejected).toEqual({ guard: 1 })
  })

  test('that throws is a no', async () => {
    const { ask } = await setUpMatching({
      guard: () => {
        throw new Error('broken')
      },
    })
    await ask(QUESTION)
    expect((await ask(SAME)).cache).toBe('MISS')
  })
})

describe('verify', () => {
  test('has the last word, once, on the winner', async () => {
    const seen: string[][] = []
    const { ask, cache } = await setUpMatching({ verify: async (a, b) => (seen.push([a, b]), false) })
    await ask(QUESTION)
    expect((await ask(SAME)).cache).toBe('MISS')
    expect(seen).toEqual([[SAME, QUESTION]])
    expect(cache.stats().semantic?.rejected).toEqual({ verify: 1 })
  })

  test.each([
    ['fails', () => Promise.reject(new Error('down'))],
    ['is late', () => new Promise<boolean>(() => {})],
    ['says neither yes nor no', () => Promise.resolve('yes' as never)],
  ])('that %s is a miss', async (_name, verify) => {
    const { ask } = await setUpMatching({ verify, verifyTimeout: 0.01 })
    await ask(QUESTION)
    expect((await ask(SAME)).cache).toBe('MISS')
  })
})

test('the embedder and the search have `timeout` together', async () => {
  vi.spyOn(VectorIndex.prototype, 'nearest').mockReturnValue(new Promise(() => {}))
  onTestFinished(() => void vi.restoreAllMocks())
  const embed = async (texts: string[]): Promise<number[][]> => {
    await wait(50)
    return texts.map(() => [1])
  }
  const { ask } = await setUpMatching({ embed, timeout: 0.333 })
  await ask(QUESTION)
  const delays = vi.spyOn(globalThis, 'setTimeout')
  expect((await ask(SAME)).cache).toBe('MISS')
  const search = delays.mock.calls.map(([, delay = 0]) => delay).filter((delay) => delay > 100 && delay <= 333)
  expect(search).toContain(333)
  expect(Math.min(...search)).toBeLessThan(300)
})

describe('an embedder', () => {
  test.each([
    ['fails', () => Promise.reject(new Error('down'))],
    [
      'throws',
      () => {
        throw new Error('down')
      },
    ],
    ['never answers', () => new Promise<number[][]>(() => {})],
    ['gives too few vectors', () => []],
    ['gives no numbers', () => [[Number.NaN, 1]]],
  ])('that %s is a miss', async (_name, embed) => {
    const { ask } = await setUpMatching({ embed, timeout: 0.01 })
    await ask(QUESTION)
    expect([(await ask(SAME)).cache, (await ask(QUESTION)).cache]).toEqual(['MISS', 'HIT'])
  })

  test('that changes the length of its vectors matches nothing', async () => {
    let size = 2
    const embed = (texts: string[]): number[][] => texts.map(() => Array.from({ length: size++ }, () => 1))
    const { ask } = await setUpMatching({ embed })
    await ask(QUESTION)
    expect((await ask(SAME)).cache).toBe('MISS')
  })

  test('gets texts that are asked at once in one call', async () => {
    const { embed, calls } = wordsEmbedder()
    const { ask } = await setUpMatching({ embed })
    await ask(QUESTION)
    await expect.poll(() => calls.length).toBe(1)
    await Promise.all(['One?', 'Two?', 'Three?'].map((text) => ask(text)))
    expect(calls.slice(1).flat().toSorted()).toEqual(['One?', 'Three?', 'Two?'])
    expect(calls.length).toBeLessThanOrEqual(4)
  })
})

describe('a match that was wrong', () => {
  test('is taken out, and the two are never paired again', async () => {
    const { ask, cache } = await setUpMatching()
    await ask(QUESTION)
    const id = (await ask(SAME)).headers.get('x-llm-cache-match') ?? ''
    expect(await cache.reject(id)).toBe(true)
    expect((await ask(QUESTION)).cache).toBe('MISS')
    expect((await ask(SAME)).cache).toBe('MISS')
    expect(cache.stats().semantic).toMatchObject({ accepted: 1, rejected: { rejected: 1 } })
    // The other way round, too.
    await cache.delete((await ask(QUESTION)).key ?? '')
    expect((await ask(QUESTION)).cache).toBe('MISS')
  })

  test('is not rejected by another id', async () => {
    const { cache } = await setUpMatching()
    expect(await cache.reject('nonsense')).toBe(false)
    expect(await (await setUpMatching({}, { semantic: undefined as never })).cache.reject('x')).toBe(false)
  })
})

describe('shadow mode', () => {
  test('answers live, and counts what it would have answered', async () => {
    const { ask, cache, provider } = await setUpMatching({ mode: 'shadow' })
    await ask(QUESTION)
    const second = await ask(SAME)
    expect(matchOf(second)).toEqual(['MISS', null, false])
    await expect.poll(() => cache.stats().semantic?.shadowed).toBe(1)
    expect(cache.stats()).toMatchObject({ hits: 0, misses: 2, semantic: { candidates: 1, accepted: 0 } })
    expect(provider.calls.length).toBe(2)
  })

  test('does not wait for the embedder', async () => {
    let isFirst = true
    const embed = (texts: string[]): Promise<number[][]> | number[][] => {
      if (!isFirst) return new Promise(() => {})
      isFirst = false
      return texts.map(() => [1])
    }
    const { ask } = await setUpMatching({ embed, mode: 'shadow', timeout: 60 })
    await ask(QUESTION)
    expect((await ask(SAME)).cache).toBe('MISS')
  })
})

describe('bounds', () => {
  test('the question that was of no use for longest goes first', async () => {
    const { embed } = blindEmbedder()
    const { ask } = await setUpMatching({ embed, maxVectors: 2 })
    for (const what of ['cup', 'pen', 'hat']) await ask(`How do I wash a ${what}?`)
    const again = ['hat', 'pen', 'cup'].map((what) => ask(`What is the best way to wash a ${what}?`))
    expect((await Promise.all(again)).map(({ cache }) => cache)).toEqual(['HIT', 'HIT', 'MISS'])
  })
})
