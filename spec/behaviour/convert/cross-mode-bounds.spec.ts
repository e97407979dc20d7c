import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { LlmCacheOptions } from '../../../lib/index.ts'
import { MemoryStore } from '../../../lib/stores/memory.ts'
import { installCache, openCache } from '../../support/cache.ts'
import { statusOf } from '../../support/calls.ts'
import { mistralAt } from '../../support/rows.ts'
import { builtInFetch, undiciDoors } from '../../support/doors.ts'
import { startProvider } from '../../support/start-provider.ts'
import type { Provider } from '../../support/provider.ts'
import { elapse } from '../stale/clock.ts'
import { ask, type Ask, cacheStatus, formsOf } from './forms.ts'

const { json, stream, rows } = formsOf('OpenAI chat')
const plainStream: Ask = { ...stream, body: { ...json.body, stream: true } }

/** A provider, and a cache over it that takes either form for the other. */
async function setUp(options: LlmCacheOptions = {}): Promise<Provider> {
  const provider = await startProvider()
  installCache({ crossMode: true, providers: rows(provider.origin), ...options })
  return provider
}

/** What these specs look at in a chunk or a document. */
interface Told {
  readonly usage?: unknown
  readonly choices: readonly {
    readonly delta?: { readonly content?: string }
    readonly message?: { readonly content: string }
  }[]
}

function eventsOf(body: string): Told[] {
  const datas = body.split('\n\n').map((event) => event.slice('data: '.length))
  return datas.filter((data) => data.startsWith('{')).map((data) => JSON.parse(data))
}

async function documentOf(answer: Response): Promise<Told> {
  return JSON.parse(await answer.text())
}

describe('the usage of a chat', () => {
  test('comes in a last event of its own where a stream asks for it', async () => {
    const provider = await setUp()
    const { usage } = await documentOf(await ask(provider, json))
    const body = await (await ask(provider, stream)).text()
    const events = eventsOf(body)
    expect(events.at(-1)).toMatchObject({ choices: [], usage })
    expect(events.slice(0, -1).every((event) => event.usage === null)).toBe(true)
    expect(body.endsWith('data: [DONE]\n\n')).toBe(true)
  })

  test('does not come where a stream does not ask for it', async () => {
    const provider = await setUp()
    await (await ask(provider, json)).text()
    const answer = await ask(provider, plainStream)
    expect(cacheStatus(answer)).toContain('detail=converted')
    const events = eventsOf(await answer.text())
    expect(events.some((event) => 'usage' in event)).toBe(false)
    expect(events.at(-1)).toMatchObject({ choices: [{ finish_reason: 'stop' }] })
  })

  test('is missed in a stream that nobody asked for it: no document is made of that', async () => {
    const provider = await setUp()
    await (await ask(provider, plainStream)).text()
    const answer = await ask(provider, json)
    expect(cacheStatus(answer)).toMatch(/; fwd=miss; detail=lossy; key=/)
    expect(await answer.json()).toMatchObject({ object: 'chat.completion', usage: expect.anything() })
    expect(provider.calls).toHaveLength(2)
  })

  test("comes in the event that finishes where the provider's streams tell it unasked", async () => {
    const provider = await startProvider()
    installCache({ crossMode: true, providers: mistralAt(provider.origin) })
    const { usage } = await documentOf(await ask(provider, json))
    const events = eventsOf(await (await ask(provider, plainStream)).text())
    expect(events.at(-1)).toMatchObject({ choices: [{ finish_reason: 'stop' }], usage })
  })
})

describe('an answer that would lose something', () => {
  const message = { role: 'assistant', content: 'Hello there.', refusal: null }
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
  const choice = { index: 0, message, logprobs: null, finish_reason: 'stop' }
  const document = { id: 'x', object: 'chat.completion', created: 1, model: 'm', choices: [choice], usage }

  test.for([
    ['beside the choices', { ...document, x_new: 1 }],
    ['in a choice', { ...document, choices: [{ ...choice, x_new: 1 }] }],
    ['in a message', { ...document, choices: [{ ...choice, message: { ...message, x_new: null } }] }],
    [
      'in a call of a tool',
      { ...document, choices: [{ ...choice, message: { ...message, tool_calls: [{ id: 'a', x_new: 1 }] } }] },
    ],
  ] as const)('goes live where a member is not known %s', async ([, unknown]) => {
    const provider = await setUp({ refuse: { brokenToolCall: false } })
    provider.script({ events: [JSON.stringify(unknown)] })
    await (await ask(provider, json)).text()
    const answer = await ask(provider, stream)
    expect(statusOf(answer)).toBe('MISS')
    expect(cacheStatus(answer)).toMatch(/^undici-llm-cache; fwd=miss; detail=lossy; key="[0-9a-f]{64}"$/)
    await answer.text()
    // From then on each form has its own.
    expect(cacheStatus(await ask(provider, stream))).toMatch(/; hit; ttl=\d+; key=/)
    expect(provider.calls).toHaveLength(2)
  })

  test('goes live where a number is more exact than JavaScript reads it', async () => {
    const provider = await setUp()
    const exact = JSON.stringify(document).replace('"created":1', '"created":12345678901234567890')
    provider.script({ events: [exact] })
    await (await ask(provider, json)).text()
    expect(cacheStatus(await ask(provider, stream))).toContain('detail=lossy')
  })
})

test('an answer that is too large for its other form goes live, and says so', async () => {
  const provider = await setUp({ maxEntrySize: 1500 })
  await (await ask(provider, json)).text()
  expect(cacheStatus(await ask(provider, stream))).toContain('; fwd=miss; detail=too-large; ')
})

describe('what a call asks for', () => {
  test('a rule or a scope asks for the other form where the option does not', async () => {
    const provider = await startProvider()
    const match = { path: '/v1/chat/*' }
    installCache({ providers: rows(provider.origin), rules: [{ match, crossMode: true }] })
    await (await ask(provider, json)).text()
    expect(cacheStatus(await ask(provider, stream))).toContain('detail=converted')
  })

  test('a scope has its own way, nearer than a rule', async () => {
    const provider = await startProvider()
    const cache = installCache({ providers: rows(provider.origin), rules: [{ match: {}, crossMode: true }] })
    await (await ask(provider, json)).text()
    const apart = await cache.with({ crossMode: false }, () => ask(provider, stream))
    expect(cacheStatus(apart)).toContain('fwd=miss')
  })

  test('a call that may not go to the provider is answered from the other form', async () => {
    const provider = await setUp()
    await (await ask(provider, json)).text()
    const answer = await ask(provider, stream, { 'x-llm-cache': 'only' })
    expect(answer.status).toBe(200)
    expect(statusOf(answer)).toBe('HIT')
  })

  test('a refresh takes neither form', async () => {
    const provider = await setUp()
    await (await ask(provider, json)).text()
    expect(statusOf(await ask(provider, stream, { 'x-llm-cache': 'refresh' }))).toBe('REFRESH')
  })

  test('an answer that has become stale is stale in the other form', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const provider = await setUp({ staleIfError: 60 })
    await (await ask(provider, json, { 'x-llm-cache-ttl': '5' })).text()
    elapse(6)
    expect(statusOf(await ask(provider, stream))).toBe('MISS')
  })

  test.for([
    ['another credential', { authorization: 'Bearer sk-two' }],
    ['another namespace', { 'x-llm-cache-namespace': 'apart' }],
    ['another variant', { 'x-llm-cache-variant': '1' }],
  ] as const)('%s has nothing to do with it', async ([, headers]) => {
    const provider = await setUp()
    await (await ask(provider, json)).text()
    expect(cacheStatus(await ask(provider, stream, headers))).toMatch(/; fwd=miss; key=/)
  })

  test('whoever deletes the key that a converted answer names deletes what it was made from', async () => {
    const provider = await startProvider()
    const cache = installCache({ crossMode: true, providers: rows(provider.origin) })
    await (await ask(provider, json)).text()
    const converted = await ask(provider, stream)
    expect(await cache.delete(converted.headers.get('x-llm-cache-key') ?? '')).toBe(true)
    expect(statusOf(await ask(provider, stream))).toBe('MISS')
  })
})

test('the other form is found in a second tier', async () => {
  const provider = await startProvider()
  const store = new MemoryStore({ maxSize: 1e6, maxEntries: 10 })
  const options = { crossMode: true, providers: rows(provider.origin), store }
  const first = installCache(options)
  await (await ask(provider, json)).text()
  await first.flush()
  expect([...store.entries()]).toHaveLength(1)
  // Another process, with nothing in its memory.
  const second = openCache(options)
  const [door] = undiciDoors.map(([undici]) => new undici.Agent().compose(second.interceptor))
  const body = JSON.stringify(stream.body)
  const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-one' }
  const answer = await builtInFetch.call(provider.origin + stream.path, {
    body,
    headers,
    ...(door && { dispatcher: door }),
  })
  expect(answer.headers['cache-status']).toContain('detail=converted')
  expect(provider.calls).toHaveLength(1)
})

test("a stream's document is there from its end marker on, though the provider holds the socket", async () => {
  const provider = await setUp()
  const released = Promise.withResolvers<void>()
  provider.script({ hold: released.promise })
  const live = await ask(provider, stream)
  const reader = live.body?.pipeThrough(new TextDecoderStream()).getReader()
  let heard = ''
  while (!heard.includes('[DONE]')) heard += (await reader?.read())?.value ?? ''
  expect(cacheStatus(await ask(provider, json))).toContain('detail=converted')
  released.resolve()
})

test('a compressed answer is converted too', async () => {
  const provider = await setUp()
  provider.script({ coding: 'gzip' })
  const whole = await documentOf(await ask(provider, json))
  const answer = await ask(provider, stream)
  expect(answer.headers.get('content-encoding')).toBeNull()
  const deltas = eventsOf(await answer.text()).flatMap(({ choices }) => choices[0]?.delta?.content ?? '')
  expect(deltas.join('')).toBe(whole.choices[0]?.message?.content)
})

describe("Anthropic's tools", () => {
  const { json: plain, stream: streamed, rows: anthropic } = formsOf('Anthropic')
  const tool = { name: 'weather', input_schema: { type: 'object', properties: {} } }
  const own = { type: 'bash_20250124', name: 'bash' }
  const withTools = (one: Ask, tools: object[]): Ask => ({ ...one, body: { ...one.body, tools } })

  test('may stream eagerly: the document is the same', async () => {
    const provider = await startProvider()
    installCache({ crossMode: true, providers: anthropic(provider.origin) })
    const eager = withTools(streamed, [{ ...tool, eager_input_streaming: true }, own])
    await (await ask(provider, eager)).text()
    expect(cacheStatus(await ask(provider, withTools(plain, [tool, own])))).toContain('detail=converted')
    expect(cacheStatus(await ask(provider, withTools(plain, [{ ...tool, name: 'other' }, own])))).toContain('fwd=miss;')
  })

  test.for([
    ['a document', 'a stream', plain, streamed],
    ['a stream', 'a document', streamed, plain],
  ] as const)('that are eager in %s are found by %s with the same tools', async ([, , first, second]) => {
    const provider = await startProvider()
    installCache({ crossMode: true, providers: anthropic(provider.origin) })
    const tools = [
      { ...tool, eager_input_streaming: true },
      { ...tool, name: 'other' },
    ]
    await (await ask(provider, withTools(first, tools))).text()
    expect(cacheStatus(await ask(provider, withTools(second, tools)))).toContain('detail=converted')
  })

  test('are left out of the look alone: two streams that differ in them are two answers', async () => {
    const provider = await startProvider()
    installCache({ crossMode: true, providers: anthropic(provider.origin) })
    await (await ask(provider, withTools(streamed, [tool]))).text()
    const eager = await ask(provider, withTools(streamed, [{ ...tool, eager_input_streaming: true }]))
    expect(statusOf(eager)).toBe('MISS')
  })
})

describe('Gemini', () => {
  test('keeps the credential of its query, and finds the other form with it alone', async () => {
    const { json: plain, stream: streamed, rows: gemini } = formsOf('Gemini as SSE')
    const provider = await startProvider()
    installCache({ crossMode: true, providers: gemini(provider.origin) })
    const keyed = (one: Ask, key: string): Ask => ({
      ...one,
      path: `${one.path}${one.path.includes('?') ? '&' : '?'}key=${key}`,
    })
    await (await ask(provider, keyed(plain, 'one'))).text()
    expect(cacheStatus(await ask(provider, keyed(streamed, 'one')))).toContain('detail=converted')
    expect(cacheStatus(await ask(provider, keyed(streamed, 'two')))).toContain('fwd=miss; key')
  })
})

test.for(undiciDoors)('$1.name gets a converted answer', async ([undici, door]) => {
  const provider = await startProvider()
  const cache = openCache({ crossMode: true, providers: rows(provider.origin) })
  const dispatcher = new undici.Agent().compose(cache.interceptor)
  const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-one' }
  const call = (one: Ask) =>
    door.call(provider.origin + one.path, { body: JSON.stringify(one.body), headers, dispatcher })
  await call(json)
  const answer = await call(stream)
  expect(answer.headers['cache-status']).toContain('detail=converted')
  expect(answer.headers['content-type']).toBe(stream.contentType)
  expect(answer.body.toString().endsWith('data: [DONE]\n\n')).toBe(true)
  expect(provider.calls).toHaveLength(1)
})
