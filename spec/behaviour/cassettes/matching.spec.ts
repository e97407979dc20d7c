import { readFile, writeFile } from 'node:fs/promises'
import OpenAI from 'openai'
import { Agent, request } from 'undici'
import { describe, expect, test } from 'vitest'
import { openCassette } from '../../../lib/cassette.ts'
import { cassettePath, chat, entriesOf, withCassette } from '../../support/cassette.ts'
import { startNetwork } from '../../support/start-network.ts'
import { startProvider } from '../../support/start-provider.ts'

const OPENAI = 'https://api.openai.com'

describe('a call matches', () => {
  test('with another key, a dummy one, or none', async () => {
    const network = startNetwork()
    const path = cassettePath()
    const first = await withCassette(path, { mode: 'once' }, async () => (await chat(OPENAI)).text())
    const headers = [{ authorization: 'Bearer dummy' }, { authorization: '' }, { 'x-api-key': 'another' }]
    for (const other of headers) {
      const again = await withCassette(path, { mode: 'none' }, async () => (await chat(OPENAI, {}, other)).text())
      expect(again).toBe(first)
    }
    expect(network.calls).toHaveLength(1)
  })

  test('whatever the order of its properties and the version of its SDK', async () => {
    startNetwork()
    const path = cassettePath()
    await withCassette(path, { mode: 'once' }, () => chat(OPENAI, { temperature: 0 }))
    const body = '{ "temperature": 0.0, "messages": [{"content":"Hi","role":"user"}], "model": "gpt-5" }'
    const headers = { 'content-type': 'application/json', 'user-agent': 'other/2', 'x-stainless-retry-count': '1' }
    const again = await withCassette(path, { mode: 'none' }, () =>
      fetch(`${OPENAI}/v1/chat/completions`, { method: 'POST', headers, body }),
    )
    expect(again.status).toBe(200)
  })

  test('by its whole body and by headers that nobody knows', async () => {
    startNetwork()
    const path = cassettePath()
    await withCassette(path, { mode: 'once' }, () => chat(OPENAI, { metadata: { a: '1' } }, { 'x-policy': 'strict' }))
    const statuses = await withCassette(path, { mode: 'none' }, async () => [
      (await chat(OPENAI, { metadata: { a: '2' } }, { 'x-policy': 'strict' })).status,
      (await chat(OPENAI, { metadata: { a: '1' } }, { 'x-policy': 'lax' })).status,
      (await chat(OPENAI, { metadata: { a: '1' } }, { 'x-policy': 'strict' })).status,
    ])
    expect(statuses).toEqual([400, 400, 200])
  })

  test('less what ignoreFields and ignoreHeaders name, also where they were given after the recording', async () => {
    startNetwork()
    const path = cassettePath()
    await withCassette(path, { mode: 'once' }, () => chat(OPENAI, { user: 'one' }, { 'x-build': '1' }))
    const options = { mode: 'none', ignoreFields: ['user'], ignoreHeaders: ['x-build'] } as const
    const answer = await withCassette(path, options, () => chat(OPENAI, { user: 'two' }, { 'x-build': '2' }))
    expect(answer.status).toBe(200)
  })

  test('a line whose request was edited by hand, and no longer what it was before', async () => {
    startNetwork()
    const path = cassettePath()
    await withCassette(path, { mode: 'once' }, () => chat(OPENAI))
    await writeFile(path, (await readFile(path, 'utf8')).replace('"content":"Hi"', '"content":"Hello"'))
    const statuses = await withCassette(path, { mode: 'none' }, async () => [
      (await chat(OPENAI)).status,
      (await chat(OPENAI, { messages: [{ role: 'user', content: 'Hello' }] })).status,
    ])
    expect(statuses).toEqual([400, 200])
  })

  test('whose headers are an iterator, which the provider gets as well', async () => {
    const { origin, calls } = await startProvider()
    const cassette = await openCassette(cassettePath(), { mode: 'once', hosts: [origin] })
    const dispatcher = new Agent().compose(cassette.interceptor)
    const headers = new Map([['x-tenant', 'acme']]).entries()
    const body = JSON.stringify({ model: 'gpt-5', messages: [] })
    await request(`${origin}/v1/chat/completions`, { method: 'POST', headers, body, dispatcher })
    expect(calls[0]?.headers).toMatchObject({ 'x-tenant': 'acme' })
    await cassette.close()
  })
})

describe('equal calls', () => {
  test('are a sequence: answered in order, and no more often than they were recorded', async () => {
    const { origin } = await startProvider()
    const path = cassettePath()
    const ask = async (): Promise<string> => (await chat(origin)).text()
    const recorded = await withCassette(path, { mode: 'once', hosts: [origin] }, async () => [await ask(), await ask()])
    expect(recorded[0]).not.toBe(recorded[1])
    const replayed = await withCassette(path, { mode: 'none', hosts: [origin] }, async () => [
      await ask(),
      await ask(),
      await ask(),
    ])
    expect(replayed.slice(0, 2)).toEqual(recorded)
    expect(replayed[2]).toContain('has 2 for this very call')
  })

  test('at the same time each get an answer of their own', async () => {
    const { origin } = await startProvider()
    const path = cassettePath()
    const ask = (): Promise<string[]> =>
      Promise.all(Array.from({ length: 20 }, async () => (await chat(origin)).text()))
    const recorded = await withCassette(path, { mode: 'once', hosts: [origin] }, ask)
    const replayed = await withCassette(path, { mode: 'none', hosts: [origin] }, ask)
    expect(new Set(recorded).size).toBe(20)
    expect(replayed).toEqual(recorded)
  })

  test('keep their order when one more is recorded later', async () => {
    const { origin } = await startProvider()
    const path = cassettePath()
    const ask = async (): Promise<string> => (await chat(origin)).text()
    const first = await withCassette(path, { mode: 'new', hosts: [origin] }, ask)
    const both = await withCassette(path, { mode: 'new', hosts: [origin] }, async () => [await ask(), await ask()])
    expect(both[0]).toBe(first)
    expect((await entriesOf(path)).map(({ ordinal }) => ordinal)).toEqual([0, 1])
    expect(await withCassette(path, { mode: 'none', hosts: [origin] }, async () => [await ask(), await ask()])).toEqual(
      both,
    )
  })
})

describe('account ids', () => {
  test('in headers are placeholders in the file, and count for nothing: CI has none', async () => {
    startNetwork()
    const path = cassettePath()
    const options = { apiKey: 'sk-one', baseURL: `${OPENAI}/v1` }
    const call = (client: OpenAI): Promise<unknown> =>
      client.chat.completions.create({ model: 'gpt-5', messages: [{ role: 'user', content: 'Hi' }] })
    const first = await withCassette(path, { mode: 'once' }, () =>
      call(new OpenAI({ ...options, organization: 'org-acme', project: 'proj_acme' })),
    )
    const text = await readFile(path, 'utf8')
    expect(text).not.toMatch(/acme/)
    expect(text).toContain('"openai-organization":"[account]"')
    expect(await withCassette(path, { mode: 'none' }, () => call(new OpenAI(options)))).toEqual(first)
    expect(
      await withCassette(path, { mode: 'none' }, () => call(new OpenAI({ ...options, project: 'proj_b' }))),
    ).toEqual(first)
  })

  test.for([
    'https://us-central1-aiplatform.googleapis.com/v1/projects/acme/locations/us-central1/publishers/google/models/gemini-3-pro:generateContent',
    'https://gateway.ai.cloudflare.com/v1/acme/acme/openai/chat/completions',
    'https://acme.openai.azure.com/openai/deployments/gpt-5/chat/completions?api-version=1',
    'https://bedrock-runtime.eu-west-1.amazonaws.com/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A123456789012%3Ainference-profile%2Fx/converse',
  ])('in %s are placeholders in the file and in the key', async (url) => {
    startNetwork()
    const path = cassettePath()
    const call = (to: string): Promise<Response> =>
      fetch(to, { method: 'POST', body: JSON.stringify({ messages: [], contents: [{ parts: [{ text: 'Hi' }] }] }) })
    await withCassette(path, { mode: 'once', record: 'all' }, () => call(url))
    expect(await readFile(path, 'utf8')).not.toMatch(/acme|123456789012/)
    const other = url.replaceAll('acme', 'other').replace('123456789012', '210987654321')
    const answer = await withCassette(path, { mode: 'none' }, () => call(other))
    expect(await answer.text()).not.toContain('cassette')
  })
})

test('a key in the URL is neither written nor counted', async () => {
  startNetwork()
  const path = cassettePath()
  const url = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-3-pro:generateContent'
  const init = { method: 'POST', body: JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }] }) }
  await withCassette(path, { mode: 'once' }, () => fetch(`${url}?key=one&alt=json`, init))
  expect((await entriesOf(path))[0]?.url).toBe(`${url}?alt=json`)
  expect((await withCassette(path, { mode: 'none' }, () => fetch(`${url}?alt=json&key=two`, init))).status).toBe(200)
})

test('a form matches by its parts, whatever its boundary', async () => {
  startNetwork()
  const path = cassettePath()
  const call = (text: string): Promise<Response> => {
    const body = new FormData()
    body.append('model', 'whisper-1')
    body.append('file', new Blob([text]), 'speech.mp3')
    return fetch(`${OPENAI}/v1/audio/transcriptions`, { method: 'POST', body })
  }
  const first = await withCassette(path, { mode: 'once' }, async () => (await call('abc')).text())
  const again = await withCassette(path, { mode: 'none' }, async () => [
    await (await call('abc')).text(),
    (await call('xyz')).status,
  ])
  expect(again).toEqual([first, 400])
})

test('two cassettes in one process do not see each other', async () => {
  const { origin } = await startProvider()
  const paths = [cassettePath(), cassettePath()]
  const cassettes = await Promise.all(paths.map((path) => openCassette(path, { mode: 'once', hosts: [origin] })))
  await Promise.all(
    cassettes.map(async ({ interceptor }, at) => {
      const body = JSON.stringify({ model: `gpt-${at}`, messages: [] })
      const dispatcher = new Agent().compose(interceptor)
      const answer = await request(`${origin}/v1/chat/completions`, { method: 'POST', body, dispatcher })
      await answer.body.text()
    }),
  )
  await Promise.all(cassettes.map((cassette) => cassette.close()))
  const models = await Promise.all(
    paths.map(async (path) => (await entriesOf(path)).map(({ request }) => request.json)),
  )
  expect(models).toEqual([[expect.objectContaining({ model: 'gpt-0' })], [expect.objectContaining({ model: 'gpt-1' })]])
})
