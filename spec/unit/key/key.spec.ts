import { describe, expect, it, test } from 'vitest'
import { digest, lengthPrefixed } from '../../../lib/base/digest.ts'
import type { KeyScope } from '../../../lib/key/key.ts'
import { type CallParts, identify, keyOf, makeCall, OPENAI_CHAT, PLAIN } from './call.ts'

const BODY = { model: 'gpt', messages: [{ role: 'user', content: 'hi' }] }
const HEADERS = { authorization: 'Bearer sk-one', 'content-type': 'application/json' }
const GEMINI = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-3-pro:generateContent'
const FORM = [
  '--x\r\ncontent-disposition: form-data; name="model"\r\n\r\nwhisper-1',
  '--x\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\nabc',
  '--x--\r\n',
].join('\r\n')
const FORM_HEADERS = { authorization: 'Bearer sk-one', 'content-type': 'multipart/form-data; boundary=x' }

test.each<[name: string, body: unknown, parts: CallParts, scope: KeyScope, key: string]>([
  ['a plain call', BODY, {}, PLAIN, '838d6311b9fd50e7d54b03b4886b57fe5a61bdf6868d945bf0aec62f6c2f2493'],
  [
    'a query',
    BODY,
    { url: `${OPENAI_CHAT}?b=2&a=1` },
    PLAIN,
    '8fa33cff6dc6753598ad8972a907378827ad907b06bc48c932f8c5f0d6307b86',
  ],
  [
    'a semantic header',
    BODY,
    { headers: { authorization: 'Bearer sk-one', 'openai-beta': 'x' } },
    PLAIN,
    '45cfc97c1df953ac969e2e66b7d4dc95af7c6daf18689f4c601dab461817284f',
  ],
  ['no credential', BODY, { headers: {} }, PLAIN, 'e292ea820bc994407d4bd527e2e52144964919febe4c43e70d587e68babf4174'],
  [
    'a model in the path',
    { contents: [] },
    { url: GEMINI },
    PLAIN,
    '3143687b13f3a253660fd56dd9ca92965629f17a737c04b852df9b1a3e1500a0',
  ],
  [
    'a namespace and a variant',
    BODY,
    {},
    { namespace: 'n', variant: 2 },
    'c0b64107933aa395b57e11e03f00a3f48c0a55d0dd7743d775f89eb775fcfd34',
  ],
  [
    'any model',
    BODY,
    {},
    { ...PLAIN, anyModel: true, cacheKey: 'faq' },
    '6e2cd5de8fd4d9c37985b0a6b96d434b2d8438506cb2bbbd7ae52d5bf5b51b47',
  ],
  [
    'any provider',
    BODY,
    {},
    { ...PLAIN, anyProvider: true, cacheKey: 'faq' },
    'b5e287a3daec3745129b83ab2d651a5c6b56d863a33431365b4a73bd823345bc',
  ],
  [
    'both',
    { contents: [] },
    { url: GEMINI },
    { ...PLAIN, anyModel: true, anyProvider: true, cacheKey: 'f' },
    '2d734aa6c1aee73851f49832c98ac7bfe199bc2a3624e2545b32d2c82ff5b5ab',
  ],
  [
    'raw bytes',
    '{"model":"gpt","seed":9007199254740993}',
    {},
    PLAIN,
    'edad3dd29bcd0cd2cbf26953a4eb143b4e71c91a390a3ce4661f655cedfe1816',
  ],
  [
    'a form',
    FORM,
    { url: 'https://api.openai.com/v1/audio/transcriptions', headers: FORM_HEADERS },
    PLAIN,
    'f8ce24a582894e3474d83bec7d01779f19da3a4ce0531c84a0880545d52b99a1',
  ],
])('the key of %s is the one that stores hold', async (_, body, parts, scope, key) => {
  expect(await keyOf(body, parts, scope)).toBe(key)
})

describe('the parts of a key', () => {
  it('make the key', async () => {
    const identity = await identify(BODY)
    expect(digest(lengthPrefixed(identity.parts(PLAIN).map(({ value }) => value)))).toBe(identity.key(PLAIN))
  })

  it.each<[differs: string[], body: unknown, parts: CallParts, scope: KeyScope]>([
    [[], { messages: BODY.messages, model: 'gpt' }, {}, PLAIN],
    [['body'], { ...BODY, model: 'gpt-5' }, {}, PLAIN],
    [['query'], BODY, { url: `${OPENAI_CHAT}?a=1` }, PLAIN],
    [['path'], BODY, { url: 'https://api.openai.com/v1/responses' }, PLAIN],
    [['origin', 'path'], BODY, { url: 'https://api.groq.com/openai/v1/chat/completions' }, PLAIN],
    [['headers'], BODY, { headers: { ...HEADERS, 'openai-beta': 'x' } }, PLAIN],
    [['caller'], BODY, { headers: { ...HEADERS, authorization: 'Bearer sk-two' } }, PLAIN],
    [['namespace', 'variant'], BODY, {}, { namespace: 'n', variant: 1 }],
  ])('say that two calls differ in %j', async (differs, body, parts, scope) => {
    const values = new Map((await identify(body, parts)).parts(scope).map(({ name, value }) => [name, value]))
    const others = (await identify(BODY)).parts(PLAIN).filter(({ name, value }) => values.get(name) !== value)
    expect(others.map(({ name }) => name)).toEqual(differs)
  })

  it('list headers and query parameters one by one', async () => {
    const headers = { ...HEADERS, 'openai-beta': 'x' }
    const parts = (await identify(BODY, { url: `${OPENAI_CHAT}?b=2&a=1`, headers })).parts(PLAIN)
    expect(Object.fromEntries(parts.flatMap(({ name, pairs }) => (pairs ? [[name, pairs]] : [])))).toEqual({
      query: [
        ['a', '1'],
        ['b', '2'],
      ],
      headers: [
        ['content-type', 'application/json'],
        ['openai-beta', 'x'],
      ],
    })
  })
})

describe('a varied call', () => {
  it('has the key of a call that was made so', async () => {
    const other = { ...BODY, stream: true }
    const varied = (await identify(BODY)).vary({ body: Buffer.from(JSON.stringify(other)) })
    expect(varied.key(PLAIN)).toBe(await keyOf(other))
    expect(varied.facts.stream).toBe(true)
  })

  it('may go to another endpoint, with other headers', async () => {
    const body = { contents: [] }
    const other = { url: GEMINI.replace('generate', 'streamGenerate'), headers: { ...HEADERS, 'x-goog-api-key': 'k' } }
    const { match, headers } = makeCall(other)
    const varied = (await identify(body, { url: GEMINI })).vary({ match, headers })
    expect(varied.key(PLAIN)).toBe(await keyOf(body, other))
  })

  it('starts from a parse of its own', async () => {
    const identity = await identify(BODY)
    const body = identity.json()
    Object.assign(body ?? {}, { model: 'other' })
    expect([body?.model, identity.json()]).toEqual(['other', BODY])
  })

  it.each<[string, string | Uint8Array]>([
    ['a number that a parse would change', '{"seed":9007199254740993}'],
    ['a name twice', '{"a":1,"a":1}'],
    ['no object', '[]'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['a body above canonicalLimit', JSON.stringify({ a: 'x'.repeat(2_000_000) })],
  ])('is not made of %s', async (_, body) => {
    expect((await identify(body)).json()).toBeUndefined()
  })

  it('is made of the body without a gateway control, as it is sent', async () => {
    const body = { ...BODY, cache: { type: 'exact_match' } }
    expect((await identify(body)).json()).toEqual(BODY)
  })
})
