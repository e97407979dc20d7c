import { describe, expect, test } from 'vitest'
import type { LlmCacheOptions } from '../../../lib/index.ts'
import { type Ask, setUp } from './set-up.ts'

type Pair = readonly [demand: string, one: Ask, other: Ask]

const tool = (name: string, parameters: object = {}): object => ({ type: 'function', function: { name, parameters } })
const says = (content: string, more: object = {}): Ask => ({
  fields: { messages: [{ role: 'user', content }], ...more },
})
const toolResult = (id: string): Ask => ({
  fields: { messages: [{ role: 'tool', tool_call_id: id, content: '21 degrees' }] },
})
const schema = (...names: string[]): Ask => {
  const properties = Object.fromEntries(names.map((name) => [name, { type: 'string' }]))
  return { fields: { response_format: { type: 'json_schema', json_schema: { name: 's', schema: { properties } } } } }
}
const responses = (fields: object): Ask => ({
  path: '/v1/responses',
  body: JSON.stringify({ model: 'gpt-5.1', input: 'Say something.', ...fields }),
})
const beta = (name: string): Ask => ({
  path: '/v1/messages',
  headers: { 'anthropic-version': '2023-06-01', 'anthropic-beta': name },
})
const speech = (bytes: string, name = 'speech.mp3'): Ask => ({
  path: '/v1/audio/transcriptions',
  body() {
    const form = new FormData()
    form.append('model', 'whisper-1')
    form.append('file', new Blob([bytes]), name)
    return form
  },
})

const APART: readonly Pair[] = [
  ['tools are part of the key (NadirClaw#90)', { fields: { tools: [tool('a')] } }, { fields: { tools: [tool('b')] } }],
  ['no tools is not the same as tools (NadirClaw#90)', {}, { fields: { tools: [tool('a')] } }],
  ['response_format is part of the key (NadirClaw#90)', {}, { fields: { response_format: { type: 'json_object' } } }],
  ['tool_choice is part of the key (NadirClaw#90)', {}, { fields: { tool_choice: 'none' } }],
  ['tool_call_id is part of the key (NadirClaw#90)', toolResult('call_1'), toolResult('call_2')],
  [
    'a 16-token answer never answers a 4000-token ask (OrcaRouter-Lite#84)',
    { fields: { max_tokens: 16 } },
    { fields: { max_tokens: 4000 } },
  ],
  ['top_p is part of the key (OrcaRouter-Lite#84)', {}, { fields: { top_p: 0.1 } }],
  ['stop is part of the key (OrcaRouter-Lite#84)', {}, { fields: { stop: ['\n'] } }],
  ['n is part of the key (OrcaRouter-Lite#84)', {}, { fields: { n: 2 } }],
  ['an omitted temperature is not 0 (OrcaRouter-Lite#84)', {}, { fields: { temperature: 0 } }],
  ...Object.entries({
    instructions: 'Be brief.',
    reasoning: { effort: 'high' },
    text: { verbosity: 'low' },
    max_output_tokens: 16,
    truncation: 'auto',
    include: ['reasoning.encrypted_content'],
    parallel_tool_calls: false,
    top_logprobs: 2,
    previous_response_id: 'resp_0',
    a_parameter_of_tomorrow: true,
  }).map(([name, value]): Pair => [
    `${name} of the Responses API is part of the key (litellm#25673)`,
    responses({}),
    responses({ [name]: value }),
  ]),
  ['two bodies under the same path and headers are two calls (undici#4817)', says('May Ann?'), says('May Bob?')],
  [
    'parts of the key never run together, whatever stands between them (undici#5012)',
    { headers: { 'openai-organization': 'ab', 'openai-project': 'c' } },
    { headers: { 'openai-organization': 'a', 'openai-project': 'bc' } },
  ],
  [
    'a delimiter inside a part divides nothing (undici#5012)',
    { headers: { 'x-llm-cache-namespace': 'a:b|1' } },
    { headers: { 'x-llm-cache-namespace': 'a:b', 'x-llm-cache-variant': '1' } },
  ],
  ['the fields of a form are part of the key (vinext#111)', speech('one'), speech('two!')],
  ['a file counts by its bytes, not by its name (litellm, audio)', speech('abc'), speech('abd')],
  ['beta headers are part of the key (NeMo-Relay#1034)', beta('context-1m-2025-08-07'), beta('files-api-2025-04-14')],
  ...Object.entries({
    'x-bf-vk': 'tells the tenants of a Bifrost gateway apart',
    'x-policy-id': 'chooses a content policy at Azure',
    'x-portkey-provider': 'chooses the provider behind Portkey',
    'x-amzn-bedrock-guardrailidentifier': 'chooses a guardrail at Bedrock',
    'helicone-model-override': 'chooses the model behind Helicone',
    'x-a-header-of-tomorrow': 'may do anything',
  }).map(([name, why]): Pair => [
    `the header ${name} is part of the key, since it ${why}`,
    { headers: { [name]: 'one' } },
    { headers: { [name]: 'other' } },
  ]),
  ['the case of a prompt counts (bifrost)', says('Polish this'), says('polish this')],
  ['the order of a schema counts, since it steers the model', schema('first', 'second'), schema('second', 'first')],
  [
    'the order of a tool that comes in the input counts (llm-d-router#2590)',
    responses({ input: [{ type: 'additional_tools', tools: [{ type: 'function', parameters: { a: {}, b: {} } }] }] }),
    responses({ input: [{ type: 'additional_tools', tools: [{ type: 'function', parameters: { b: {}, a: {} } }] }] }),
  ],
]

const SHARED: readonly (readonly [...Pair, LlmCacheOptions?])[] = [
  ['a schema that its SDK sends twice hits (litellm#9692)', schema('first', 'second'), schema('first', 'second')],
  [
    'the same bytes are the same key, as text or as bytes (bifrost#2791)',
    { body: '{"messages":[],"model":"m"}' },
    { body: new TextEncoder().encode('{"messages":[],"model":"m"}') },
  ],
  ['the random boundary of a form is not part of the key (vinext#111)', speech('abc'), speech('abc')],
  [
    'a field that is told to be ignored is ignored (Helicone#5768)',
    { fields: { metadata: { trace: 'one', team: 'x' } } },
    { fields: { metadata: { trace: 'two', team: 'x' } } },
    { ignoreFields: ['metadata.trace'] },
  ],
  [
    'a header that is told to be ignored is ignored',
    { headers: { 'x-release': '1', 'X-Acme-Call': 'a' } },
    { headers: { 'x-release': '2', 'X-Acme-Pod': 'b' } },
    { ignoreHeaders: ['X-Release', 'x-acme-*'] },
  ],
  [
    'what traces a call is not part of the key (next.js#64499, vault-lambda-extension#146)',
    { headers: { traceparent: '00-1-2-01', 'x-request-id': 'a', 'x-datadog-trace-id': '1', 'sentry-trace': '1' } },
    { headers: { traceparent: '00-3-4-01', 'x-request-id': 'b', baggage: 'a=b', 'x-amzn-trace-id': 'Root=1' } },
  ],
]

describe('calls that differ', () => {
  test.for(APART)('%s', async ([, one, other]) => {
    const { ask, provider } = await setUp()
    const [first, second] = [await ask(one), await ask(other)]
    expect([first.cache, second.cache]).toEqual(['MISS', 'MISS'])
    expect(await ask(one)).toMatchObject({ cache: 'HIT', text: first.text })
    expect(await ask(other)).toMatchObject({ cache: 'HIT', text: second.text })
    expect(provider.calls).toHaveLength(2)
  })

  test.for(APART)('at once, too: %s', async ([, one, other]) => {
    const { ask, provider } = await setUp()
    const [first, second] = await Promise.all([ask(one), ask(other)])
    expect([first.cache, second.cache]).toEqual(['MISS', 'MISS'])
    expect(provider.calls).toHaveLength(2)
    expect(await ask(one)).toMatchObject({ cache: 'HIT', text: first.text })
  })
})

describe('calls that mean the same', () => {
  test.for(SHARED)('%s', async ([, one, other, options]) => {
    const { ask, provider } = await setUp(options)
    const first = await ask(one)
    expect(await ask(other)).toMatchObject({ cache: 'HIT', text: first.text, key: first.key })
    expect(provider.calls).toHaveLength(1)
  })
})

test('a credential counts, whatever options leave out of the key', async () => {
  const { ask, provider } = await setUp({ ignoreHeaders: ['*', 'x-*', 'auth*'] })
  const [first] = [await ask(), await ask({ apiKey: 'sk-two' }), await ask({ headers: { 'x-api-key': 'three' } })]
  expect(provider.calls).toHaveLength(3)
  expect(await ask({ headers: { 'anthropic-beta': 'x' } })).toMatchObject({ cache: 'HIT', text: first.text })
})

test('a control works, whatever options leave out of the key', async () => {
  const { ask } = await setUp({ ignoreHeaders: ['*', 'x-llm-*'] })
  await ask()
  expect(await ask({ headers: { 'x-llm-cache-namespace': 'other' } })).toMatchObject({ cache: 'MISS' })
  expect(await ask({ headers: { 'x-llm-cache': 'bypass' } })).toMatchObject({ cache: 'BYPASS' })
})

test('a form reaches the provider whole after it was read for the key (vinext#111)', async () => {
  const { ask, provider } = await setUp()
  await ask(speech('the bytes of a speech'))
  const [call] = provider.calls
  expect(call?.body.toString()).toContain('the bytes of a speech')
  expect(call?.headers['content-length']).toBe(String(call?.body.length))
  expect(call?.body.toString()).toContain(/boundary=(.+)/.exec(call?.headers['content-type'] ?? '')?.[1])
})

test('the same call has the same key in every cache (bifrost#2791)', async () => {
  const { ask, provider } = await setUp()
  const { key } = await ask()
  await setUp({ hosts: [provider.origin] })
  expect((await ask()).key).toBe(key)
})

test('a key shows nothing of the prompt (litellm#29414)', async () => {
  const { ask } = await setUp()
  expect((await ask(says('my salary'))).key).toMatch(/^[0-9a-f]{64}$/)
})
