import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { Rewriter } from '../../../lib/convert/rewriter.ts'
import type { LlmCacheOptions } from '../../../lib/index.ts'
import { MemoryStore } from '../../../lib/stores/memory.ts'
import { installCache, openCache } from '../../support/cache.ts'
import { decodedText, statusOf } from '../../support/calls.ts'
import { undiciDoors } from '../../support/doors.ts'
import type { Provider } from '../../support/provider.ts'
import { startProvider } from '../../support/start-provider.ts'
import { ask, type Ask, cacheStatus, type Forms, FORMS, formsOf } from './forms.ts'

const { json, stream, rows } = formsOf('OpenAI chat')
const GENERATION = 'gen-1762317021-AbCdEfGhIjKlMnOpQrSt'

async function setUp(options: LlmCacheOptions = {}): Promise<Provider> {
  const provider = await startProvider()
  installCache({ rewrite: 'openrouter', providers: rows(provider.origin), ...options })
  return provider
}

async function textOf(provider: Provider, one: Ask, headers?: Record<string, string>): Promise<string> {
  return (await ask(provider, one, headers)).text()
}

/** Every number under a name that counts tokens. */
function countsIn(text: string): number[] {
  return [...text.matchAll(/"(?:\w*tokens|\w*TokenCount|\w*eval_count)":(\d+)/g)].map(([, count]) => Number(count))
}

function idsIn(text: string): string[] {
  return [...text.matchAll(/"(?:id|responseId)":"((?:chatcmpl|cmpl|resp|msg|cohere)[-_\w]*)"/g)].map(
    ([, id = '']) => id,
  )
}

describe.for(FORMS)('$name', (forms: Forms) => {
  test.for(['json', 'stream'] as const)(
    'a hit of %s has no usage, and nothing else is new but id and time',
    async (form) => {
      const provider = await startProvider()
      installCache({ rewrite: 'openrouter', providers: forms.rows(provider.origin) })
      const live = await textOf(provider, forms[form])
      const answer = await ask(provider, forms[form])
      expect(statusOf(answer)).toBe('HIT')
      const hit = await answer.text()
      expect(countsIn(live).some((count) => count > 0)).toBe(true)
      expect(countsIn(hit).every((count) => count === 0)).toBe(true)
      expect(neutral(hit)).toBe(neutral(live))
      expect(provider.calls).toHaveLength(1)
    },
  )
})

/** A body with every value that may be new replaced by one word. */
function neutral(body: string): string {
  return body
    .replaceAll(/"(id|responseId)":"(?:chatcmpl|cmpl|resp|msg|cohere)[-_\w]*"/g, '"$1":ID')
    .replaceAll(/"(created|created_at)":("[^"]*"|\d+)/g, '"$1":TIME')
    .replaceAll(/"(\w*tokens|\w*TokenCount|\w*eval_count)":\d+/g, '"$1":COUNT')
}

describe('as OpenRouter does', () => {
  test('the first answer is as it came, and each hit has an id of its own, in its head too', async () => {
    const provider = await setUp()
    provider.script({
      headers: { 'X-Generation-Id': GENERATION },
      events: [
        JSON.stringify({
          id: GENERATION,
          created: 5,
          choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }],
        }),
      ],
    })
    const answers = []
    for (const _ of [1, 2, 3]) {
      const answer = await ask(provider, json)
      const { id, created } = JSON.parse(await answer.text())
      expect(answer.headers.get('x-generation-id')).toBe(id)
      answers.push({ id, created })
    }
    expect(answers[0]).toEqual({ id: GENERATION, created: 5 })
    expect(new Set(answers.map(({ id }) => id)).size).toBe(3)
    for (const { id, created } of answers.slice(1)) {
      expect(id).toMatch(/^gen-\d{10}-\w{22}$/)
      expect(created).toBeGreaterThan(1_780_000_000)
    }
  })

  test('every event of a stream has the same fresh id and time', async () => {
    const provider = await setUp()
    const live = await textOf(provider, stream)
    const hit = await textOf(provider, stream)
    const [id, ...others] = new Set(idsIn(hit))
    expect(others).toEqual([])
    expect(id).not.toBe(idsIn(live)[0])
    expect(idsIn(hit).length).toBe(idsIn(live).length)
    expect(new Set(hit.match(/"created":\d+/g)).size).toBe(1)
  })

  test('a Responses answer that the provider keeps has its own id, so that the next call finds it', async () => {
    const responses = formsOf('OpenAI Responses')
    const provider = await startProvider()
    installCache({ rewrite: 'openrouter', providers: responses.rows(provider.origin) })
    for (const form of [responses.json, responses.stream]) {
      const [live] = idsIn(await textOf(provider, form))
      expect(idsIn(await textOf(provider, form))[0]).toBe(live)
    }
  })

  test('what a hit saves is counted as it was', async () => {
    const provider = await startProvider()
    const cache = installCache({ rewrite: 'openrouter', providers: rows(provider.origin) })
    await textOf(provider, json)
    await textOf(provider, json)
    expect(cache.stats().saved.outputTokens).toBe(8)
  })

  test('an answer is read for it when it is stored, and no hit reads it again', async () => {
    const prepare = vi.spyOn(Rewriter.prototype, 'prepare')
    onTestFinished(() => prepare.mockRestore())
    const provider = await setUp()
    await textOf(provider, json)
    await textOf(provider, json)
    expect(prepare.mock.calls.map(([entry, format]) => [entry.size > 0, format])).toEqual([[true, 'openai-chat']])
  })

  test('who joins a call that another made gets its answer as it is', async () => {
    const provider = await setUp()
    const { promise, resolve } = Promise.withResolvers<void>()
    provider.script({ gate: { after: 2, until: promise } })
    const first = await ask(provider, stream)
    const second = await ask(provider, stream)
    expect(statusOf(second)).toBe('COALESCED')
    resolve()
    expect(await second.text()).toBe(await first.text())
  })
})

test('a batch of embeddings has no usage', async () => {
  const provider = await setUp()
  const texts: Ask = {
    path: '/v1/embeddings',
    body: { model: 'text-embedding-3-small', input: ['a', 'b'] },
    contentType: json.contentType,
  }
  const live = await textOf(provider, texts)
  const hit = await textOf(provider, texts)
  expect(countsIn(hit)).toEqual([0, 0])
  expect(neutral(hit)).toBe(neutral(live))
})

describe('who asks for it', () => {
  test('nobody by default: hits are exact bytes', async () => {
    const provider = await startProvider()
    installCache({ providers: rows(provider.origin), dialectAnswers: true })
    expect(await textOf(provider, json)).toBe(await textOf(provider, json))
  })

  test('a rule, and a scope nearer than it', async () => {
    const provider = await startProvider()
    const rule = { match: { path: '/v1/chat/*' }, rewrite: { usage: 'zero' as const } }
    const cache = installCache({ providers: rows(provider.origin), rules: [rule] })
    const live = await textOf(provider, json)
    expect(countsIn(await textOf(provider, json)).every((count) => count === 0)).toBe(true)
    expect(await cache.with({ rewrite: {} }, () => textOf(provider, json))).toBe(live)
  })

  const openRouter = { 'x-openrouter-cache': 'true' }
  const fastRouter = { cache_key: 'faq' }

  test("a call in OpenRouter's dialect, where `dialectAnswers` says so", async () => {
    const provider = await startProvider()
    installCache({ providers: rows(provider.origin), dialectAnswers: true })
    const live = await textOf(provider, json, openRouter)
    const hit = await textOf(provider, json, openRouter)
    expect(idsIn(hit)).not.toEqual(idsIn(live))
    expect(countsIn(hit).every((count) => count === 0)).toBe(true)
    expect(await textOf(provider, json)).toBe(live)
  })

  test("a call in FastRouter's dialect is told that it was cached, and how similar the question was", async () => {
    const provider = await startProvider()
    installCache({ providers: rows(provider.origin), dialectAnswers: true })
    const live = JSON.parse(await textOf(provider, json, fastRouter))
    const answer = await ask(provider, json, fastRouter)
    expect(JSON.parse(await answer.text())).toEqual({ ...live, cached: true, similarity: 1 })
    await textOf(provider, stream, fastRouter)
    const events = (await textOf(provider, stream, fastRouter))
      .split('\n\n')
      .filter((event) => event.startsWith('data: {'))
    expect(events.every((event) => event.endsWith(',"cached":true,"similarity":1}'))).toBe(true)
  })

  test('a dialect changes nothing where `dialectAnswers` is off', async () => {
    const provider = await startProvider()
    installCache({ providers: rows(provider.origin) })
    for (const headers of [openRouter, fastRouter]) {
      const live = await textOf(provider, json, headers)
      expect(await textOf(provider, json, headers)).toBe(live)
    }
  })
})

test.for(['gzip', 'br', 'zstd', 'deflate'] as const)('an answer in %s is told anew, decoded', async (coding) => {
  const provider = await setUp()
  provider.script({ coding })
  const live = await decodedText(await ask(provider, stream))
  const answer = await ask(provider, stream)
  expect(answer.headers.get('content-encoding')).toBeNull()
  expect(neutral(await answer.text())).toBe(neutral(live))
})

test('an answer that was stored compressed, before anything asked for more, is rewritten as well', async () => {
  const provider = await startProvider()
  const cache = installCache({ providers: rows(provider.origin) })
  provider.script({ coding: 'gzip' })
  const live = await textOf(provider, json)
  const hit = await cache.with({ rewrite: 'openrouter' }, () => textOf(provider, json))
  expect(countsIn(hit).every((count) => count === 0)).toBe(true)
  expect(neutral(hit)).toBe(neutral(live))
  expect(await textOf(provider, json)).toBe(live)
})

test('a hit from a second tier is rewritten', async () => {
  const provider = await startProvider()
  const store = new MemoryStore({ maxSize: 1e6, maxEntries: 10 })
  const first = openCache({ providers: rows(provider.origin), store })
  const uninstall = first.install()
  const live = await textOf(provider, json)
  await first.flush()
  uninstall()
  installCache({ rewrite: 'openrouter', providers: rows(provider.origin), store })
  for (const _ of [1, 2]) {
    const answer = await ask(provider, json)
    expect(statusOf(answer)).toBe('HIT')
    const hit = await answer.text()
    expect(countsIn(hit).every((count) => count === 0)).toBe(true)
    expect(neutral(hit)).toBe(neutral(live))
  }
})

test('a converted answer is rewritten', async () => {
  const provider = await setUp({ crossMode: true })
  const [live] = idsIn(await textOf(provider, json))
  const answer = await ask(provider, stream)
  expect(cacheStatus(answer)).toContain('detail=converted')
  const hit = await answer.text()
  expect(countsIn(hit).every((count) => count === 0)).toBe(true)
  expect(new Set(idsIn(hit)).size).toBe(1)
  expect(idsIn(hit)[0]).not.toBe(live)
})

test.for(undiciDoors)('$1.name gets a rewritten hit whole', async ([undici, door]) => {
  const provider = await startProvider()
  const cache = openCache({ rewrite: 'openrouter', providers: rows(provider.origin) })
  const dispatcher = new undici.Agent().compose(cache.interceptor)
  const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-one' }
  for (const one of [json, stream]) {
    const call = () => door.call(provider.origin + one.path, { body: JSON.stringify(one.body), headers, dispatcher })
    const live = await call()
    const hit = await call()
    expect(hit.headers['x-llm-cache']).toBe('HIT')
    expect(neutral(hit.body.toString())).toBe(neutral(live.body.toString()))
    const length = hit.headers['content-length']
    if (length !== undefined) expect(Number(length)).toBe(hit.body.length)
  }
})
