import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { fetch as undiciFetch, request } from 'undici'
import { describe, expect, test } from 'vitest'
import type { Coding } from '../../support/behaviour.ts'
import { decodedText } from '../../support/calls.ts'
import { cassettePath, chat, entriesOf, withCassette } from '../../support/cassette.ts'
import { startProvider } from '../../support/start-provider.ts'
import { listen } from '../../support/listen.ts'

/** A server that is no LLM, and answers with what it was asked. */
async function startServer(): Promise<{ origin: string; calls: string[] }> {
  const calls: string[] = []
  const server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url}`)
    const { pathname } = new URL(request.url ?? '/', 'http://loopback')
    response.statusCode = Number(/^\/status\/(\d+)$/.exec(pathname)?.[1] ?? 200)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ call: calls.length, error: pathname === '/rpc' ? { code: 1 } : null }))
  })
  return { origin: await listen(server), calls }
}

describe('an answer is replayed', () => {
  test('with its status, headers and bytes', async () => {
    const provider = await startProvider()
    provider.always({ status: 200, headers: { 'x-request-id': 'req_1', 'X-Twice': 'a' } })
    const path = cassettePath()
    const ask = async (): Promise<[number, Record<string, string>, string]> => {
      const answer = await chat(provider.origin)
      return [answer.status, Object.fromEntries(answer.headers), await answer.text()]
    }
    const [status, headers, body] = await withCassette(path, { mode: 'once', hosts: [provider.origin] }, ask)
    const { connection: _, 'keep-alive': __, 'set-cookie': ___, ...kept } = headers
    expect(await withCassette(path, { mode: 'none', hosts: [provider.origin] }, ask)).toEqual([status, kept, body])
  })

  test('chunk by chunk where it is a stream, in the recorded pace if that is asked for', async () => {
    const provider = await startProvider()
    provider.script({ gap: 40, words: 3 })
    const path = cassettePath()
    await withCassette(path, { mode: 'once', hosts: [provider.origin] }, async () =>
      (await chat(provider.origin, { stream: true })).text(),
    )
    const [entry] = await entriesOf(path)
    const gaps = entry?.response.events?.flatMap(({ gap }) => gap ?? []) ?? []
    const total = gaps.reduce((sum, gap) => sum + gap, 0)
    expect(total).toBeGreaterThanOrEqual(80)
    const start = performance.now()
    await withCassette(path, { mode: 'none', hosts: [provider.origin], replay: 'recorded' }, async () =>
      (await chat(provider.origin, { stream: true })).text(),
    )
    expect(performance.now() - start).toBeGreaterThanOrEqual(total - 1)
  })

  test.for<Coding>(['gzip', 'deflate', 'br', 'zstd'])('readable and decoded where it came as %s', async (coding) => {
    const provider = await startProvider()
    provider.always({ coding })
    const path = cassettePath()
    const ask = async (): Promise<string[]> => [
      await decodedText(await chat(provider.origin)),
      await decodedText(await chat(provider.origin, { stream: true })),
    ]
    const first = await withCassette(path, { mode: 'once', hosts: [provider.origin] }, ask)
    const [whole, stream] = (await entriesOf(path)).toSorted((a) => (a.response.json === undefined ? 1 : -1))
    expect(whole?.response.json).toMatchObject({ object: 'chat.completion' })
    expect(stream?.response.events?.at(-1)).toMatchObject({ data: '[DONE]' })
    expect(whole?.response.headers).not.toHaveProperty('content-encoding')
    expect(await withCassette(path, { mode: 'none', hosts: [provider.origin] }, ask)).toEqual(first)
  })

  test('as bytes where it is no text', async () => {
    const provider = await startProvider()
    const bytes = Buffer.from([0, 255, 1, 254])
    provider.always({ events: [bytes], contentType: 'audio/mpeg' })
    const path = cassettePath()
    const ask = async (): Promise<Buffer> => Buffer.from(await (await chat(provider.origin)).arrayBuffer())
    await withCassette(path, { mode: 'once', hosts: [provider.origin] }, ask)
    expect((await entriesOf(path))[0]?.response.base64).toBe(bytes.toString('base64'))
    expect(await withCassette(path, { mode: 'none', hosts: [provider.origin] }, ask)).toEqual(bytes)
  })

  test("to undici's fetch and request alike", async () => {
    const { origin } = await startProvider()
    const path = cassettePath()
    const headers = { 'content-type': 'application/json' }
    const init = { method: 'POST', headers, body: JSON.stringify({ model: 'gpt-5', messages: [] }) } as const
    const url = `${origin}/v1/chat/completions`
    const first = await withCassette(path, { mode: 'once', hosts: [origin] }, async () =>
      (await undiciFetch(url, init)).text(),
    )
    const again = await withCassette(path, { mode: 'none', hosts: [origin] }, async () =>
      (await request(url, init)).body.text(),
    )
    expect(again).toBe(first)
  })
})

describe('also', () => {
  test('records every call to its origins, of any method', async () => {
    const { origin, calls } = await startServer()
    const path = cassettePath()
    const ask = async (): Promise<string[]> => [
      await (await fetch(`${origin}/items?page=1`)).text(),
      await (await fetch(`${origin}/items?page=2`)).text(),
      await (await fetch(`${origin}/items`, { method: 'PUT', body: 'x=1' })).text(),
      await (await fetch(`${origin}/rpc`, { method: 'POST', body: '{"id":1}' })).text(),
      (await fetch(`${origin}/items`, { method: 'HEAD' })).headers.get('content-type') ?? '',
    ]
    const first = await withCassette(path, { mode: 'once', also: [origin] }, ask)
    expect(await withCassette(path, { mode: 'none', also: [origin] }, ask)).toEqual(first)
    expect(calls).toHaveLength(5)
    expect((await entriesOf(path)).map(({ method }) => method)).toEqual(['GET', 'GET', 'HEAD', 'POST', 'PUT'])
  })

  test('fails what is new there, and leaves other hosts alone', async () => {
    const { origin } = await startServer()
    const other = await startServer()
    await withCassette(cassettePath(), { mode: 'none', also: [origin] }, async () => {
      expect((await fetch(`${origin}/items`)).status).toBe(400)
      expect((await fetch(`${other.origin}/items`)).status).toBe(200)
    })
  })
})

test('a call that nothing is recorded of costs no body: it is passed on as it came', async () => {
  const { origin, calls } = await startServer()
  await withCassette(cassettePath(), { mode: 'once' }, async () => {
    const body = Readable.from(['a', 'b'])
    const { statusCode } = await request(`${origin}/upload`, { method: 'POST', body })
    expect(statusCode).toBe(200)
  })
  expect(calls).toEqual(['POST /upload'])
})
