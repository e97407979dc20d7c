import OpenAI from 'openai'
import { request } from 'undici'
import { describe, expect, test, vi } from 'vitest'
import { collect } from '../../support/client.ts'
import { cassettePath, chat, entriesOf, insert, withCassette } from '../../support/cassette.ts'
import { startProvider } from '../../support/start-provider.ts'

const QUESTION: OpenAI.ChatCompletionCreateParamsNonStreaming = {
  model: 'gpt-5',
  messages: [{ role: 'user', content: 'Hi' }],
}

describe('by default', () => {
  test('an answer is kept, a wrong key on the first run is not', async () => {
    vi.spyOn(process, 'emitWarning').mockReturnValue()
    const provider = await startProvider()
    provider.script({ status: 401 })
    const path = cassettePath()
    const statuses = await withCassette(path, { mode: 'once', hosts: [provider.origin] }, async () => [
      (await chat(provider.origin)).status,
      (await chat(provider.origin, { model: 'other' })).status,
    ])
    expect(statuses).toEqual([401, 200])
    expect((await entriesOf(path)).map(({ response }) => response.status)).toEqual([200])
    expect(process.emitWarning).toHaveBeenCalledWith(
      expect.stringMatching(/not recorded: POST .* \(status 401; record: 'all' keeps failures\)$/),
      expect.objectContaining({ code: 'LLM_CACHE_CASSETTE_DROPPED' }),
    )
  })

  test('a failure that the SDK retried is kept with the success that followed, and is replayed without a wait', async () => {
    const provider = await startProvider()
    provider.script(
      { status: 429, headers: { 'retry-after': '0' } },
      { status: 503, headers: { 'retry-after-ms': '1' } },
    )
    const path = cassettePath()
    const client = new OpenAI({ apiKey: 'sk-one', baseURL: `${provider.origin}/v1`, maxRetries: 2 })
    const ask = (): Promise<unknown> => client.chat.completions.create(QUESTION)
    const first = await withCassette(path, { mode: 'once', hosts: [provider.origin] }, ask)
    const entries = await entriesOf(path)
    expect(entries.map(({ response, ordinal }) => [ordinal, response.status])).toEqual([
      [0, 429],
      [1, 503],
      [2, 200],
    ])
    const second = await withCassette(path, { mode: 'none', hosts: [provider.origin] }, ask)
    expect(second).toEqual(first)
    expect(provider.calls).toHaveLength(3)
  })

  test('a wait that the provider asked for is in the file, and is zero in a replay at once', async () => {
    const provider = await startProvider()
    provider.script({ status: 429, headers: { 'retry-after': '20', 'x-should-retry': 'true' } })
    const path = cassettePath()
    await withCassette(path, { mode: 'once', hosts: [provider.origin] }, async () => {
      await (await chat(provider.origin)).text()
      await (await chat(provider.origin)).text()
    })
    const [failure] = await entriesOf(path)
    expect(failure?.response.headers).toMatchObject({ 'retry-after': '20', 'x-should-retry': 'true' })
    const replayed = await withCassette(path, { mode: 'none', hosts: [provider.origin], prune: false }, () =>
      chat(provider.origin),
    )
    expect(replayed.headers.get('retry-after')).toBe('0')
    const paced = await withCassette(path, { mode: 'none', hosts: [provider.origin], replay: 'recorded' }, () =>
      chat(provider.origin),
    )
    expect(paced.headers.get('retry-after')).toBe('20')
  })

  test('a failure that no success followed is not kept', async () => {
    const provider = await startProvider()
    provider.always({ status: 500 })
    const path = cassettePath()
    await withCassette(path, { mode: 'once', hosts: [provider.origin] }, async () =>
      (await chat(provider.origin)).text(),
    )
    await expect(entriesOf(path)).rejects.toThrow('ENOENT')
  })

  test('an error inside a 200 is a failure', async () => {
    const provider = await startProvider()
    provider.script({ failAfter: 2 })
    const path = cassettePath()
    await withCassette(path, { mode: 'once', hosts: [provider.origin] }, async () => {
      await (await chat(provider.origin, { stream: true })).text()
      await (await chat(provider.origin, { stream: true, seed: 1 })).text()
    })
    const entries = await entriesOf(path)
    expect(entries.map(({ request }) => request.json)).toEqual([expect.objectContaining({ seed: 1 })])
  })

  test('calls that the cache would pass by are kept: hosted tools, server-side state, refusals', async () => {
    const provider = await startProvider()
    const bodies = [{ tools: [{ type: 'web_search' }] }, { background: true }, { conversation: 'conv_1' }]
    const path = cassettePath()
    const ask = async (): Promise<unknown[]> => {
      const answers: unknown[] = []
      for (const body of bodies) {
        const init = { method: 'POST', body: JSON.stringify({ model: 'gpt-5', input: 'Hi', ...body }) }
        answers.push(await (await fetch(`${provider.origin}/v1/responses`, init)).json())
      }
      return answers
    }
    const first = await withCassette(path, { mode: 'once', hosts: [provider.origin] }, ask)
    expect(await withCassette(path, { mode: 'none', hosts: [provider.origin] }, ask)).toEqual(first)
    expect(provider.calls).toHaveLength(3)
  })

  test('a connection that breaks is no answer, and is reported', async () => {
    vi.spyOn(process, 'emitWarning').mockReturnValue()
    const provider = await startProvider()
    provider.script({ cut: { after: 1, how: 'reset' } })
    const path = cassettePath()
    await withCassette(path, { mode: 'once', hosts: [provider.origin] }, async () => {
      await expect((await chat(provider.origin, { stream: true })).text()).rejects.toThrow()
    })
    await expect(entriesOf(path)).rejects.toThrow('ENOENT')
    expect(process.emitWarning).toHaveBeenCalledWith(expect.stringContaining('no whole answer came'), expect.anything())
  })
})

test("record: 'all' keeps whatever came", async () => {
  const provider = await startProvider()
  provider.script({ status: 401 })
  const path = cassettePath()
  await withCassette(path, { mode: 'once', record: 'all', hosts: [provider.origin] }, async () =>
    (await chat(provider.origin)).text(),
  )
  expect((await entriesOf(path)).map(({ response }) => response.status)).toEqual([401])
})

test('what was recorded before a discard is not saved', async () => {
  const { origin } = await startProvider()
  const path = cassettePath()
  const cassette = await insert(path, { mode: 'once', hosts: [origin] })
  await (await chat(origin)).text()
  cassette.discard()
  await cassette.close()
  await expect(entriesOf(path)).rejects.toThrow('ENOENT')
})

test('an answer that nobody reads is recorded to its end', async () => {
  const provider = await startProvider()
  provider.always({ words: 400_000 })
  const path = cassettePath()
  await withCassette(path, { mode: 'once', hosts: [provider.origin] }, () => chat(provider.origin))
  const [entry] = await entriesOf(path)
  expect(JSON.stringify(entry?.response.json).length).toBeGreaterThan(1_500_000)
})

describe('a caller that leaves', () => {
  test('in the middle of a stream leaves a whole recording', async () => {
    const provider = await startProvider()
    const { promise, resolve } = Promise.withResolvers<void>()
    provider.script({ gate: { after: 3, until: promise } })
    const path = cassettePath()
    const client = new OpenAI({ apiKey: 'sk-one', baseURL: `${provider.origin}/v1` })
    await withCassette(path, { mode: 'once', hosts: [provider.origin] }, async () => {
      for await (const _ of await client.chat.completions.create({ ...QUESTION, stream: true })) break
      resolve()
    })
    const chunks = await withCassette(path, { mode: 'none', hosts: [provider.origin] }, async () =>
      collect(await client.chat.completions.create({ ...QUESTION, stream: true })),
    )
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop')
    expect(await provider.calls[0]?.over).toBe(true)
  })

  test('at the end marker does not wait for a connection that is held open', async () => {
    const provider = await startProvider()
    provider.script({ hold: new Promise(() => {}) })
    const path = cassettePath()
    const client = new OpenAI({ apiKey: 'sk-one', baseURL: `${provider.origin}/v1` })
    const chunks = await withCassette(path, { mode: 'once', hosts: [provider.origin] }, async () =>
      collect(await client.chat.completions.create({ ...QUESTION, stream: true })),
    )
    const [entry] = await entriesOf(path)
    expect(entry?.response.events).toHaveLength(chunks.length + 1)
  })

  test('early is not waited for behind the end marker either, where the connection is held open', async () => {
    const provider = await startProvider()
    const { promise, resolve } = Promise.withResolvers<void>()
    provider.script({ gate: { after: 3, until: promise }, hold: new Promise(() => {}) })
    const path = cassettePath()
    const client = new OpenAI({ apiKey: 'sk-one', baseURL: `${provider.origin}/v1` })
    await withCassette(path, { mode: 'once', hosts: [provider.origin] }, async () => {
      for await (const _ of await client.chat.completions.create({ ...QUESTION, stream: true })) break
      resolve()
      expect(await provider.calls[0]?.over).toBe(false)
    })
    expect((await entriesOf(path))[0]?.response.events?.at(-1)).toMatchObject({ data: '[DONE]' })
  })

  test('before an answer has begun ends the call', async () => {
    const provider = await startProvider()
    provider.script({ first: new Promise(() => {}) })
    const path = cassettePath()
    await withCassette(path, { mode: 'once', hosts: [provider.origin] }, async () => {
      const leaving = new AbortController()
      const call = request(`${provider.origin}/v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify(QUESTION),
        signal: leaving.signal,
      })
      await vi.waitUntil(() => provider.calls.length === 1)
      leaving.abort()
      await expect(call).rejects.toThrow()
    })
    expect(await provider.calls[0]?.over).toBe(false)
    await expect(entriesOf(path)).rejects.toThrow('ENOENT')
  })
})
