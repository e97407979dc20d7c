import { readFile } from 'node:fs/promises'
import { describe, expect, test, vi } from 'vitest'
import { type CassetteEntry, openCassette } from '../../../lib/cassette.ts'
import { cassettePath, chat, entriesOf, insert, messageOf, withCassette } from '../../support/cassette.ts'
import { startNetwork } from '../../support/start-network.ts'
import { startProvider } from '../../support/start-provider.ts'

const OPENAI = 'https://api.openai.com'

/** Replaces a text wherever it stands in an entry. */
function without(text: string): (entry: CassetteEntry) => CassetteEntry {
  return (entry) => JSON.parse(JSON.stringify(entry).replaceAll(text, '[gone]'))
}

test('credentials, cookies and control headers are never written', async () => {
  const provider = await startProvider()
  provider.always({ headers: { 'set-cookie': 'session=abc', 'openai-organization': 'org-acme' } })
  const path = cassettePath()
  await withCassette(path, { mode: 'once', hosts: [provider.origin] }, () =>
    chat(provider.origin, {}, { authorization: 'Bearer one', cookie: 'a=b', 'x-my-token': 'two', 'x-llm-cache': 'on' }),
  )
  const [entry] = await entriesOf(path)
  expect(entry?.request.headers).toEqual({ 'content-type': 'application/json' })
  expect(entry?.response.headers).toMatchObject({ 'openai-organization': '[account]' })
  expect(entry?.response.headers).not.toHaveProperty('set-cookie')
  expect(provider.calls[0]?.headers).not.toHaveProperty('x-llm-cache')
})

describe('redactFields', () => {
  test('are replaced in the call, and in what the answer echoes of them', async () => {
    const provider = await startProvider()
    const echo = {
      user: 'ada@example.com',
      metadata: { of: 'ada@example.com' },
      choices: [{ text: 'Dear ada@example.com' }],
    }
    provider.always({ events: [JSON.stringify(echo)], contentType: 'application/json' })
    const path = cassettePath()
    const options = { hosts: [provider.origin], redactFields: ['user', 'messages[*].name'] }
    const body = { user: 'ada@example.com', messages: [{ role: 'user', name: 'Ada', content: 'Hi' }] }
    await withCassette(path, { ...options, mode: 'once' }, () => chat(provider.origin, body))
    expect(await readFile(path, 'utf8')).not.toMatch(/ada@|"Ada"/)
    expect((await entriesOf(path))[0]).toMatchObject({
      request: { json: { user: '[redacted]', messages: [{ name: '[redacted]' }] } },
      response: { json: { user: '[redacted]', choices: [{ text: 'Dear [redacted]' }] } },
    })
    const other = { user: 'bob@example.com', messages: [{ role: 'user', name: 'Bob', content: 'Hi' }] }
    const answer = await withCassette(path, { ...options, mode: 'none' }, () => chat(provider.origin, other))
    expect(answer.status).toBe(200)
  })

  test('are replaced where a model repeats them word by word', async () => {
    const provider = await startProvider()
    const words = ['Dear ', 'ada@', 'exam', 'ple.com', ', hello']
    const events = words.map(
      (content) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`,
    )
    const end = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    provider.always({ events: [...events, end], contentType: 'text/event-stream' })
    const path = cassettePath()
    const options = { hosts: [provider.origin], redactFields: ['user'] }
    await withCassette(path, { ...options, mode: 'once' }, () =>
      chat(provider.origin, { user: 'ada@example.com', stream: true }),
    )
    const text = await withCassette(path, { ...options, mode: 'none' }, async () =>
      (await chat(provider.origin, { user: 'bob', stream: true })).text(),
    )
    const said = [...text.matchAll(/"content":"([^"]*)"/g)].map(([, content]) => content)
    expect(said).toEqual(['Dear ', '[redacted]', '', '', ', hello'])
  })
})

test('what redactFields could not take out of bytes is not saved', async () => {
  const provider = await startProvider()
  const bytes = Buffer.from([0xff, ...Buffer.from('Dear ada@example.com'), 0xfe])
  provider.always({ events: [bytes], contentType: 'application/vnd.amazon.eventstream' })
  const cassette = await insert(cassettePath(), { mode: 'once', hosts: [provider.origin], redactFields: ['user'] })
  await (await chat(provider.origin, { user: 'ada@example.com' })).arrayBuffer()
  await expect(cassette.close()).rejects.toThrow(
    /response\.chunks\[0\]\.base64 \(what redactFields took out of the call\)/,
  )
})

test('a word that redactFields took out may still be in a prompt', async () => {
  const { origin } = await startProvider()
  const path = cassettePath()
  const messages = [{ role: 'user', content: 'What is a production system?' }]
  await withCassette(path, { mode: 'once', hosts: [origin], redactFields: ['metadata.stage'] }, () =>
    chat(origin, { messages, metadata: { stage: 'production' } }),
  )
  expect((await entriesOf(path))[0]?.request.json).toMatchObject({ messages, metadata: { stage: '[redacted]' } })
})

test('redactFields reach into streams of every spelling', async () => {
  const provider = await startProvider()
  const events = ['data: {"user": "ada", "x": 1}\r\n\r\n', 'data: { "user":"ada" }\n\n', 'data: [DONE]\n\n']
  provider.always({ events, contentType: 'text/event-stream' })
  const path = cassettePath()
  const options = { mode: 'once', hosts: [provider.origin], redactFields: ['user'] } as const
  await withCassette(path, options, async () => (await chat(provider.origin, { user: 'ada', stream: true })).text())
  expect(await readFile(path, 'utf8')).not.toContain('"ada"')
})

describe('redact', () => {
  test('changes what is kept, and what a call is matched by', async () => {
    startNetwork()
    const path = cassettePath()
    const body = (name: string): object => ({ messages: [{ role: 'user', content: `I am ${name}` }] })
    await withCassette(path, { mode: 'once', redact: without('Ada') }, () => chat(OPENAI, body('Ada')))
    expect(await readFile(path, 'utf8')).toContain('I am [gone]')
    const answer = await withCassette(path, { mode: 'none', redact: without('Bob') }, () => chat(OPENAI, body('Bob')))
    expect(answer.status).toBe(200)
  })

  test('may change the answer, whose length follows', async () => {
    startNetwork()
    const path = cassettePath()
    const redact = (entry: CassetteEntry): CassetteEntry => {
      if (entry.response.status === 0) return entry
      const { json: _, ...response } = entry.response
      return { ...entry, response: { ...response, text: 'short' } }
    }
    await withCassette(path, { mode: 'once', redact }, () => chat(OPENAI))
    const answer = await withCassette(path, { mode: 'none' }, () => chat(OPENAI))
    expect(answer.headers.get('content-length')).toBe('5')
    expect(await answer.text()).toBe('short')
  })

  test('that throws fails the call, which never goes live', async () => {
    const network = startNetwork()
    const redact = (): never => {
      throw new Error('no such member')
    }
    const answer = await withCassette(cassettePath(), { mode: 'once', redact }, () => chat(OPENAI))
    expect(answer.status).toBe(400)
    expect(await messageOf(answer)).toContain('the option `redact` threw (no such member)')
    expect(network.calls).toEqual([])
  })

  test('that throws on the answer keeps it out, and says so when the cassette is closed', async () => {
    vi.spyOn(process, 'emitWarning').mockReturnValue()
    startNetwork()
    const path = cassettePath()
    const redact = (entry: CassetteEntry): CassetteEntry => {
      if (entry.response.status === 200) throw new Error('no such member')
      return entry
    }
    const cassette = await insert(path, { mode: 'once', redact })
    await (await chat(OPENAI)).text()
    await expect(cassette.close()).rejects.toMatchObject({ code: 'ERR_LLM_CACHE_CALLBACK' })
    await expect(entriesOf(path)).rejects.toThrow('ENOENT')
  })

  test('that returns no entry fails the call', async () => {
    startNetwork()
    // What JavaScript lets through.
    const redact = (() => undefined) as unknown as (entry: CassetteEntry) => CassetteEntry
    const answer = await withCassette(cassettePath(), { mode: 'once', redact }, () => chat(OPENAI))
    expect(await messageOf(answer)).toContain('the option `redact` returned no entry')
  })
})

describe('an answer that holds what looks like a secret', () => {
  const KEY = 'sk-ant-api03-abcdefgh0123456789'

  async function refusal(events: readonly string[], contentType: string, body: object = {}): Promise<[string, string]> {
    const provider = await startProvider()
    provider.script({ events, contentType })
    const path = cassettePath()
    const cassette = await insert(path, { mode: 'once', hosts: [provider.origin] })
    await (await chat(provider.origin, body)).text()
    await (await chat(provider.origin, { model: 'clean' })).text()
    const error: unknown = await cassette.close().catch((error: unknown) => error)
    return [error instanceof Error ? error.message : '', await readFile(path, 'utf8')]
  }

  test('is not saved, and the error says where without saying what; the others are', async () => {
    const [message, text] = await refusal(
      [JSON.stringify({ choices: [{ text: `It is ${KEY}.` }] })],
      'application/json',
    )
    expect(message).toMatch(/\/v1\/chat\/completions: response\.json\.choices\[0\]\.text \(an Anthropic key\)/)
    expect(message).toMatch(/redact and redactFields/)
    expect(message + text).not.toContain(KEY)
    expect(text.match(/"ordinal":/g)).toHaveLength(1)
  })

  test('is found where a model writes it piece by piece', async () => {
    const events = [KEY.slice(0, 12), KEY.slice(12)].map(
      (content) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`,
    )
    const end = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    const [message] = await refusal([...events, end], 'text/event-stream', { stream: true })
    expect(message).toMatch(/over several events, choices\[0\]\.delta\.content \(an Anthropic key\)/)
  })

  test('is found in the call as well', async () => {
    const messages = [{ role: 'user', content: `Is ${KEY} valid?` }]
    const [message] = await refusal(['{"choices":[]}'], 'application/json', { messages })
    expect(message).toContain('request.json.messages[0].content (an Anthropic key)')
  })

  test("is found where it is the call's own credential, of whatever shape", async () => {
    const provider = await startProvider()
    const credential = 'my-own-gateway-credential'
    provider.script({ events: [JSON.stringify({ debug: `got ${credential}` })], contentType: 'application/json' })
    const cassette = await openCassette(cassettePath(), { mode: 'once', hosts: [provider.origin] })
    cassette.install()
    await (await chat(provider.origin, {}, { authorization: `Bearer ${credential}` })).text()
    await expect(cassette.close()).rejects.toThrow("response.json.debug (the call's own credential)")
  })
})
