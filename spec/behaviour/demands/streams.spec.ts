import { Writable } from 'node:stream'
import { stream as undiciStream } from 'undici'
import { expect, test } from 'vitest'
import { data } from '../../support/shapes/shape.ts'
import { type Ask, setUp, startAt } from './set-up.ts'

const stream: Ask = { fields: { stream: true } }
const choice = (delta: object, finish: string | null = null): object => ({
  id: 'c',
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, finish_reason: finish }],
})
const DONE = 'data: [DONE]\n\n'

/** What undici hands on, chunk by chunk: fetch puts together what is there at once. */
async function chunksOf(origin: string): Promise<string[]> {
  const chunks: string[] = []
  const body = JSON.stringify({ model: 'gpt-4o', messages: [], stream: true })
  const headers = { 'content-type': 'application/json' }
  const write = (chunk: Buffer, _coding: string, done: () => void): void => {
    chunks.push(chunk.toString())
    done()
  }
  await undiciStream(`${origin}/v1/chat/completions`, { method: 'POST', headers, body }, () => new Writable({ write }))
  return chunks
}

test('a hit comes in the chunks of the first answer (litellm#11145)', async () => {
  const { cache, provider } = await setUp()
  provider.script({ gap: 2 })
  const first = await chunksOf(provider.origin)
  const hit = await chunksOf(provider.origin)
  expect(cache.stats().hits).toBe(1)
  expect(hit.length).toBeGreaterThan(3)
  expect(hit).toEqual(first)
})

test.for([
  ['reasoning_content (litellm#32068)', choice({ reasoning_content: 'Hm …' }), choice({ content: 'Hi' })],
  ['what follows a finish reason (openai-node)', choice({ content: 'Hi' }), choice({}, 'stop'), choice({ tail: 1 })],
  ['a member that nobody knows', choice({ content: 'Hi', new_in_2027: { a: [1] } })],
] as const)('%s is on a hit as it was', async ([, ...chunks]) => {
  const { ask, provider } = await setUp()
  const events = [...chunks, choice({}, 'stop')].map(data)
  provider.script({ events: [...events, DONE] })
  await ask(stream)
  expect(await ask(stream)).toMatchObject({ cache: 'HIT', text: `${events.join('')}${DONE}` })
})

test('usage in the last chunk alone is on a hit, and known of the entry', async () => {
  const { ask, cache, provider } = await setUp()
  const usage = data({
    ...choice({}),
    choices: [],
    usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
  })
  provider.script({ events: [data(choice({ content: 'Hi' })), data(choice({}, 'stop')), usage, DONE] })
  await ask(stream)
  expect((await ask(stream)).text).toContain(usage)
  expect([...cache.entries()]).toMatchObject([{ usage: { inputTokens: 9, outputTokens: 3 } }])
})

test('streams of the Responses API are stored (litellm#24579)', async () => {
  const { ask, provider } = await setUp()
  const responses = { path: '/v1/responses', body: '{"model":"gpt-5.1","input":"Hm?","stream":true}' }
  const first = await ask(responses)
  expect(first.text).toContain('response.completed')
  expect(await ask(responses)).toMatchObject({ cache: 'HIT', text: first.text })
  expect(provider.calls).toHaveLength(1)
})

test('who asks for JSON never gets a stream, nor the other way round (semantic-router#378)', async () => {
  const { ask, provider } = await setUp()
  const types: (string | null)[] = []
  for (const one of [{}, stream, {}, stream]) types.push((await ask(one)).headers.get('content-type'))
  expect(types).toEqual([0, 1].flatMap(() => ['application/json', 'text/event-stream; charset=utf-8']))
  expect(provider.calls).toHaveLength(2)
})

test.for(['end', 'reset'] as const)('a stream that breaks off by %s is not stored (gonka#1723)', async (how) => {
  const { ask, cache, provider } = await setUp()
  provider.script({ cut: { after: 5, how } })
  await ask(stream).catch((error: unknown) => expect(how, String(error)).toBe('reset'))
  expect(cache.stats().entries).toBe(0)
  const whole = await ask(stream)
  expect(whole).toMatchObject({ cache: 'MISS' })
  expect(whole.text.endsWith(DONE)).toBe(true)
})

test('the first event is there while the provider has not sent the second (aimock#125)', async () => {
  const { provider } = await setUp()
  const released = Promise.withResolvers<void>()
  provider.script({ gate: { after: 1, until: released.promise } })
  const reader = (await startAt(provider.origin, stream)).body?.getReader()
  const first = await reader?.read()
  expect(Buffer.from(first?.value ?? []).toString()).toMatch(/^data: .+\n\n$/)
  released.resolve()
  await reader?.cancel()
})
