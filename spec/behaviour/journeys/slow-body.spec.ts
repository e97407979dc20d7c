import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import * as undici8 from 'undici'
import * as undici7 from 'undici7'
import { describe, expect, test } from 'vitest'
import { createLlmCache, type LlmCache } from '../../../lib/index.ts'
import { echo, openTalkingServer, type TalkingServer } from './talking-server.ts'

type Undici = typeof undici8

// Of the members used here the two majors have the same types; their classes differ in private parts only.
const MAJORS = [
  ['undici 8', undici8],
  ['undici 7', undici7 as unknown as Undici],
] as const

/** What a caller says of an upload, piece by piece, and what it hears meanwhile. */
type Uploading = (said: () => AsyncGenerator<string>) => unknown

/** How an app sends a body that it does not have yet. */
const BODIES: readonly (readonly [string, Uploading])[] = [
  ['an async generator', (said) => said()],
  ['a Readable of bytes', (said) => Readable.from(said(), { objectMode: false })],
  ['a Readable of objects', (said) => Readable.from(said())],
  ['a Readable of text', (said) => Readable.from(said(), { objectMode: false }).setEncoding('utf8')],
  ['a ReadableStream', (said) => ReadableStream.from(toBytes(said()))],
]

interface Stage extends AsyncDisposable {
  readonly cache: LlmCache
  readonly url: string
  readonly dispatcher: undici8.Dispatcher
}

/** A call in which each side waits for the other: the next thing is said when the one before has been heard back. */
class Conversation {
  readonly #heard = new PassThrough({ encoding: 'utf8' })
  readonly #sayings: readonly string[]

  constructor(sayings: readonly string[]) {
    this.#sayings = sayings
  }

  hear(chunk: Uint8Array): void {
    this.#heard.write(chunk)
  }

  async *said(): AsyncGenerator<string> {
    let heard = ''
    let said = ''
    for (const saying of this.#sayings) {
      yield saying
      said += `<${saying}>`
      while (heard !== said) {
        await once(this.#heard, 'readable')
        heard += this.#heard.read() ?? ''
      }
    }
  }
}

const SAYINGS = ['{"messages":', '"Grüße, ', '世界"', '}']
const ECHO = SAYINGS.map((saying) => `<${saying}>`).join('')

async function stage(undici: Undici, talk: Parameters<typeof openTalkingServer>[0] = echo): Promise<Stage> {
  const server: TalkingServer = await openTalkingServer(talk)
  const cache = createLlmCache({ hosts: [server.origin] })
  const agent = new undici.Agent()
  return {
    cache,
    url: `${server.origin}/v1/chat/completions`,
    dispatcher: agent.compose(cache.interceptor),
    async [Symbol.asyncDispose]() {
      await agent.destroy()
      await cache.close()
      await server.close()
    },
  }
}

describe.for(MAJORS)('%s: an upload that talks with the server goes live as it comes', ([, undici]) => {
  test.concurrent.for(BODIES)('request with %s', async ([, upload], { expect }) => {
    await using on = await stage(undici)
    const talk = new Conversation(SAYINGS)
    const body = upload(() => talk.said()) as Readable // undici takes more than its types say
    const answer = await undici.request(on.url, { method: 'POST', body, dispatcher: on.dispatcher })
    answer.body.on('data', (chunk: Buffer) => talk.hear(chunk))
    expect(await text(answer.body)).toBe(ECHO)
    expect(answer.headers['cache-status']).toBe('undici-llm-cache; fwd=bypass; detail=body-slow')
    expect(on.cache.stats()).toMatchObject({ entries: 0, bypasses: { 'body-slow': 1 } })
  })

  test.concurrent('fetch', async ({ expect }) => {
    await using on = await stage(undici)
    const talk = new Conversation(SAYINGS)
    const body = ReadableStream.from(toBytes(talk.said()))
    const init = { method: 'POST', body, duplex: 'half', dispatcher: on.dispatcher } as const
    // The Response of undici is the built-in one but for its identity.
    const answer = (await undici.fetch(on.url, init as never)) as unknown as Response
    let heard = ''
    for await (const chunk of answer.body ?? []) {
      talk.hear(chunk)
      heard += Buffer.from(chunk).toString()
    }
    expect(heard).toBe(ECHO)
    expect(answer.headers.get('cache-status')).toContain('detail=body-slow')
  })

  test.concurrent('pipeline', async ({ expect }) => {
    await using on = await stage(undici)
    const talk = new Conversation(SAYINGS)
    const duplex = undici.pipeline(on.url, { method: 'POST', dispatcher: on.dispatcher }, ({ body }) => body)
    duplex.on('data', (chunk: Buffer) => talk.hear(chunk))
    const heard = text(duplex)
    for await (const saying of talk.said()) duplex.write(saying)
    duplex.end()
    expect(await heard).toBe(ECHO)
  })

  test.concurrent('a body of which not one byte had come', async ({ expect }) => {
    await using on = await stage(undici)
    const body = new PassThrough()
    const call = undici.request(on.url, { method: 'POST', body, dispatcher: on.dispatcher })
    await expect.poll(() => on.cache.stats().bypasses).toEqual({ 'body-slow': 1 })
    body.end('at last')
    expect(await (await call).body.text()).toBe('<at last>')
  })
})

describe.for(MAJORS)('%s: an upload that has gone live', ([, undici]) => {
  test.concurrent('is destroyed when its call is aborted', async ({ expect }) => {
    await using on = await stage(undici)
    const body = new PassThrough()
    body.write('one')
    const abort = new AbortController()
    const { signal } = abort
    const answer = await undici.request(on.url, { method: 'POST', body, dispatcher: on.dispatcher, signal })
    const closed = new Promise<void>((resolve) => void body.once('close', resolve))
    abort.abort()
    await expect(answer.body.text()).rejects.toThrow('aborted')
    await closed
    expect(body.destroyed).toBe(true)
  })

  test.concurrent.for(['Readable', 'generator'])(
    'fails as without the cache when its %s does',
    async (kind, { expect }) => {
      await using on = await stage(undici)
      const plain = new undici.Agent()
      const failure = async (dispatcher: undici8.Dispatcher): Promise<unknown> => {
        const heard = Promise.withResolvers<void>()
        const failing = async function* (): AsyncGenerator<string> {
          yield 'one'
          await heard.promise
          throw new Error('the disk is gone')
        }
        const body = (kind === 'Readable' ? Readable.from(failing()) : failing()) as Readable
        const answer = await undici.request(on.url, { method: 'POST', body, dispatcher })
        answer.body.once('data', () => heard.resolve())
        return answer.body.text().catch((error: unknown) => String(error))
      }
      const expected = await failure(plain)
      expect(await failure(on.dispatcher)).toBe(expected)
      expect(expected).toBe('Error: the disk is gone')
      await plain.destroy()
    },
  )

  test.concurrent('is held back by a server that does not read', async ({ expect }) => {
    const LARGE = 64 * 1024 * 1024
    const release = Promise.withResolvers<void>()
    await using on = await stage(undici, async (request, response) => {
      response.write('<')
      await release.promise
      response.end(String((await buffer(request)).length))
    })
    let given = 0
    let isHeard = false
    const body = new Readable({
      read(size) {
        if (!isHeard && given > 0) return
        given += size
        this.push(given > LARGE ? null : Buffer.alloc(size))
      },
    })
    const answer = await undici.request(on.url, { method: 'POST', body, dispatcher: on.dispatcher })
    isHeard = true
    body.read(0)
    body.push(Buffer.alloc(1))
    await expect.poll(() => body.isPaused()).toBe(true)
    expect(given).toBeLessThan(LARGE)
    release.resolve()
    expect(Number((await answer.body.text()).slice(1))).toBeGreaterThan(LARGE - 1024 * 1024)
  })
})

test('bytes that come slowly, but within a second of each other, are one body that is cached', async () => {
  await using on = await stage(undici8, async (request, response) => {
    const { length } = await buffer(request)
    response.setHeader('content-type', 'application/json')
    const choice = { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: `${length}` } }
    response.end(JSON.stringify({ choices: [choice] }))
  })
  const slowly = async function* (): AsyncGenerator<string> {
    for (const piece of ['{"messages"', ':[', ']}']) {
      await new Promise((next) => setTimeout(next, 400))
      yield piece
    }
  }
  for (const status of ['MISS', 'HIT']) {
    const body = Readable.from(slowly(), { objectMode: false })
    const answer = await undici8.request(on.url, { method: 'POST', body, dispatcher: on.dispatcher })
    expect(answer.headers['x-llm-cache']).toBe(status)
    expect(await answer.body.text()).toContain('"15"')
  }
})

async function* toBytes(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const one of texts) yield Buffer.from(one)
}
