import { describe, expect, test } from 'vitest'
import type { Behaviour } from '../../support/behaviour.ts'
import { installCache } from '../../support/cache.ts'
import { chat, statusOf } from '../../support/calls.ts'
import { startProvider } from '../../support/start-provider.ts'

interface Ending {
  readonly name: string
  readonly behaviour: Behaviour
  readonly stream: boolean
  readonly refusal: string
}

const ENDINGS: readonly Ending[] = [
  { name: 'a status 500', behaviour: { status: 500 }, stream: false, refusal: 'status' },
  {
    name: 'a status 429',
    behaviour: { status: 429, headers: { 'retry-after': '1' } },
    stream: true,
    refusal: 'status',
  },
  {
    name: 'a stream without its marker',
    behaviour: { cut: { after: 5, how: 'end' } },
    stream: true,
    refusal: 'incomplete',
  },
  { name: 'a stream that is reset', behaviour: { cut: { after: 5, how: 'reset' } }, stream: true, refusal: 'network' },
  { name: 'a stream that ends before its first event', behaviour: { events: [] }, stream: true, refusal: 'incomplete' },
  { name: 'an error event before [DONE]', behaviour: { failAfter: 3 }, stream: true, refusal: 'error' },
  { name: 'an error document with status 200', behaviour: { failAfter: 0 }, stream: false, refusal: 'error' },
  { name: 'a document cut short', behaviour: { events: ['{"id":"a","cho'] }, stream: false, refusal: 'malformed' },
  {
    name: 'a document shorter than its content-length',
    behaviour: { contentLength: 100_000 },
    stream: false,
    refusal: 'network',
  },
]

describe.for(ENDINGS)('$name', ({ behaviour, stream, refusal }) => {
  test('reaches the caller as without a cache, and is not stored', async () => {
    const provider = await startProvider()
    provider.script(behaviour, behaviour, {})
    const plain = await outcome(chat(provider.origin, { stream }))
    const cache = installCache({ hosts: [provider.origin] })
    expect(await outcome(chat(provider.origin, { stream }))).toEqual(plain)
    await expect.poll(() => cache.stats().refusals).toEqual({ [refusal]: 1 })
    expect(cache.stats().entries).toBe(0)
    expect(statusOf(await chat(provider.origin, { stream }))).toBe('MISS')
    expect(provider.calls).toHaveLength(3)
  })
})

describe.for(['gzip', 'deflate', 'br'] as const)('an answer in %s', (coding) => {
  test.for([false, true])('is replayed as it came, stream: %s', async (stream) => {
    const provider = await startProvider()
    provider.always({ coding })
    const cache = installCache({ hosts: [provider.origin] })
    const first = await (await chat(provider.origin, { stream })).text()
    await expect.poll(() => cache.stats().stores).toBe(1)
    const second = await chat(provider.origin, { stream })
    expect([statusOf(second), await second.text()]).toEqual(['HIT', first])
    expect(provider.calls).toHaveLength(1)
  })
})

test('a reader that leaves mid-stream gets nothing stored, and the provider sees it leave', async () => {
  const provider = await startProvider()
  provider.script({ gate: { after: 3, until: new Promise(() => {}) } })
  const cache = installCache({ hosts: [provider.origin] })
  const reader = (await chat(provider.origin, { stream: true })).body?.getReader()
  await reader?.read()
  await reader?.cancel()
  expect(await provider.calls[0]?.over).toBe(false)
  expect(cache.stats()).toMatchObject({ stores: 0, entries: 0, refusals: { aborted: 1 } })
})

test('an answer is a hit once its marker has come, though the provider holds the socket open', async () => {
  const provider = await startProvider()
  const release = Promise.withResolvers<void>()
  provider.script({ hold: release.promise })
  installCache({ hosts: [provider.origin] })
  const reader = (await chat(provider.origin, { stream: true })).body?.getReader()
  let seen = ''
  while (!seen.endsWith('[DONE]\n\n')) seen += Buffer.from((await reader?.read())?.value ?? []).toString()
  const second = await chat(provider.origin, { stream: true })
  expect([statusOf(second), await second.text()]).toEqual(['HIT', seen])
  release.resolve()
  expect((await reader?.read())?.done).toBe(true)
})

test('each event reaches the caller while the provider still writes', async () => {
  const provider = await startProvider()
  const release = Promise.withResolvers<void>()
  provider.script({ gate: { after: 2, until: release.promise } })
  installCache({ hosts: [provider.origin] })
  const reader = (await chat(provider.origin, { stream: true })).body?.getReader()
  let seen = ''
  while (seen.split('\n\n').length < 3) seen += Buffer.from((await reader?.read())?.value ?? []).toString()
  expect(seen).not.toContain('[DONE]')
  release.resolve()
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read())
    seen += Buffer.from(part.value).toString()
  expect(seen).toMatch(/\[DONE\]\n\n$/)
})

/** All that a caller can see of an answer, ids aside: they count the provider's calls. */
async function outcome(call: Promise<Response>): Promise<object> {
  const response = await call
  const text = await response.text().catch((error: Error) => `${error.name}: ${error.message}`)
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    text: text.replaceAll(/chatcmpl-\d+|"created":\d+/g, ''),
  }
}
