import * as fc from 'fast-check'
import { inspect } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import type { KeyScope } from '../../../lib/key/key.ts'
import { type CallParts, identify, keyOf, makeCall, makeIdentifier, OPENAI_CHAT, PLAIN } from './call.ts'
import { object, respell } from './respell.ts'
import { noiseName, unknownName } from '../request/header-names.ts'

const BODY = { model: 'gpt', messages: [{ role: 'user', content: 'my secret prompt' }], temperature: 0 }
const HEADERS = { authorization: 'Bearer sk-secret', 'content-type': 'application/json' }

describe('a key', () => {
  it('is 64 lower-case hex digits and the same for the same call', async () => {
    expect(await keyOf(BODY)).toMatch(/^[0-9a-f]{64}$/)
    expect(await keyOf(BODY)).toBe(await keyOf(BODY))
  })

  it('is the same for every spelling of a body, with one memory and without', async () => {
    const shared = makeIdentifier()
    await fc.assert(
      fc.asyncProperty(object, fc.gen(), async (json, gen) => {
        const text = respell(json, (bound) => gen(fc.nat, { max: bound - 1 }))
        const key = await keyOf(JSON.stringify(json))
        expect(await keyOf(text)).toBe(key)
        for (const spelling of [text, JSON.stringify(json), text]) {
          expect((await identify(spelling, {}, shared)).key(PLAIN)).toBe(key)
        }
      }),
    )
  })

  it('remembers what it read of a body, but no model whose name is a megabyte', async () => {
    const shared = makeIdentifier()
    for (const [model, isKept] of [['gpt', true] as const, ['m'.repeat(200_000), false] as const]) {
      const one = await identify({ ...BODY, model }, {}, shared)
      const two = await identify({ ...BODY, model }, {}, shared)
      expect(two.facts === one.facts).toBe(isKept)
      expect(two.key(PLAIN)).toBe(one.key(PLAIN))
    }
  })

  it.each<[string, CallParts]>([
    ['another credential', { headers: { ...HEADERS, authorization: 'Bearer sk-other' } }],
    ['no credential', { headers: { 'content-type': 'application/json' } }],
    ['one more credential', { headers: { ...HEADERS, 'cf-aig-authorization': 'x' } }],
    ['another credential header', { headers: { 'x-api-key': 'Bearer sk-secret', 'content-type': 'application/json' } }],
    ['a semantic header', { headers: { ...HEADERS, 'openai-beta': 'x' } }],
    ['another project', { headers: { ...HEADERS, 'openai-project': 'x' } }],
    ['another media type', { headers: { ...HEADERS, 'content-type': 'text/plain' } }],
    ['another origin', { url: 'https://us.api.openai.com/v1/chat/completions' }],
    ['another host', { url: 'https://api.groq.com/openai/v1/chat/completions' }],
    ['another path', { url: 'https://api.openai.com/v1/responses' }],
    ['a query', { url: `${OPENAI_CHAT}?a=1` }],
    ['a key in the query', { url: `${OPENAI_CHAT}?key=1` }],
    ['another method', { method: 'PUT' }],
  ])('is another with %s', async (_, parts) => {
    const shared = makeIdentifier()
    const one = (await identify(BODY, { headers: HEADERS }, shared)).key(PLAIN)
    expect((await identify(BODY, { headers: HEADERS, ...parts }, shared)).key(PLAIN)).not.toBe(one)
    expect((await identify(BODY, { headers: HEADERS }, shared)).key(PLAIN)).toBe(one)
  })

  it.each([
    ['user-agent', 'ai/7'],
    ['x-stainless-retry-count', '3'],
    ['x-stainless-lang', 'js'],
    ['traceparent', '00-1-2-01'],
    ['tracestate', 'a=b'],
    ['baggage', 'a=b'],
    ['amz-sdk-invocation-id', '1'],
    ['x-amz-date', '20260102T000000Z'],
    ['accept-language', 'de'],
    ['http-referer', 'https://app.example'],
    ['x-title', 'app'],
    ['content-length', '1'],
    ['cache-control', 'max-age=1'],
    ['x-llm-cache', 'refresh'],
    ['x-openrouter-cache', 'true'],
    ['cf-aig-skip-cache', 'true'],
    ['cookie', ''],
  ])('is the same with the header %s', async (name, value) => {
    const shared = makeIdentifier()
    const one = (await identify(BODY, { headers: HEADERS }, shared)).key(PLAIN)
    expect((await identify(BODY, { headers: { [name]: value, ...HEADERS } }, shared)).key(PLAIN)).toBe(one)
    expect(await keyOf(BODY, { headers: { [name]: value, ...HEADERS } })).toBe(one)
  })

  it('is another with any header that nobody knows, and with another value of it', async () => {
    await fc.assert(
      fc.asyncProperty(
        unknownName,
        fc.uniqueArray(fc.stringMatching(/^[ -~]{0,20}$/), { minLength: 2 }),
        async (on, values) => {
          const shared = makeIdentifier()
          const keys = [undefined, ...values].map(async (value) => {
            const headers = value === undefined ? HEADERS : { ...HEADERS, [on]: value }
            return (await identify(BODY, { headers }, shared)).key(PLAIN)
          })
          expect(new Set(await Promise.all(keys)).size).toBe(values.length + 1)
        },
      ),
    )
  })

  it('is the same with any header of the table of noise', async () => {
    const shared = makeIdentifier()
    const one = (await identify(BODY, { headers: HEADERS }, shared)).key(PLAIN)
    await fc.assert(
      fc.asyncProperty(noiseName, fc.stringMatching(/^[ -~]{0,20}$/), async (name, value) => {
        const headers = { ...HEADERS, [name]: value }
        expect((await identify(BODY, { headers }, shared)).key(PLAIN)).toBe(one)
      }),
      { numRuns: 1000 },
    )
  })

  it('is the same whatever a header holds that `ignoreHeaders` names', async () => {
    const ignoreHeaders = ['x-release', 'X-Acme-*', '*']
    for (const ignored of ignoreHeaders) {
      const key = (headers: object): Promise<string> => keyOf(BODY, { headers, ignoreHeaders: [ignored] })
      const name = ignored.replace('*', 'x-acme-1')
      expect(await key({ ...HEADERS, [name]: '1' })).toBe(await key(HEADERS))
      expect(await key({ ...HEADERS, 'x-api-key': '1' })).not.toBe(await key(HEADERS))
    }
  })

  it.each<[string, unknown]>([
    ['tools', { ...BODY, tools: [{ type: 'function', function: { name: 'f' } }] }],
    ['tool_choice', { ...BODY, tool_choice: 'auto' }],
    ['response_format', { ...BODY, response_format: { type: 'json_object' } }],
    ['max_tokens', { ...BODY, max_tokens: 16 }],
    ['top_p', { ...BODY, top_p: 0.5 }],
    ['stop', { ...BODY, stop: ['x'] }],
    ['n', { ...BODY, n: 2 }],
    ['an omitted temperature', { ...BODY, temperature: undefined }],
    ['stream', { ...BODY, stream: true }],
    ['a member that nobody knows', { ...BODY, brand_new: 1 }],
    ['upper case', { ...BODY, messages: [{ role: 'user', content: 'My secret prompt' }] }],
    ['a tool_call_id', { ...BODY, messages: [...BODY.messages, { role: 'tool', tool_call_id: 'a', content: '' }] }],
    ["a provider's own cache member", { ...BODY, cache: { type: 'ephemeral' } }],
  ])('is another with %s', async (_, body) => {
    expect(await keyOf(body)).not.toBe(await keyOf(BODY))
  })

  it('is the same with `stream: false`, but not at Ollama, which streams by itself', async () => {
    expect(await keyOf({ ...BODY, stream: false })).toBe(await keyOf(BODY))
    const url = 'http://localhost:11434/api/chat'
    expect(await keyOf({ ...BODY, stream: false }, { url })).not.toBe(await keyOf(BODY, { url }))
  })

  it('does not depend on the order of query parameters of different names', async () => {
    const key = (search: string): Promise<string> => keyOf(BODY, { url: OPENAI_CHAT + search })
    expect(await key('?b=2&a=1')).toBe(await key('?a=1&b=2'))
    expect(await key('?a=1&a=2')).not.toBe(await key('?a=2&a=1'))
    expect(await key('?a=1b&=2')).not.toBe(await key('?a=1&b=2'))
  })

  it('keeps the order of properties in schemas only', async () => {
    const tools = (parameters: object): unknown => ({
      ...BODY,
      tools: [{ type: 'function', function: { name: 'f', parameters } }],
    })
    const one = await keyOf(tools({ properties: { a: {}, b: {} } }))
    expect(await keyOf(tools({ properties: { b: {}, a: {} } }))).not.toBe(one)
    const format = (schema: object): unknown => ({
      ...BODY,
      response_format: { type: 'json_schema', json_schema: schema },
    })
    expect(await keyOf(format({ a: 1, b: 2 }))).not.toBe(await keyOf(format({ b: 2, a: 1 })))
  })

  it.each<[string, string, string]>([
    ['integers beyond 2^53', '{"model":"m","seed":9007199254740993}', '{"model":"m","seed":9007199254740992}'],
    ['-0 and 0', '{"model":"m","a":-0}', '{"model":"m","a":0}'],
    ['duplicate names', '{"model":"m","a":1,"a":2}', '{"model":"m","a":2}'],
    ['lone surrogates', String.raw`{"model":"\ud800"}`, String.raw`{"model":"\ud801"}`],
    ['spellings where only bytes are safe', '{"model":"m","a":-0}', '{"model":"m", "a":-0}'],
  ])('tells %s apart', async (_, left, right) => {
    expect(await keyOf(left)).not.toBe(await keyOf(right))
    expect(await keyOf(left)).toBe(await keyOf(left))
  })

  it('tells bytes that are no UTF-8 apart', async () => {
    const body = (byte: number): Buffer =>
      Buffer.concat([Buffer.from('{"model":"'), Buffer.from([byte]), Buffer.from('"}')])
    expect(await keyOf(body(0x80))).not.toBe(await keyOf(body(0x81)))
    expect(await keyOf(body(0x80))).not.toBe(await keyOf('{"model":"\uFFFD"}'))
  })

  it('is of the raw bytes above `canonicalLimit`', async () => {
    const identifier = makeIdentifier({ canonicalLimit: 20 })
    const key = async (text: string): Promise<string> => (await identify(text, {}, identifier)).key(PLAIN)
    expect(await key('{"model":"m","a":1}')).toBe(await key('{"a":1,"model":"m"}'))
    expect(await key('{"model":"mmmmm","a":1}')).not.toBe(await key('{"a":1,"model":"mmmmm"}'))
  })
})

describe('forms of a body', () => {
  it('never meet: bytes that look like another body in canonical form have a key of their own', async () => {
    const identifier = makeIdentifier({ canonicalLimit: 30 })
    const key = async (text: string): Promise<string> => (await identify(text, {}, identifier)).key(PLAIN)
    const canonical = String.raw`{"response_format":{"":"{\"a\":1}"}}`
    expect(await key('{"response_format":{"a":1}}')).not.toBe(await key(canonical))
  })
})

describe('a scope', () => {
  const scopes: readonly KeyScope[] = [
    PLAIN,
    { namespace: 'a', variant: 0 },
    { namespace: 'b', variant: 0 },
    { namespace: '', variant: 1 },
    { namespace: '', variant: 10 },
    { namespace: '1', variant: 0 },
    { namespace: '\ud800', variant: 0 },
    { namespace: '\ud801', variant: 0 },
    { namespace: '', variant: 0, cacheKey: '' },
    { namespace: '', variant: 0, cacheKey: 'a' },
    { namespace: '', variant: 0, anyModel: true },
    { namespace: '', variant: 0, anyProvider: true },
    { namespace: '', variant: 0, anyProvider: true, cacheKey: 'a' },
    { namespace: '', variant: 0, anyModel: true, anyProvider: true },
  ]

  it('makes a key of its own, by turns too', async () => {
    const identified = await identify(BODY)
    const keys = scopes.map((scope) => identified.key(scope))
    expect(new Set(keys).size).toBe(scopes.length)
    expect(scopes.map((scope) => identified.key(scope))).toEqual(keys)
    const again = await identify(BODY)
    expect(scopes.toReversed().map((scope) => again.key(scope))).toEqual(keys.toReversed())
  })

  it('shares among models with `anyModel`', async () => {
    const scope: KeyScope = { namespace: '', variant: 0, anyModel: true }
    const one = await keyOf(BODY, {}, scope)
    expect(await keyOf({ ...BODY, model: 'other' }, {}, scope)).toBe(one)
    expect(await keyOf({ ...BODY, top_p: 1 }, {}, scope)).not.toBe(one)
    expect(await keyOf(BODY, { headers: { ...HEADERS, authorization: 'Bearer other' } }, scope)).not.toBe(one)
    const azure = (model: string): CallParts => ({
      url: `https://a.openai.azure.com/openai/deployments/${model}/chat/completions`,
    })
    expect(await keyOf(BODY, azure('a'), scope)).toBe(await keyOf(BODY, azure('b'), scope))
    const gemini = (action: string): CallParts => ({
      url: `https://generativelanguage.googleapis.com/v1beta/models/m:${action}`,
    })
    expect(await keyOf({}, gemini('generateContent'), scope)).not.toBe(
      await keyOf({}, gemini('streamGenerateContent'), scope),
    )
  })

  it('shares among hosts with `anyProvider` and one cache key, and only then', async () => {
    const identifier = makeIdentifier()
    const groq = { url: 'https://api.groq.com/openai/v1/chat/completions', headers: HEADERS }
    const shared: KeyScope = { namespace: '', variant: 0, anyProvider: true, cacheKey: 'mine' }
    const key = async (body: unknown, parts: CallParts, scope: KeyScope): Promise<string> =>
      (await identify(body, parts, identifier)).key(scope)
    expect(await key(BODY, groq, shared)).toBe(await key(BODY, {}, shared))
    expect(await key(BODY, groq, { ...shared, cacheKey: 'other' })).not.toBe(await key(BODY, {}, shared))
    expect(await key({ ...BODY, model: 'other' }, groq, shared)).not.toBe(await key(BODY, {}, shared))
    const open: KeyScope = { namespace: '', variant: 0, anyProvider: true }
    expect(await key(BODY, groq, open)).not.toBe(await key(BODY, {}, open))
  })
})

describe('the option `identity`', () => {
  it('decides who shares, in place of the credential', async () => {
    const identifier = makeIdentifier({ identity: ({ headers }) => headers.get('X-Tenant') ?? '' })
    const key = async (tenant: string, authorization: string): Promise<string> =>
      (await identify(BODY, { headers: { ...HEADERS, authorization, 'x-tenant': tenant } }, identifier)).key(PLAIN)
    expect(await key('a', 'Bearer 1')).toBe(await key('a', 'Bearer 2'))
    expect(await key('a', 'Bearer 1')).not.toBe(await key('b', 'Bearer 1'))
  })

  it('sees provider, method, origin, path and headers', async () => {
    const identity = vi.fn(() => 'me')
    await identify(BODY, { url: `${OPENAI_CHAT}?a=1` }, makeIdentifier({ identity }))
    expect(identity).toHaveBeenCalledWith(
      expect.objectContaining({
        provider: 'openai',
        method: 'POST',
        origin: 'https://api.openai.com',
        path: '/v1/chat/completions?a=1',
      }),
    )
  })

  it('stays in the key with `anyProvider` and a cache key', async () => {
    const scope: KeyScope = { namespace: '', variant: 0, anyProvider: true, cacheKey: 'mine' }
    const keys = ['a', 'b'].map(async (tenant) =>
      (await identify(BODY, {}, makeIdentifier({ identity: () => tenant }))).key(scope),
    )
    const [left, right] = await Promise.all(keys)
    expect(left).not.toBe(right)
  })

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('no tenant')
      },
    ],
    ['gives a number', () => 1],
    ['gives nothing', () => undefined],
    ['gives a promise', () => Promise.resolve('a')],
  ])('fails the call with a code of its own when it %s', (_, identity) => {
    // A user without TypeScript may return anything.
    const identifier = makeIdentifier({ identity: identity as () => string })
    expect(() => identifier.identify(makeCall(), Buffer.from('{}'))).toThrow(
      expect.objectContaining({ code: 'ERR_LLM_CACHE_CALLBACK' }),
    )
  })
})

describe('secrets', () => {
  it('are in no key and in nothing that an identified call shows', async () => {
    const url = `${OPENAI_CHAT}?key=query-secret`
    for (const identity of [undefined, () => 'tenant-secret']) {
      const identified = await identify(BODY, { url, headers: HEADERS }, makeIdentifier({ identity }))
      const shown = inspect(identified, { depth: 10, getters: false, showHidden: true }) + JSON.stringify(identified)
      const key = identified.key({ namespace: 'a', variant: 0 })
      expect(shown + key + JSON.stringify(identified.facts)).not.toMatch(/secret|prompt|Bearer/)
    }
  })
})
