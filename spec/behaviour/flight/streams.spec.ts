import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { installCache } from '../../support/cache.ts'
import { chat, statusOf } from '../../support/calls.ts'
import { Ear, EVENTS, type Exchange, startSteppedProvider, type SteppedProvider } from './stepped-provider.ts'

const WHOLE = EVENTS.join('')
/** Before the head, and after each event. */
const POSITIONS = Array.from({ length: EVENTS.length + 1 }, (_, count) => count)
/** The marker is the last event: a stream that has passed it is whole. */
const UNFINISHED = POSITIONS.slice(0, -1)

/** A leader and a follower of one call whose provider has sent so many events, all of them read. */
interface Pair {
  readonly exchange: Exchange
  readonly leader: Promise<Response>
  readonly follower: Promise<Response>
  readonly ears: readonly Ear[]
  readonly leave: AbortController
  readonly leaveToo: AbortController
}

async function pairAt(provider: SteppedProvider, position: number): Promise<Pair> {
  const [leave, leaveToo] = [new AbortController(), new AbortController()]
  const [leader, follower] = [leave, leaveToo].map(({ signal }) => chat(provider.origin, { stream: true }, { signal }))
  if (leader === undefined || follower === undefined) throw new Error('two were made')
  const exchange = await provider.next()
  if (position === 0) return { exchange, leader, follower, ears: [], leave, leaveToo }
  await exchange.send(...EVENTS.slice(0, position))
  const ears = [new Ear(await leader), new Ear(await follower)]
  await Promise.all(ears.map((ear) => ear.events(position)))
  return { exchange, leader, follower, ears, leave, leaveToo }
}

test('one who joins at any event gets what was sent at once, then the rest as it comes', async () => {
  const provider = await startSteppedProvider()
  const cache = installCache({ hosts: [provider.origin] })
  const first = chat(provider.origin, { stream: true })
  const exchange = await provider.next()
  const joiners: Ear[] = []
  exchange.head()
  for (const [count, event] of EVENTS.entries()) {
    const response = await chat(provider.origin, { stream: true })
    const joiner = new Ear(response)
    expect(statusOf(response)).toBe('COALESCED')
    expect(response.headers.get('cache-status')).toMatch(/^undici-llm-cache; fwd=miss; collapsed; key="[0-9a-f]{64}"$/)
    expect(await joiner.events(count)).toBe(EVENTS.slice(0, count).join(''))
    joiners.push(joiner)
    await exchange.send(event)
  }
  exchange.end()
  const leader = new Ear(await first)
  expect(await Promise.all([leader, ...joiners].map((ear) => ear.rest()))).toEqual(Array(EVENTS.length + 1).fill(WHOLE))
  expect(provider.calls).toBe(1)
  expect(cache.stats()).toMatchObject({ misses: 1, coalesced: EVENTS.length, stores: 1 })
})

test('one who comes after the marker and before the end is answered from memory', async () => {
  const provider = await startSteppedProvider()
  const cache = installCache({ hosts: [provider.origin] })
  const { exchange } = await pairAt(provider, EVENTS.length)
  await expect.poll(() => cache.stats().stores).toBe(1)
  const late = await chat(provider.origin, { stream: true })
  expect([statusOf(late), await late.text()]).toEqual(['HIT', WHOLE])
  exchange.end()
})

test('one who comes while a compressed answer is still judged gets it, and the provider is not asked again', async () => {
  const provider = await startSteppedProvider()
  installCache({ hosts: [provider.origin] })
  const first = chat(provider.origin, { stream: true })
  const exchange = await provider.next()
  exchange.head(200, { 'content-encoding': 'gzip' })
  await exchange.send(gzipSync(WHOLE))
  exchange.end()
  expect(await (await first).text()).toBe(WHOLE)
  const second = await chat(provider.origin, { stream: true })
  expect(await second.text()).toBe(WHOLE)
  expect(statusOf(second)).toMatch(/COALESCED|HIT/)
  expect(provider.calls).toBe(1)
})

describe.for(UNFINISHED)('after %i events', (position) => {
  test('the leader leaves, and the follower gets everything', async () => {
    const provider = await startSteppedProvider()
    const cache = installCache({ hosts: [provider.origin] })
    const { exchange, leader, follower, ears, leave } = await pairAt(provider, position)
    leader.catch(() => {})
    leave.abort()
    await exchange.send(...EVENTS.slice(position))
    exchange.end()
    expect(await (ears[1] ?? new Ear(await follower)).rest()).toBe(WHOLE)
    await expect.poll(() => cache.stats().stores).toBe(1)
    const next = await chat(provider.origin, { stream: true })
    expect([statusOf(next), await next.text()]).toEqual(['HIT', WHOLE])
    expect(await exchange.over).toBe(true)
  })

  test('all leave: the provider sees it, and nothing is stored', async () => {
    const provider = await startSteppedProvider()
    const cache = installCache({ hosts: [provider.origin] })
    const { exchange, leader, follower, leave, leaveToo } = await pairAt(provider, position)
    for (const call of [leader, follower]) call.catch(() => {})
    leave.abort()
    leaveToo.abort()
    expect(await exchange.over).toBe(false)
    await expect.poll(() => cache.stats().refusals).toEqual({ aborted: 1 })
    expect(cache.stats().entries).toBe(0)
    const again = chat(provider.origin, { stream: true })
    const live = await provider.next()
    await live.send(...EVENTS)
    live.end()
    expect(await (await again).text()).toBe(WHOLE)
  })

  test('the connection breaks: both get what came and the same error, and the next call goes live', async () => {
    const provider = await startSteppedProvider()
    const cache = installCache({ hosts: [provider.origin] })
    const { exchange, leader, follower, ears } = await pairAt(provider, position)
    exchange.reset()
    if (position === 0) {
      const failures = await Promise.all([leader, follower].map((call) => call.catch((error: Error) => error.cause)))
      expect(failures[0]).toBeInstanceOf(Error)
      expect(failures[1]).toBe(failures[0])
    } else {
      const [first, second] = await Promise.all(ears.map((ear) => ear.fate()))
      expect(first).toEqual({ text: EVENTS.slice(0, position).join(''), error: 'TypeError: terminated' })
      expect(second).toEqual(first)
    }
    expect(cache.stats()).toMatchObject({ entries: 0, refusals: { network: 1 } })
    const again = chat(provider.origin, { stream: true })
    const live = await provider.next()
    await live.send(...EVENTS)
    live.end()
    const response = await again
    expect([statusOf(response), await response.text()]).toEqual(['MISS', WHOLE])
  })
})

test('all leave and the app wants the answer all the same: it is stored', async () => {
  const provider = await startSteppedProvider()
  const cache = installCache({ hosts: [provider.origin], onAbandon: 'finish' })
  const { exchange, leave, leaveToo } = await pairAt(provider, 2)
  leave.abort()
  leaveToo.abort()
  await exchange.send(...EVENTS.slice(2))
  exchange.end()
  expect(await exchange.over).toBe(true)
  await expect.poll(() => cache.stats().stores).toBe(1)
  expect(statusOf(await chat(provider.origin, { stream: true }))).toBe('HIT')
})

test('an answer beyond maxEntrySize reaches all who are attached, nobody joins it, and it is not stored', async () => {
  const provider = await startSteppedProvider()
  const cache = installCache({ hosts: [provider.origin], maxEntrySize: 200 })
  const { exchange, ears } = await pairAt(provider, 2)
  expect(cache.stats().refusals).toEqual({ 'too-large': 1 })
  const other = chat(provider.origin, { stream: true })
  const live = await provider.next()
  for (const one of [exchange, live]) {
    await one.send(...EVENTS.slice(one === exchange ? 2 : 0))
    one.end()
  }
  expect(await Promise.all(ears.map((ear) => ear.rest()))).toEqual([WHOLE, WHOLE])
  const response = await other
  expect([statusOf(response), await response.text()]).toEqual(['MISS', WHOLE])
  expect(cache.stats().entries).toBe(0)
})

test('a refused answer reaches all who wait, and the next call goes live', async () => {
  const provider = await startSteppedProvider()
  const cache = installCache({ hosts: [provider.origin] })
  const { exchange, ears } = await pairAt(provider, 2)
  const failure = 'data: {"error":{"message":"overloaded","type":"server_error"}}\n\n'
  await exchange.send(failure, 'data: [DONE]\n\n')
  exchange.end()
  const text = `${EVENTS.slice(0, 2).join('')}${failure}data: [DONE]\n\n`
  expect(await Promise.all(ears.map((ear) => ear.rest()))).toEqual([text, text])
  expect(cache.stats()).toMatchObject({ entries: 0, refusals: { error: 1 } })
  void chat(provider.origin, { stream: true }).catch(() => {})
  await provider.next()
  expect(provider.calls).toBe(2)
})
