import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createContext } from '../../lib/call/context.ts'
import { Explainer } from '../../lib/explain/explainer.ts'
import type { LlmCache, LlmCacheOptions } from '../../lib/index.ts'
import { createInterceptor } from '../../lib/interceptor.ts'
import { resolveOptions } from '../../lib/options/resolve-options.ts'
import { installGlobally } from '../../lib/undici/install.ts'
import { installCache } from '../support/cache.ts'
import { chat, post } from '../support/calls.ts'
import { messagesOf } from '../support/messages.ts'
import type { Provider } from '../support/provider.ts'
import { startProvider } from '../support/start-provider.ts'

interface Bed {
  readonly cache: LlmCache
  readonly provider: Provider
  readonly misses: unknown[]
  /** Makes a call, reads it to its end, and gives the `cache-status`. */
  readonly ask: (fields?: object, init?: RequestInit) => Promise<string>
}

async function open(options: LlmCacheOptions = { explain: true }): Promise<Bed> {
  const provider = await startProvider()
  const cache = installCache({ hosts: [provider.origin], ...options })
  const ask: Bed['ask'] = async (fields, init) => {
    const answer = await chat(provider.origin, fields, init)
    await answer.text()
    return answer.headers.get('cache-status') ?? ''
  }
  return { cache, provider, misses: messagesOf('undici-llm-cache:miss'), ask }
}

const as = (credential: string, more: Record<string, string> = {}): RequestInit => ({
  headers: { 'content-type': 'application/json', authorization: `Bearer ${credential}`, ...more },
})
const user = (content: unknown): object => ({ role: 'user', content })
const tool = (properties: object): object => ({
  tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties } } }],
})

describe('a miss names the parts in which it differs from the nearest entry', () => {
  test.for<[name: string, before: object, now: object, part: string]>([
    [
      'a message',
      { messages: [user('a'), user('b')] },
      { messages: [user('a'), user('c')] },
      'body messages[1].content',
    ],
    ['one message more', { messages: [user('a')] }, { messages: [user('a'), user('c')] }, 'body messages[1]'],
    ['a parameter', {}, { temperature: 1 }, 'body temperature'],
    ['a member of metadata', { metadata: { trace: '1' } }, { metadata: { trace: '2' } }, 'body metadata.trace'],
    [
      'another kind of content',
      { messages: [user('a')] },
      { messages: [user([{ type: 'text', text: 'a' }])] },
      'body messages[0].content',
    ],
    [
      'the order of a schema',
      tool({ a: {}, b: {} }),
      tool({ b: {}, a: {} }),
      'body tools[0].function.parameters.properties (order)',
    ],
    [
      'a new member of a schema',
      tool({ a: {}, b: {} }),
      tool({ b: {}, c: {}, a: {} }),
      'body tools[0].function.parameters.properties.c',
    ],
    ['an empty list', { tools: [] }, tool({}), 'body tools'],
    ['the form', {}, { stream: true }, 'body stream'],
  ])('%s', async ([, before, now, part]) => {
    const { ask, misses, cache } = await open()
    await ask({ messages: [user('something else')] })
    await ask(before)
    expect(await ask(now)).toContain(`fwd=miss; detail="differs: ${part}"; key=`)
    expect(misses.at(-1)).toMatchObject({ reason: 'differs', differs: [part], provider: 'local', model: 'gpt-5.1' })
    expect(cache.stats().missedBy[part]).toBeGreaterThanOrEqual(1)
  })

  test('a header, and the key of the nearest entry', async () => {
    const { ask, misses } = await open()
    const first = await ask({}, as('one', { 'openai-beta': 'a' }))
    const status = await ask({}, as('one', { 'openai-beta': 'b' }))
    expect(status).toContain('detail="differs: header openai-beta"')
    expect(first).toContain(`key="${(misses[1] as { nearest: string }).nearest}"`)
  })

  test('a query parameter', async () => {
    const { provider } = await open()
    const call = (query: string): Promise<Response> =>
      post(`${provider.origin}/v1/chat/completions?api-version=${query}`, '{"model":"m","messages":[]}')
    await (await call('1')).text()
    expect((await call('2')).headers.get('cache-status')).toContain('differs: query api-version')
  })

  test('a namespace', async () => {
    const { ask } = await open()
    await ask()
    expect(await ask({}, as('sk-one', { 'x-llm-cache-namespace': 'b' }))).toContain('differs: namespace')
  })

  test('a body that is keyed by its raw bytes', async () => {
    const { ask } = await open()
    await ask()
    const status = await ask({ seed: 2 ** 60 })
    expect(status).toContain('detail="differs: body"')
  })

  test('the nearest is the one that asks the same but for an id, not the one asked last', async () => {
    const { ask } = await open()
    await ask({ messages: [user('the long prompt of this call')], metadata: { trace: '1' } })
    await ask({ messages: [user('another long prompt, as long')], metadata: { trace: '2' } })
    const status = await ask({ messages: [user('the long prompt of this call')], metadata: { trace: '2' } })
    expect(status).toContain('detail="differs: body metadata.trace"')
  })
})

describe('a miss says what became of its own entry', () => {
  test('expired', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const { ask } = await open({ explain: true, ttl: 60 })
    await ask()
    vi.setSystemTime(Date.now() + 72_000)
    expect(await ask()).toContain('detail="expired 12 s ago"')
    vi.useRealTimers()
  })

  test('too old for this call', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const { ask } = await open()
    await ask()
    vi.setSystemTime(Date.now() + 72_000)
    expect(await ask({}, as('sk-one', { 'cache-control': 'max-age=10' }))).toContain('older than the call accepts')
    vi.useRealTimers()
  })

  test('cleared, all or by its key', async () => {
    const { ask, cache, misses } = await open()
    const key = /key="(\w+)"/.exec(await ask())?.[1] ?? ''
    await cache.clear()
    expect(await ask()).toContain('detail=cleared')
    await cache.delete(key)
    expect(await ask()).toContain('detail=cleared')
    expect(misses.map((miss) => (miss as { reason: string }).reason)).toEqual(['unknown', 'cleared', 'cleared'])
  })

  test('evicted', async () => {
    const { ask, cache } = await open({ explain: true, maxEntries: 1 })
    await ask({ seed: 1 })
    await ask({ seed: 2 })
    expect(cache.stats().evictions).toBe(1)
    expect(await ask({ seed: 1 })).toContain('detail=evicted')
  })

  test('refused, and why', async () => {
    const { ask, provider } = await open()
    provider.script({ status: 500 })
    await ask()
    expect(await ask()).toContain('detail="refused: status"')
  })

  test('not asked before: the answer says nothing, the channel does', async () => {
    const { ask, misses } = await open()
    expect(await ask()).not.toContain('detail')
    expect(misses).toEqual([expect.objectContaining({ reason: 'unknown', differs: [] })])
  })
})

describe('callers with other credentials', () => {
  test('are never compared in an answer: only the channel reports that nothing but the credential differs', async () => {
    const { ask, misses, cache } = await open()
    await ask({}, as('sk-one'))
    expect(await ask({}, as('sk-two'))).toMatch(/fwd=miss; key=/)
    expect(misses.at(-1)).toMatchObject({ reason: 'differs', differs: ['credential'] })
    expect(cache.stats().missedBy).toEqual({ credential: 1 })
  })

  test('report their own calls alone', async () => {
    const { ask } = await open()
    await ask({ seed: 1 }, as('sk-one'))
    await ask({ seed: 3 }, as('sk-two'))
    const status = await ask({ seed: 1 }, as('sk-two'))
    expect(status).toContain('detail="differs: body seed"')
    expect(status).not.toContain('credential')
  })
})

describe('for one call', () => {
  test('the header keeps and compares what that call asks', async () => {
    const { ask, misses } = await open({})
    const explained = as('sk-one', { 'x-llm-cache-explain': 'true' })
    await ask({ seed: 1 })
    expect(await ask({ seed: 2 }, explained)).not.toContain('differs')
    expect(await ask({ seed: 3 }, explained)).toContain('differs: body seed')
    expect(misses).toHaveLength(2)
  })

  test('the header never reaches the provider', async () => {
    const { ask, provider } = await open({})
    await ask({}, as('sk-one', { 'x-llm-cache-explain': 'true' }))
    expect(Object.keys(provider.calls[0]?.headers ?? {})).not.toContain('x-llm-cache-explain')
  })

  test('a scope does the same', async () => {
    const { ask, cache } = await open({})
    await cache.with({ explain: true }, () => ask({ seed: 1 }))
    expect(await cache.with({ explain: true }, () => ask({ seed: 2 }))).toContain('differs: body seed')
  })
})

test('a miss that may not go to the provider says why, too', async () => {
  const { ask } = await open()
  await ask()
  const status = await ask({ seed: 1 }, as('sk-one', { 'x-llm-cache': 'only' }))
  expect(status).toContain('detail="only-if-cached+differs: body seed"')
})

test('where nobody asks for it nothing is kept, compared or hashed', async () => {
  const { origin } = await startProvider()
  const context = createContext(resolveOptions({ hosts: [origin] }))
  onTestFinished(installGlobally(createInterceptor(context), () => {}))
  const compare = vi.spyOn(Explainer.prototype, 'explain')
  onTestFinished(() => compare.mockRestore())
  for (const seed of [1, 2, 1]) await (await chat(origin, { seed })).text()
  expect(context.explainer).toBeUndefined()
  await (await chat(origin, { seed: 3 }, as('sk-one', { 'x-llm-cache-explain': 'true' }))).text()
  await (await chat(origin, { seed: 4 })).text()
  expect(compare).toHaveBeenCalledTimes(1)
})

test('without it nothing is reported or counted', async () => {
  const { ask, misses, cache } = await open({})
  await ask({ seed: 1 })
  expect(await ask({ seed: 2 })).not.toContain('detail')
  expect([misses, cache.stats().missedBy]).toEqual([[], {}])
})

test.for(['alice@example.com', 'a%0d%0aset-cookie: x=1', '"; hit; detail="', 'ümlaut'])(
  'a query parameter with the name %s is not named',
  async (name) => {
    const { provider, misses } = await open()
    const call = (value: string): Promise<Response> =>
      post(`${provider.origin}/v1/chat/completions?${encodeURI(name)}=${value}`, '{"model":"m","messages":[]}')
    await (await call('1')).text()
    const answer = await call('2')
    expect(answer.headers.get('cache-status')).toMatch(/fwd=miss; detail="differs: query #[0-9a-f]{8}"; key=/)
    expect(answer.headers.get('set-cookie')).not.toContain('x=1')
    expect(misses.at(-1)).toMatchObject({ differs: [expect.stringMatching(/^query #[0-9a-f]{8}$/)] })
  },
)

test('a member whose name could be a text of a user is not named', async () => {
  const { ask, misses } = await open()
  await ask({ metadata: { 'alice@example.com': 1 } })
  await ask({ metadata: { 'alice@example.com': 2 } })
  expect(JSON.stringify(misses)).not.toContain('alice')
  expect(misses.at(-1)).toMatchObject({ differs: [expect.stringMatching(/^body metadata\.#[0-9a-f]{8}$/)] })
})
