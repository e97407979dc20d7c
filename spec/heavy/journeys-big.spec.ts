import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { Agent, request } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import { openCache } from '../support/cache.ts'
import { startProvider } from '../support/start-provider.ts'

const WORDS = 26_000

test('a replay of more than 5 MB waits for a reader that pauses, and every byte comes', async () => {
  const provider = await startProvider()
  provider.always({ words: WORDS })
  const cache = openCache({ hosts: [provider.origin] })
  const dispatcher = new Agent().compose(cache.interceptor)
  onTestFinished(() => dispatcher.close())
  const ask = async (): Promise<{ digest: string; size: number; ahead: number; status: unknown }> => {
    const body = JSON.stringify({ messages: [], stream: true })
    const url = `${provider.origin}/v1/chat/completions`
    const response = await request(url, { method: 'POST', body, dispatcher })
    const read = await readSlowly(response.body)
    return { ...read, status: response.headers['x-llm-cache'] }
  }
  const first = await ask()
  const second = await ask()
  expect(first.size).toBeGreaterThan(5_000_000)
  expect(second).toMatchObject({ digest: first.digest, size: first.size, status: 'HIT' })
  expect(second.ahead).toBeLessThan(200_000)
  expect(provider.calls).toHaveLength(1)
})

/** Pauses after each chunk until the event loop has turned; `ahead` is the most that was ever handed over at once. */
async function readSlowly(body: Readable): Promise<{ digest: string; size: number; ahead: number }> {
  const hash = createHash('sha256')
  let size = 0
  let ahead = 0
  for await (const chunk of body) {
    hash.update(chunk)
    size += chunk.byteLength
    ahead = Math.max(ahead, chunk.byteLength + body.readableLength)
    await new Promise(setImmediate)
  }
  return { digest: hash.digest('hex'), size, ahead }
}
