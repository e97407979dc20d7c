import { describe, expect, it, vi } from 'vitest'
import { openaiChat } from '../../../lib/providers/formats/openai-chat.ts'
import { identify, keyOf, makeCall, makeIdentifier, OPENAI_CHAT, PLAIN } from './call.ts'

const BODY = { model: 'gpt', messages: [{ role: 'user', content: 'my secret prompt' }], temperature: 0 }
const HEADERS = { authorization: 'Bearer sk-secret', 'content-type': 'application/json' }
const BIG = { ...BODY, messages: [{ role: 'user', content: 'x'.repeat(2_000_000) }] }

describe('an identified call', () => {
  it('is found out synchronously up to 256 kB of JSON', () => {
    const sizes = [10, 256 * 1024 - 20]
    for (const size of sizes) {
      const body = Buffer.from(JSON.stringify({ model: 'x'.repeat(size) }))
      expect(makeIdentifier().identify(makeCall(), body)).not.toBeInstanceOf(Promise)
    }
  })

  // Sizes on both sides of each way to hash: side by side with the head, at one go, in slices.
  it.each([1, 20_000, 100_000, 300_000, 1_200_000])(
    'is the same for a string as for its bytes, and parsed once for both: %i characters',
    async (size) => {
      for (const letter of ['a', '\u00e9', '\u20ac', '\u{1f600}', '\ud800']) {
        const spy = vi.spyOn(openaiChat, 'inspect')
        const text = JSON.stringify({ model: 'gpt', input: '' }).replace('""', `"${letter.repeat(size)}"`)
        const identifier = makeIdentifier()
        const one = await identifier.identify(makeCall(), text)
        const other = await identifier.identify(makeCall(), Buffer.from(text))
        expect(one.key(PLAIN)).toBe(other.key(PLAIN))
        expect([one.facts.model, one.upstreamBody]).toEqual(['gpt', text])
        expect(spy).toHaveBeenCalledTimes(1)
        spy.mockRestore()
      }
    },
  )

  it('never takes a part of the body for a part of the head', async () => {
    const identifier = makeIdentifier()
    const ids = [
      { url: `${OPENAI_CHAT}?a`, body: '{}' },
      { url: `${OPENAI_CHAT}?a=1`, body: '{}' },
      { url: OPENAI_CHAT, body: '{}4:POST' },
      { url: OPENAI_CHAT, body: '4:POST' },
      { url: OPENAI_CHAT, body: '' },
    ].map(async ({ url, body }) => (await identifier.identify(makeCall({ url }), body)).key(PLAIN))
    expect(new Set(await Promise.all(ids)).size).toBe(ids.length)
  })

  it('is parsed and inspected once however often it comes', async () => {
    const spy = vi.spyOn(openaiChat, 'inspect')
    const identifier = makeIdentifier()
    const read = async (): Promise<unknown> => (await identify(BODY, {}, identifier)).facts
    const facts = await read()
    expect(await read()).toBe(facts)
    expect(spy).toHaveBeenCalledTimes(1)
    spy.mockRestore()
  })

  it('tells what a large body asks for as it does of a small one', async () => {
    const big = await identify(BIG)
    expect(big.facts).toMatchObject({ model: 'gpt', stream: false, deterministic: true, veto: undefined })
    expect((await identify({ ...BIG, stream: true, web_search_options: {} })).facts).toMatchObject({
      stream: true,
      veto: 'hosted-tool',
    })
    expect(big.key(PLAIN)).not.toBe(await keyOf({ ...BIG, n: 2 }))
    expect(big.key(PLAIN)).toBe(await keyOf(BIG))
  })

  it.each(['', 'no JSON', '[]', '1', '{"model":', '{"a":1}x', '\uFEFF{}'])(
    'is vetoed, with a key of its bytes, for the body %j',
    async (body) => {
      const identified = await identify(body)
      expect(identified.facts.veto).toBe('body-encoding')
      expect(identified.control).toBeUndefined()
      expect(identified.key(PLAIN)).toBe(await keyOf(body))
      expect(identified.key(PLAIN)).not.toBe(await keyOf(`${body} `))
    },
  )

  it('is vetoed for a body with a content coding, and for large bytes that are no JSON', async () => {
    const headers = { ...HEADERS, 'content-encoding': 'gzip' }
    expect((await identify(BODY, { headers })).facts.veto).toBe('body-encoding')
    expect((await identify(BIG, { headers })).facts.veto).toBe('body-encoding')
    expect((await identify('x'.repeat(2_000_000))).facts.veto).toBe('body-encoding')
  })

  it('survives 100,000 levels of nesting', async () => {
    const nested = `{"model":"m","a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expect((await identify(nested)).facts).toMatchObject({ model: 'm', veto: undefined })
    expect(await keyOf(nested)).toBe(await keyOf(nested))
  })

  it('leaves ignored fields out of the key and in the body', async () => {
    const identifier = makeIdentifier({ ignoreFields: ['user', 'messages[*].id'] })
    const one = await identify({ ...BODY, user: 'a' }, {}, identifier)
    expect(one.key(PLAIN)).toBe((await identify({ ...BODY, user: 'b' }, {}, identifier)).key(PLAIN))
    expect(one.key(PLAIN)).toBe((await identify(BODY, {}, identifier)).key(PLAIN))
    expect(Buffer.from(one.upstreamBody).toString()).toContain('"user":"a"')
  })

  it('refuses a broken path in `ignoreFields`', () => {
    expect(() => makeIdentifier({ ignoreFields: ['a..b'] })).toThrow(TypeError)
  })
})

describe("a gateway's control in the body", () => {
  const ORQ = { type: 'exact_match', ttl: 60 }

  it.each([
    ['small', BODY],
    ['large', BIG],
  ])('is read, cut and not part of the key of a %s body', async (_, body) => {
    const identified = await identify({ ...body, cache: ORQ })
    expect(identified.control).toMatchObject({ dialect: 'orq', ttl: 60 })
    expect(Buffer.from(identified.upstreamBody).toString()).toBe(JSON.stringify(body))
    expect(identified.key(PLAIN)).toBe(await keyOf(body))
  })

  it('is not part of a key of raw bytes', async () => {
    expect(await keyOf('{"a":-0,"cache":{"type":"exact_match"}}')).toBe(await keyOf('{"a":-0}'))
  })

  it('is sent on to the gateway that owns it', async () => {
    const body = Buffer.from(JSON.stringify({ ...BODY, cache: ORQ }))
    const identified = await identify(body, { url: 'https://api.orq.ai/v3/router/chat/completions' })
    expect(identified.control).toBeDefined()
    expect(identified.upstreamBody).toBe(body)
  })

  it('is an ordinary member where its dialect is off, or its shape is another', async () => {
    const body = Buffer.from(JSON.stringify({ ...BODY, cache: ORQ }))
    const off = await identify(body, {}, makeIdentifier({ dialects: ['openrouter'] }))
    expect([off.control, off.upstreamBody]).toEqual([undefined, body])
    const own = await identify({ ...BODY, cache: { type: 'ephemeral' } })
    expect(own.control).toBeUndefined()
    expect(own.key(PLAIN)).not.toBe(await keyOf(BODY))
  })

  it('leaves a body without a control as it came', async () => {
    const body = Buffer.from(JSON.stringify(BODY))
    expect((await identify(body)).upstreamBody).toBe(body)
  })
})
