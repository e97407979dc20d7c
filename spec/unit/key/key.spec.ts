import { describe, expect, it, test } from 'vitest'
import { type KeyScope, makeKey } from '../../../lib/key/key.ts'
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
  ['a plain call', BODY, {}, PLAIN, '5f3a20c932fec52505384b05b09042c710d5105c2ef25bca8d295d2893346816'],
  [
    'a query',
    BODY,
    { url: `${OPENAI_CHAT}?b=2&a=1` },
    PLAIN,
    'b773e75f153455edf129d773ed49d4f30b32bd2f213592ddcc1d529d5fec4a0c',
  ],
  [
    'a semantic header',
    BODY,
    { headers: { authorization: 'Bearer sk-one', 'openai-beta': 'x' } },
    PLAIN,
    '210574b4fc610d26adaa294769f20ebf099a9a220792fecfd002f8e26ad2feb2',
  ],
  ['no credential', BODY, { headers: {} }, PLAIN, 'b05d4bd6738bbb6dcbeaa869587a587037a47a1d465b7163778fc4deca4ed4dc'],
  [
    'a model in the path',
    { contents: [] },
    { url: GEMINI },
    PLAIN,
    '90baa04405223238206323d5f0422e497b20893ad1edbb1dca5f0b5a53e20764',
  ],
  [
    'a namespace and a variant',
    BODY,
    {},
    { namespace: 'n', variant: 2 },
    '656294585c032b660760a8dc458e18ca6edb16c1f7c3ff0e3274337ebc1c363d',
  ],
  [
    'any model',
    BODY,
    {},
    { ...PLAIN, anyModel: true, cacheKey: 'faq' },
    'bbc54b4fad4b82a40885bf4da965d1945533bc470e1d50a768f21b8ab947d5bf',
  ],
  [
    'any provider',
    BODY,
    {},
    { ...PLAIN, anyProvider: true, cacheKey: 'faq' },
    'f668ea61e44593ec61617964445f8d6fb3c3e950bb38e1507a4f56ae406d98f7',
  ],
  [
    'both',
    { contents: [] },
    { url: GEMINI },
    { ...PLAIN, anyModel: true, anyProvider: true, cacheKey: 'f' },
    '42ae2dbd7590e822dedfb40973e0cef2f2b6895e8c1214926be9349137439c56',
  ],
  [
    'raw bytes',
    '{"model":"gpt","seed":9007199254740993}',
    {},
    PLAIN,
    'fd2e2076e61d568f4bf7d415d0529e26e20120e817a91626a8d7d231d9564a06',
  ],
  [
    'a form',
    FORM,
    { url: 'https://api.openai.com/v1/audio/transcriptions', headers: FORM_HEADERS },
    PLAIN,
    '6f8e0ceb633f31fc281323b2ccf6f3f2398c6636d34a8ec706a23e8321c7c3cd',
  ],
])('the key of %s is the one that stores hold', async (_, body, parts, scope, key) => {
  expect(await keyOf(body, parts, scope)).toBe(key)
})

describe('the parts of a key', () => {
  it('make the key', async () => {
    const identity = await identify(BODY)
    expect(makeKey(identity.parts(PLAIN))).toBe(identity.key(PLAIN))
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

  it('tell headers and query parameters one by one', async () => {
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
