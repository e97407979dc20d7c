import { describe, expect, test } from 'vitest'
import type { LlmCache } from '../../lib/index.ts'
import type { Behaviour } from '../support/behaviour.ts'
import { installCache } from '../support/cache.ts'
import { chat, statusOf } from '../support/calls.ts'
import { blindEmbedder, wordsEmbedder } from '../support/embedders.ts'
import { messagesOf } from '../support/messages.ts'
import type { Provider } from '../support/provider.ts'
import { startProvider } from '../support/start-provider.ts'

interface Bed {
  readonly cache: LlmCache
  readonly provider: Provider
  /** Status and body of one call. */
  readonly ask: (fields?: object, init?: RequestInit) => Promise<[status: string | null, body: string]>
}

async function open(options: object = { revalidateShare: 1 }): Promise<Bed> {
  const provider = await startProvider()
  const cache = installCache({ hosts: [provider.origin], ...options })
  const ask: Bed['ask'] = async (fields, init) => {
    const answer = await chat(provider.origin, fields, init)
    return [statusOf(answer), await answer.text()]
  }
  return { cache, provider, ask }
}

/** Asks twice; the second answer is checked against what the provider says then. */
async function drift(fields: object, first: Behaviour, then: Behaviour): Promise<object | undefined> {
  const { cache, provider, ask } = await open()
  provider.script(first, then)
  await ask(fields)
  expect((await ask(fields))[0]).toBe('HIT')
  await expect.poll(() => cache.stats().drift['gpt-5.1']?.checked).toBe(1)
  return cache.stats().drift['gpt-5.1']
}

const EQUAL = { checked: 1, equal: 1, different: 0, failed: 0 }
const DIFFERENT = { checked: 1, equal: 0, different: 1, failed: 0 }
const FAILED = { checked: 1, equal: 0, different: 0, failed: 1 }

function called(args: string): Behaviour {
  const call = { id: `call_${args.length}`, type: 'function', function: { name: 'weather', arguments: args } }
  const message = { role: 'assistant', content: null, tool_calls: [call] }
  const choice = { index: 0, message, finish_reason: 'tool_calls' }
  return { events: [JSON.stringify({ id: 'x', object: 'chat.completion', created: 1, model: 'm', choices: [choice] })] }
}

function saying(text: string): Behaviour {
  const choice = { index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }
  return { events: [JSON.stringify({ id: 'x', object: 'chat.completion', created: 1, model: 'm', choices: [choice] })] }
}

describe('a hit that is made again', () => {
  test.for<[name: string, fields: object, first: Behaviour, then: Behaviour, expected: object]>([
    ['says the same under another id and time', {}, {}, {}, EQUAL],
    ['says the same in a stream', { stream: true }, {}, {}, EQUAL],
    ['says the same, compressed', {}, {}, { coding: 'gzip' }, EQUAL],
    ['has another text', {}, {}, { words: 5 }, DIFFERENT],
    ['has another text in a stream', { stream: true }, {}, { words: 5 }, DIFFERENT],
    [
      'calls the same tool, its arguments spelt otherwise',
      {},
      called('{"a":1,"b":2}'),
      called('{ "b": 2, "a": 1 }'),
      EQUAL,
    ],
    ['calls it with other arguments', {}, called('{"a":1}'), called('{"a":2}'), DIFFERENT],
    ['calls a tool in place of a text', {}, {}, called('{"a":1}'), DIFFERENT],
    ['fails', {}, {}, { status: 500 }, FAILED],
    ['is cut off', { stream: true }, {}, { cut: { after: 2, how: 'reset' } }, FAILED],
  ])('%s', async ([, fields, first, then, expected]) => {
    expect(await drift(fields, first, then)).toEqual(expected)
  })

  test('was answered from the cache at once, and the next one gets the new answer', async () => {
    const { cache, provider, ask } = await open()
    const until = Promise.withResolvers<void>()
    const [, old] = await ask()
    provider.script({ words: 5, first: until.promise })
    expect(await ask()).toEqual(['HIT', old])
    until.resolve()
    await expect.poll(() => cache.stats().drift['gpt-5.1']?.different).toBe(1)
    expect((await ask())[1]).not.toBe(old)
  })

  test('keeps its entry where the new call fails', async () => {
    const { cache, provider, ask } = await open()
    const [, old] = await ask()
    provider.script({ status: 500 })
    await ask()
    await expect.poll(() => cache.stats().drift['gpt-5.1']?.failed).toBe(1)
    expect(await ask()).toEqual(['HIT', old])
  })

  test('is never made twice at once', async () => {
    const { cache, provider, ask } = await open()
    const until = Promise.withResolvers<void>()
    await ask()
    provider.script({ first: until.promise })
    for (let n = 0; n < 5; n++) expect((await ask())[0]).toBe('HIT')
    until.resolve()
    await expect.poll(() => cache.stats().drift['gpt-5.1']?.checked).toBe(1)
    expect(provider.calls).toHaveLength(2)
  })

  test('counts as no call of the app', async () => {
    const { cache, ask } = await open()
    await ask()
    await ask()
    await expect.poll(() => cache.stats().drift['gpt-5.1']?.checked).toBe(1)
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 1, refreshes: 0, coalesced: 0 })
  })
})

describe('with an embedder, a hit that is made again', () => {
  /** Says one text, then another one; gives what was counted. */
  async function said(first: string, then: string, semantic: object = {}): Promise<object | undefined> {
    const { embed, calls } = wordsEmbedder()
    const { cache, provider, ask } = await open({ revalidateShare: 1, semantic: { embed, id: 'words', ...semantic } })
    provider.script(saying(first), saying(then))
    await ask({ seed: 1 })
    expect((await ask({ seed: 1 }))[0]).toBe('HIT')
    await expect.poll(() => cache.stats().drift['gpt-5.1']?.checked).toBe(1)
    return { ...cache.stats().drift['gpt-5.1'], texts: calls.flat() }
  }

  test.for<[name: string, first: string, then: string, expected: object]>([
    ['says the same in another order of words', 'Paris is the capital', 'The capital is Paris', EQUAL],
    ['says something else', 'Paris is the capital', 'I do not know that country', DIFFERENT],
    ['says nothing', 'Paris is the capital', ' ', DIFFERENT],
    [
      'has the members of its JSON in another order',
      '{"city":"Paris","is":"a b"}',
      '{"is":"a b","city":"Paris"}',
      EQUAL,
    ],
    ['has its JSON say something else', '{"from":"Rome","to":"Paris"}', '{"from":"Paris","to":"Rome"}', DIFFERENT],
  ])('%s', async ([, first, then, expected]) => {
    expect(await said(first, then)).toMatchObject(expected)
  })

  test('is only embedded where its words differ, and its text is not too long', async () => {
    expect(await said('The same', 'The same')).toMatchObject({ equal: 1, texts: [] })
    const [long, other] = ['a b '.repeat(20), 'b a '.repeat(20)]
    expect(await said(long, other, { maxText: 50 })).toMatchObject({ different: 1, texts: [] })
    expect(await said(long, other)).toMatchObject({ equal: 1, texts: [long, other] })
  })

  test('is different where the embedder fails, as its words are', async () => {
    const embed = (): never => {
      throw new Error('out of order')
    }
    expect(await said('Paris is the capital', 'The capital is Paris', { embed })).toMatchObject(DIFFERENT)
  })

  test.for<[name: string, first: string, then: string]>([
    ['another number', 'It leaves at 5', 'It leaves at 6'],
    ['another unit', 'It weighs 5 kg', 'It weighs 5 g'],
    ['a negation', 'It is safe', 'It is not safe'],
    ['the opposite', 'Enable it', 'Disable it'],
  ])('and has %s is different, however near the vectors are, unless the guard is off', async ([, first, then]) => {
    expect(await said(first, then, blindEmbedder())).toMatchObject(DIFFERENT)
    expect(await said(first, then, { ...blindEmbedder(), guard: false })).toMatchObject(EQUAL)
  })
})

test('a share of 0 makes nothing again', async () => {
  const { cache, provider, ask } = await open({})
  await ask()
  await ask()
  expect([provider.calls.length, cache.stats().drift]).toEqual([1, {}])
})

test('a call with a hosted tool is never made again, also where it is cached', async () => {
  const { provider, ask } = await open({ revalidateShare: 1, hosted: 'cache' })
  const fields = { tools: [{ type: 'web_search' }] }
  await ask(fields)
  expect((await ask(fields))[0]).toBe('HIT')
  // Whatever would be made again has gone out before this one.
  await ask({ seed: 1 })
  expect(provider.calls).toHaveLength(2)
})

test('an answer above 1 MiB is not made again: to compare it would block the event loop', async () => {
  const { provider, ask } = await open()
  provider.script(saying('x'.repeat(1024 * 1024)))
  await ask()
  expect((await ask())[0]).toBe('HIT')
  await ask({ seed: 1 })
  expect(provider.calls).toHaveLength(2)
})

test.for(['only', 'read-only'])('a call that changes nothing (%s) is not made again', async (mode) => {
  const { provider, ask } = await open()
  const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-one' }
  await ask()
  expect((await ask({}, { headers: { ...headers, 'x-llm-cache': mode } }))[0]).toBe('HIT')
  await ask({ seed: 1 })
  expect(provider.calls).toHaveLength(2)
})

test('what fails behind an answer is reported on the channels alone', async () => {
  const { cache, provider, ask } = await open()
  const refusals = messagesOf('undici-llm-cache:refuse')
  await ask()
  provider.script({ cut: { after: 0, how: 'reset' } })
  expect((await ask())[0]).toBe('HIT')
  await expect.poll(() => cache.stats().drift['gpt-5.1']?.failed).toBe(1)
  expect(refusals).toHaveLength(1)
})
