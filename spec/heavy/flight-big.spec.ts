import { once } from 'node:events'
import { createServer } from 'node:http'
import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { Agent, type Dispatcher, request } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import { openCache } from '../support/cache.ts'
import { bytesInUse } from './heap.ts'
import { EVENTS } from '../behaviour/flight/stepped-provider.ts'
import { listen } from '../support/listen.ts'

const MB = 1024 * 1024
const EVENT = Buffer.from(`data: {"choices":[{"index":0,"delta":{"content":"${'x'.repeat(64 * 1024)}"}}]}\n\n`)
const COUNT = Math.ceil((20 * MB) / EVENT.length)
const DIGEST = digestOf([...Array<Buffer>(COUNT).fill(EVENT), Buffer.from(EVENTS.join(''))])

function digestOf(chunks: Iterable<Uint8Array>): string {
  const hash = createHash('sha256')
  for (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex')
}

/** A provider that streams 20 MB as fast as it is read. */
async function startBig(): Promise<{ readonly origin: string; readonly calls: number }> {
  let calls = 0
  const server = createServer(async (request, response) => {
    calls++
    request.resume()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const closed = once(response, 'close')
    for (let i = 0; i < COUNT && !response.destroyed; i++) {
      if (!response.write(EVENT)) await Promise.race([once(response, 'drain'), closed])
    }
    response.end(EVENTS.join(''))
  })
  const origin = await listen(server)
  return {
    origin,
    get calls() {
      return calls
    },
  }
}

async function ask(origin: string, dispatcher: Dispatcher): Promise<Readable> {
  const body = JSON.stringify({ messages: [], stream: true })
  return (await request(`${origin}/v1/chat/completions`, { method: 'POST', body, dispatcher })).body
}

/** Reads all; `onRead` hears how many bytes were read so far, and may be waited for. */
async function read(body: Readable, onRead: (size: number) => unknown = () => undefined): Promise<string> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of body) {
    hash.update(chunk)
    size += chunk.byteLength
    await onRead(size)
  }
  return hash.digest('hex')
}

function open(maxEntrySize: number, origin: string): Dispatcher {
  const cache = openCache({ hosts: [origin], maxEntrySize })
  const agent = new Agent()
  onTestFinished(() => agent.destroy())
  return agent.compose(cache.interceptor)
}

test('a reader that has paused stalls nobody while 20 MB stream by, and costs the recording alone', async () => {
  const provider = await startBig()
  const dispatcher = open(32 * MB, provider.origin)
  const before = bytesInUse()
  const [paused, fast] = [await ask(provider.origin, dispatcher), await ask(provider.origin, dispatcher)]
  expect(await read(fast)).toBe(DIGEST)
  // The recording and the stored copy; the paused reader itself holds no more than undici's own high-water mark.
  expect(bytesInUse() - before).toBeLessThan(2 * 20 * MB + 4 * MB)
  expect(await read(paused)).toBe(DIGEST)
  expect(await read(await ask(provider.origin, dispatcher))).toBe(DIGEST)
  expect(provider.calls).toBe(1)
})

test('beyond maxEntrySize a fast reader is never further ahead than that, and memory stays as small', async () => {
  const provider = await startBig()
  const dispatcher = open(2 * MB, provider.origin)
  const before = bytesInUse()
  const [slow, fast] = [await ask(provider.origin, dispatcher), await ask(provider.origin, dispatcher)]
  let [read1, read2, ahead, peak] = [0, 0, 0, 0]
  const turn = (): Promise<void> => new Promise((done) => setImmediate(done))
  const digests = await Promise.all([
    read(slow, async (size) => {
      read1 = size
      // A fast reader without a bound would be through by then.
      for (let i = 0; i < 4; i++) await turn()
    }),
    read(fast, (size) => {
      read2 = size
      ahead = Math.max(ahead, read2 - read1)
      if (ahead === read2 - read1) peak = Math.max(peak, process.memoryUsage().arrayBuffers)
    }),
  ])
  expect(digests).toEqual([DIGEST, DIGEST])
  // Beside the window: what undici's own body streams hold for each reader, and a chunk of the socket.
  expect(ahead).toBeLessThan(2.5 * MB)
  expect(ahead).toBeGreaterThan(MB)
  expect(bytesInUse() - before).toBeLessThan(4 * MB)
})

test('a reader that pauses for good and leaves lets the others go on', async () => {
  const provider = await startBig()
  const dispatcher = open(2 * MB, provider.origin)
  const [paused, fast] = [await ask(provider.origin, dispatcher), await ask(provider.origin, dispatcher)]
  paused.on('error', () => {})
  const digest = read(fast, (size) => {
    if (size > 2 * MB && !paused.destroyed) paused.destroy()
  })
  expect(await digest).toBe(DIGEST)
})
