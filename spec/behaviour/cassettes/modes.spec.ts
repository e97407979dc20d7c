import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { describe, expect, test, vi } from 'vitest'
import { openCassette } from '../../../lib/cassette.ts'
import { cassettePath, chat, entriesOf, insert, withCassette } from '../../support/cassette.ts'
import { makeFolder } from '../../support/run-node.ts'
import { startNetwork } from '../../support/start-network.ts'
import { startProvider } from '../../support/start-provider.ts'

describe('once', () => {
  test('records where there is no file, and replays where there is one', async () => {
    const { origin, calls } = await startProvider()
    const path = cassettePath()
    const ask = async (): Promise<string> => (await chat(origin)).text()
    const first = await withCassette(path, { mode: 'once', hosts: [origin] }, ask)
    const second = await withCassette(path, { mode: 'once', hosts: [origin] }, ask)
    expect(second).toBe(first)
    expect(calls).toHaveLength(1)
  })

  test('records into a file that is empty', async () => {
    const { origin } = await startProvider()
    const path = cassettePath()
    await writeFile(path, '')
    await withCassette(path, { mode: 'once', hosts: [origin] }, async () => (await chat(origin)).text())
    expect(await entriesOf(path)).toHaveLength(1)
  })

  test('fails what is new, and leaves the file as it is', async () => {
    const { origin, calls } = await startProvider()
    const path = cassettePath()
    await withCassette(path, { mode: 'once', hosts: [origin] }, async () => (await chat(origin)).text())
    const before = await readFile(path, 'utf8')
    const answer = await withCassette(path, { mode: 'once', hosts: [origin] }, () => chat(origin, { model: 'other' }))
    expect(answer.status).toBe(400)
    expect(calls).toHaveLength(1)
    expect(await readFile(path, 'utf8')).toBe(before)
  })

  test('writes no file where nothing was recorded', async () => {
    const path = cassettePath('deep/down.jsonl')
    await withCassette(path, { mode: 'once' }, async () => {})
    expect(existsSync(path)).toBe(false)
  })
})

test('new replays what is there and records what is new', async () => {
  const { origin, calls } = await startProvider()
  const path = cassettePath()
  await withCassette(path, { mode: 'new', hosts: [origin] }, async () => (await chat(origin)).text())
  await withCassette(path, { mode: 'new', hosts: [origin] }, async () => {
    await (await chat(origin)).text()
    await (await chat(origin, { temperature: 1 })).text()
  })
  expect(calls).toHaveLength(2)
  expect(await entriesOf(path)).toHaveLength(2)
})

test('all records again what is called, and keeps what is not', async () => {
  const { origin, calls } = await startProvider()
  const path = cassettePath()
  await withCassette(path, { mode: 'all', hosts: [origin] }, async () => {
    await (await chat(origin)).text()
    await (await chat(origin, { temperature: 1 })).text()
  })
  const answer = await withCassette(path, { mode: 'all', hosts: [origin] }, async () => (await chat(origin)).json())
  const entries = await entriesOf(path)
  expect(calls).toHaveLength(3)
  expect(entries).toHaveLength(2)
  expect(entries.map(({ response }) => response.json)).toContainEqual(answer)
})

describe('none', () => {
  test('replays, and fails what is new without a call', async () => {
    const { origin, calls } = await startProvider()
    const path = cassettePath()
    await withCassette(path, { mode: 'once', hosts: [origin] }, async () => (await chat(origin)).text())
    await withCassette(path, { mode: 'none', hosts: [origin] }, async () => {
      expect((await chat(origin)).status).toBe(200)
      expect((await chat(origin, { temperature: 1 })).status).toBe(400)
    })
    expect(calls).toHaveLength(1)
  })

  test('fails a call where there is no file', async () => {
    const network = startNetwork()
    const path = cassettePath()
    const answer = await withCassette(path, { mode: 'none' }, () => chat('https://api.openai.com'))
    expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining('does not exist') } })
    expect(network.calls).toEqual([])
  })

  test('fails calls to known LLM hosts that no cassette records', async () => {
    const network = startNetwork()
    await insert(cassettePath(), { mode: 'none' })
    const models = await fetch('https://api.openai.com/v1/models')
    const batch = await fetch('https://api.anthropic.com/v1/messages/batches', { method: 'POST', body: '{}' })
    expect([models.status, batch.status]).toEqual([400, 400])
    expect(await batch.json()).toMatchObject({
      type: 'error',
      error: { message: expect.stringContaining("also: ['https://api.anthropic.com']") },
    })
    expect(network.calls).toEqual([])
  })

  test('still fails them once it is closed, where its interceptor was composed', async () => {
    const network = startNetwork()
    const { Agent, request } = await import('undici')
    const cassette = await openCassette(cassettePath(), { mode: 'none' })
    await cassette.close()
    const dispatcher = new Agent().compose(cassette.interceptor)
    const body = JSON.stringify({ model: 'gpt-5', messages: [] })
    const answer = await request('https://api.openai.com/v1/chat/completions', { method: 'POST', body, dispatcher })
    expect(answer.statusCode).toBe(400)
    expect(network.calls).toEqual([])
  })

  test('lets calls to all other hosts through', async () => {
    const network = startNetwork()
    await insert(cassettePath(), { mode: 'none' })
    await fetch('https://api.example.com/items')
    expect(network.calls).toHaveLength(1)
  })
})

test('a call that goes around the cassette by node:http is reported, with what to do', async () => {
  const { origin } = await startProvider()
  const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
  const cassette = await insert(cassettePath(), { mode: 'none', hosts: [origin] })
  const url = new URL('/v1/chat/completions', origin)
  for (let i = 0; i < 2; i++) {
    const [response] = await once(httpRequest(url, { method: 'POST' }).end('{"messages":[]}'), 'response')
    await once(response.resume(), 'end')
  }
  await cassette.close()
  await once(httpRequest(url, { method: 'POST' }).end('{"messages":[]}'), 'response')
  expect(warn).toHaveBeenCalledExactlyOnceWith(
    expect.stringMatching(`^A call to ${url.host} went around the cassette: it went by node:http`),
    { type: 'LlmCacheWarning', code: 'LLM_CACHE_CASSETTE_AROUND' },
  )
})

test('off neither records nor replays', async () => {
  const { origin, calls } = await startProvider()
  const path = cassettePath()
  await withCassette(path, { mode: 'once', hosts: [origin] }, async () => (await chat(origin)).text())
  await withCassette(path, { mode: 'off', hosts: [origin] }, async () => (await chat(origin)).text())
  expect(calls).toHaveLength(2)
  expect(await entriesOf(path)).toHaveLength(1)
})

describe('without a mode', () => {
  test.for([
    ['once', {}],
    ['none', { CI: 'true' }],
    ['once', { CI: 'false' }],
    ['new', { CI: 'true', LLM_CACHE_CASSETTE_MODE: 'new' }],
  ] as const)('it is %s with %j', async ([mode, environment]) => {
    vi.stubEnv('CI', '')
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
    const { origin, calls } = await startProvider()
    const path = cassettePath()
    const answer = await withCassette(path, { hosts: [origin] }, () => chat(origin))
    vi.unstubAllEnvs()
    expect(answer.status).toBe(mode === 'none' ? 400 : 200)
    expect(calls).toHaveLength(mode === 'none' ? 0 : 1)
  })
})

test('a path that is none, and a folder, are named', async () => {
  await expect(openCassette('')).rejects.toThrow(new TypeError('path must be the path of a file, not ""'))
  const folder = await makeFolder({})
  await expect(openCassette(folder)).rejects.toThrow(`${folder} can't be read (EISDIR)`)
})

test('wrong options are named, with what was expected', async () => {
  await expect(openCassette('x.jsonl', { mode: 'never' as 'none' })).rejects.toThrow(/options\.mode must be 'once' or/)
  await expect(openCassette('x.jsonl', { mode: 'once', ...{ modus: 'all' } })).rejects.toThrow(
    /the nearest name is mode/,
  )
  await expect(openCassette('x.jsonl', { also: ['api.example.com'] })).rejects.toThrow(/options\.also\[0\] must be/)
  await expect(openCassette('x.jsonl', { redactFields: ['['] })).rejects.toThrow(/options\.redactFields\[0\] must be/)
  await expect(openCassette('x.jsonl', { hosts: ['nowhere'] })).rejects.toThrow(/options\.hosts\[0\] must be/)
})
