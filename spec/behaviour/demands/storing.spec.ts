import { describe, expect, test } from 'vitest'
import type { LlmCacheOptions, Stats } from '../../../lib/index.ts'
import type { Behaviour } from '../../support/behaviour.ts'
import { data } from '../../support/shapes/shape.ts'
import { rowAt } from '../../support/rows.ts'
import { startProvider } from '../../support/start-provider.ts'
import { askAt, setUp } from './set-up.ts'

type Reason = keyof Stats['refusals']
type Row = readonly [demand: string, reason: Reason, behaviour: Behaviour]

const completion = (message: object, finish: string): string =>
  JSON.stringify({
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }],
  })
const answer = (message: object, finish = 'stop'): Behaviour => ({ events: [completion(message, finish)] })
const chunks = (delta: object, finish: string): string =>
  data({ object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })
const call = (args: string): object => ({
  content: null,
  tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: args } }],
})

const REFUSED: readonly Row[] = [
  ...[400, 401, 429, 500, 503, 529].map((status): Row => [
    `an error of ${status} (lean-ctx#1169)`,
    'status',
    { status },
  ]),
  ['an error body in a 200 (lean-ctx#1169)', 'error', { events: ['{"error":{"message":"overloaded"}}'] }],
  ['a refusal that would defeat a retry loop (inspect_ai#4846)', 'refusal', answer({ content: null, refusal: 'No.' })],
  ['a filtered answer (inspect_ai#4846)', 'content-filter', answer({ content: '' }, 'content_filter')],
  ['an empty completion (ontogpt#455)', 'empty', answer({ content: '' })],
  ['an answer without a choice (ontogpt#455)', 'empty', { events: ['{"object":"chat.completion","choices":[]}'] }],
  ['a tool call with broken JSON (TensorZero)', 'broken-tool-call', answer(call('{"city":'), 'tool_calls')],
  ['JSON that was cut', 'malformed', { events: [completion({ content: 'Hi' }, 'stop').slice(0, -2)] }],
  ['a body shorter than it says', 'network', { events: [completion({ content: 'Hi' }, 'stop')], contentLength: 9999 }],
]

describe('never stored', () => {
  test.for(REFUSED)('%s', async ([, reason, behaviour]) => {
    const { ask, cache, provider } = await setUp()
    provider.script(behaviour)
    await ask().catch((error: unknown) => expect(reason, String(error)).toBe('network'))
    expect(cache.stats()).toMatchObject({ stores: 0, entries: 0, refusals: { [reason]: 1 } })
    expect(await ask()).toMatchObject({ status: 200, cache: 'MISS' })
    expect(provider.calls).toHaveLength(2)
  })

  test('a failure inside a stream that goes on to its marker (lean-ctx#1169)', async () => {
    const { ask, cache, provider } = await setUp()
    provider.script({ failAfter: 3 })
    const first = await ask({ fields: { stream: true } })
    expect(first.text).toMatch(/"error".+\n\ndata: \[DONE\]\n\n$/)
    expect(cache.stats()).toMatchObject({ stores: 0, refusals: { error: 1 } })
    expect(await ask({ fields: { stream: true } })).toMatchObject({ cache: 'MISS' })
  })
})

const once = chunks({ content: 'Hi' }, 'stop')
const TOO_FEW: readonly (readonly [what: string, fields: object, behaviour: Behaviour])[] = [
  ['a choice', { n: 2 }, answer({ content: 'Hi' })],
  ['a streamed choice', { n: 2, stream: true }, { events: [once, 'data: [DONE]\n\n'] }],
]

test.for(TOO_FEW)('an answer that lacks %s that was asked for is not stored', async ([, fields, behaviour]) => {
  const { ask, cache, provider } = await setUp()
  provider.script(behaviour)
  await ask({ fields })
  expect(cache.stats()).toMatchObject({ stores: 0, refusals: { incomplete: 1 } })
  expect(await ask({ fields })).toMatchObject({ cache: 'MISS' })
  expect(await ask({ fields })).toMatchObject({ cache: 'HIT' })
})

test('a list of vectors that lacks one is not stored', async () => {
  const { ask, cache, provider } = await setUp({ embeddings: 'whole' })
  const one = { object: 'list', data: [{ object: 'embedding', index: 0, embedding: [0.5] }], model: 'e' }
  provider.script({ events: [JSON.stringify(one)] })
  const batch = { path: '/v1/embeddings', fields: { input: ['a', 'b'] } }
  await ask(batch)
  expect(cache.stats()).toMatchObject({ stores: 0, refusals: { incomplete: 1 } })
  expect(await ask(batch)).toMatchObject({ cache: 'MISS' })
  expect(await ask(batch)).toMatchObject({ cache: 'HIT' })
})

test('a stream without [DONE] is stored at the host that is known to send none, and nowhere else', async () => {
  const perplexity = await startProvider()
  const { ask, cache, provider } = await setUp({ providers: rowAt('perplexity')(perplexity.origin) })
  const fields = { stream: true, model: 'r1-1776' }
  provider.script({ events: [once] })
  perplexity.script({ events: [once] })
  await ask({ fields })
  expect(cache.stats()).toMatchObject({ stores: 0, refusals: { incomplete: 1 } })
  await askAt(perplexity.origin, { path: '/chat/completions', fields })
  expect(await askAt(perplexity.origin, { path: '/chat/completions', fields })).toMatchObject({
    cache: 'HIT',
    text: once,
  })
  expect(perplexity.calls).toHaveLength(1)
})

test.for([
  ['refusal', answer({ content: null, refusal: 'No.' })],
  ['contentFilter', answer({ content: '' }, 'content_filter')],
  ['empty', answer({ content: '' })],
  ['brokenToolCall', answer(call('{"city":'), 'tool_calls')],
] as const)('who wants them can have them: refuse.%s', async ([knob, behaviour]) => {
  const refuse: LlmCacheOptions['refuse'] = { [knob]: false }
  const { ask, provider } = await setUp({ refuse })
  provider.script(behaviour)
  const first = await ask()
  expect(await ask()).toMatchObject({ cache: 'HIT', text: first.text })
})

test('an answer cut by its budget answers that budget alone (LightRAG#3446)', async () => {
  const { ask, provider } = await setUp()
  const cut = answer({ content: 'Once upon' }, 'length')
  provider.script(cut)
  const first = await ask({ fields: { max_tokens: 2 } })
  expect(await ask({ fields: { max_tokens: 2 } })).toMatchObject({ cache: 'HIT', text: first.text })
  expect(await ask({ fields: { max_tokens: 4000 } })).toMatchObject({ cache: 'MISS' })
  const strict = await setUp({ refuse: { length: true } })
  strict.provider.script(cut)
  await strict.ask({ fields: { max_tokens: 2 } })
  expect(strict.cache.stats().refusals).toEqual({ length: 1 })
})

test('a tool call without arguments is a whole answer', async () => {
  const { ask, provider } = await setUp()
  provider.script(answer(call(''), 'tool_calls'))
  await ask()
  expect(await ask()).toMatchObject({ cache: 'HIT' })
})

test('what is stored is the stream as it was, its usage included', async () => {
  const { ask, provider } = await setUp()
  const events = [
    data({ choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: 'stop' }] }),
    'data: [DONE]\n\n',
    ': bye\n\n',
  ]
  provider.script({ events })
  await ask({ fields: { stream: true } })
  expect((await ask({ fields: { stream: true } })).text).toBe(events.join(''))
})
