import { Readable } from 'node:stream'
import { Agent, request } from 'undici'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { installCache, openCache } from '../../support/cache.ts'
import { chat, post, statusOf } from '../../support/calls.ts'
import { startProvider } from '../../support/start-provider.ts'

const path = '/v1/chat/completions'

describe.for(['not json', '', '[]', 'null', '{"messages":', '\u0000\u0001', '[['.repeat(50_000)])(
  'the body %j',
  (body) => {
    test('reaches the provider as it is, and its error is not stored', async () => {
      const provider = await startProvider()
      provider.always({ status: 400 })
      const cache = installCache({ hosts: [provider.origin] })
      expect((await post(provider.origin + path, body)).status).toBe(400)
      expect((await post(provider.origin + path, body)).status).toBe(400)
      expect(provider.calls.map((call) => call.body.toString())).toEqual([body, body])
      expect(cache.stats().entries).toBe(0)
    })
  },
)

test('a body above maxRequestSize reaches the provider whole, and is a bypass with its reason', async () => {
  const provider = await startProvider()
  const cache = installCache({ hosts: [provider.origin], maxRequestSize: 1000 })
  const response = await chat(provider.origin, { padding: 'x'.repeat(200_000) })
  expect(statusOf(response)).toBe('BYPASS')
  expect(response.headers.get('cache-status')).toContain('detail=body-too-large')
  expect(provider.calls[0]?.body.byteLength).toBeGreaterThan(200_000)
  expect(cache.stats()).toMatchObject({ entries: 0, bypasses: { 'body-too-large': 1 } })
})

test('an answer above maxEntrySize reaches the caller whole, and is not stored', async () => {
  const provider = await startProvider()
  const cache = installCache({ hosts: [provider.origin], maxEntrySize: 500 })
  expect(await (await chat(provider.origin, { stream: true })).text()).toMatch(/\[DONE\]\n\n$/)
  expect(cache.stats()).toMatchObject({ entries: 0, refusals: { 'too-large': 1 } })
})

test('a call aborted before its answer rejects as fetch does, and nothing is stored', async () => {
  const provider = await startProvider()
  provider.script({ first: new Promise(() => {}) })
  const cache = installCache({ hosts: [provider.origin] })
  const controller = new AbortController()
  const call = chat(provider.origin, {}, { signal: controller.signal })
  await expect.poll(() => provider.calls.length).toBe(1)
  controller.abort(new RangeError('enough'))
  await expect(call).rejects.toThrow(new RangeError('enough'))
  expect(await provider.calls[0]?.over).toBe(false)
  expect(cache.stats().entries).toBe(0)
})

test('a call aborted before it began never reaches the provider', async () => {
  const provider = await startProvider()
  installCache({ hosts: [provider.origin] })
  await expect(chat(provider.origin, {}, { signal: AbortSignal.abort() })).rejects.toThrow('aborted')
  expect(provider.calls).toHaveLength(0)
})

test('a body that fails while it is read rejects with its own error', async () => {
  const provider = await startProvider()
  const cache = openCache({ hosts: [provider.origin] })
  const dispatcher = new Agent().compose(cache.interceptor)
  onTestFinished(() => dispatcher.close())
  const body = Readable.from(failing())
  const call = request(provider.origin + path, { method: 'POST', body, dispatcher })
  await expect(call).rejects.toThrow('the disk is gone')
  expect(cache.stats().entries).toBe(0)
})

test('a body whose reader fills one buffer again and again is sent as it was read', async () => {
  const provider = await startProvider()
  const cache = openCache({ hosts: [provider.origin] })
  const dispatcher = new Agent().compose(cache.interceptor)
  onTestFinished(() => dispatcher.close())
  const text = JSON.stringify({ model: 'gpt-5.1', messages: [{ role: 'user', content: 'Say something.' }] })
  const { headers, body } = await request(provider.origin + path, {
    method: 'POST',
    body: bodyOf(refilled(text)),
    dispatcher,
  })
  await body.dump()
  expect(provider.calls.map((call) => call.body.toString())).toEqual([text])
  expect(headers['x-llm-cache']).toBe('MISS')
})

test('a body whose generator wipes its one buffer when it ends is sent as it was read', async () => {
  const provider = await startProvider()
  const cache = openCache({ hosts: [provider.origin] })
  const dispatcher = new Agent().compose(cache.interceptor)
  onTestFinished(() => dispatcher.close())
  const text = JSON.stringify({ model: 'gpt-5.1', messages: [{ role: 'user', content: 'Say something.' }] })
  const init = { method: 'POST', headers: { 'content-length': `${text.length}` }, dispatcher } as const
  for (const status of ['MISS', 'HIT']) {
    const { headers, body } = await request(provider.origin + path, { ...init, body: bodyOf(wiped(text)) })
    await body.dump()
    expect(headers['x-llm-cache']).toBe(status)
  }
  expect(provider.calls.map((call) => call.body.toString())).toEqual([text])
})

test('a body of something that is no bytes rejects, and its generator may clean up', async () => {
  const provider = await startProvider()
  const cache = openCache({ hosts: [provider.origin] })
  const dispatcher = new Agent().compose(cache.interceptor)
  onTestFinished(() => dispatcher.close())
  const closed = vi.fn(() => {
    throw new RangeError('while cleaning up, which is not what went wrong')
  })
  const call = request(provider.origin + path, { method: 'POST', body: bodyOf(numbered(closed)), dispatcher })
  await expect(call).rejects.toThrow(TypeError)
  expect(closed).toHaveBeenCalledOnce()
  expect(provider.calls).toEqual([])
})

test('a body is read no further once its call is aborted, and its generator may clean up', async () => {
  const provider = await startProvider()
  const cache = openCache({ hosts: [provider.origin] })
  const dispatcher = new Agent().compose(cache.interceptor)
  onTestFinished(() => dispatcher.close())
  const abort = new AbortController()
  const closed = Promise.withResolvers<number>()
  const body = bodyOf(endless(() => abort.abort(), closed.resolve))
  const call = request(provider.origin + path, { method: 'POST', body, dispatcher, signal: abort.signal })
  await expect(call).rejects.toThrow('aborted')
  expect(await closed.promise).toBe(3)
})

test('a provider that is not there rejects as undici does', async () => {
  const provider = await startProvider()
  const { origin } = provider
  await provider[Symbol.asyncDispose]()
  installCache({ hosts: [origin] })
  await expect(chat(origin)).rejects.toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNREFUSED' } })
})

async function* failing(): AsyncGenerator<string> {
  yield '{"messages":'
  throw new Error('the disk is gone')
}

/** undici takes iterables, its types don't. */
function bodyOf(pieces: Iterable<Buffer> | AsyncIterable<Buffer | string>): Readable {
  return pieces as unknown as Readable
}

function* refilled(text: string): Generator<Buffer> {
  const buffer = Buffer.alloc(16)
  for (let at = 0; at < text.length; at += buffer.length) yield buffer.subarray(0, buffer.write(text.slice(at)))
}

async function* wiped(text: string): AsyncGenerator<Buffer> {
  const buffer = Buffer.from(text)
  yield buffer
  buffer.fill(0)
}

async function* numbered(closed: () => void): AsyncGenerator<Buffer> {
  try {
    // What plain JavaScript may give.
    yield 42 as unknown as Buffer
  } finally {
    closed()
  }
}

/** Tells when it gives its third piece, and how many it had given when it was closed. */
async function* endless(third: () => void, closed: (pieces: number) => void): AsyncGenerator<string> {
  let pieces = 0
  try {
    for (;;) {
      if (++pieces === 3) third()
      yield ' '
    }
  } finally {
    closed(pieces)
  }
}
