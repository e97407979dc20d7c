import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createContext } from '../../lib/call/context.ts'
import type { Finder, FinderCall, Found, Search } from '../../lib/finders/finder.ts'
import { createInterceptor } from '../../lib/interceptor.ts'
import { resolveOptions } from '../../lib/options/resolve-options.ts'
import { installGlobally } from '../../lib/undici/install.ts'
import type { Entry } from '../../lib/stores/entry.ts'
import { startProvider } from '../support/start-provider.ts'
import { askAt, type Asked, type Seen } from './controls/setup.ts'

/** A cache with one finder, over a loopback provider. */
async function setUp(
  open: (call: FinderCall) => Search | undefined,
  rest: Partial<Finder> = {},
): Promise<{ calls: () => number; ask(asked?: Asked): Promise<Seen> }> {
  const { origin, calls } = await startProvider()
  const finders = [{ name: 'scripted', open, ...rest }]
  const exactFinders = finders.filter(({ exactFields }) => exactFields !== undefined)
  const context = { ...createContext(resolveOptions({ hosts: [origin] })), finders, exactFinders }
  onTestFinished(installGlobally(createInterceptor(context), () => {}))
  return { calls: () => calls.length, ask: (asked) => askAt(`${origin}/v1/chat/completions`, asked) }
}

/** Finds the answer to the same call without the field `user`, and hears of what is stored. */
function withoutUser(stored: Entry[] = []): (call: FinderCall) => Search {
  return (call) => ({
    async find() {
      const body = call.identity.json()
      if (body === undefined) return { use: 'none' }
      delete body['user']
      const key = call.keyOf(call.identity.vary({ body: Buffer.from(JSON.stringify(body)) }))
      const entry = await call.get(key)
      if (entry === undefined) return { use: 'none' }
      return { use: 'all', entry, detail: 'converted', fields: ['x-llm-cache-match', 'm1'] }
    },
    stored: (entry) => void stored.push(entry),
  })
}

describe('a finder', () => {
  test('serves an entry of another key, and the answer says how it was found', async () => {
    const { ask, calls } = await setUp(withoutUser())
    const plain = await ask()
    const found = await ask({ fields: { user: 'me' } })
    expect([found.cache, found.key, found.text, calls()]).toEqual(['HIT', plain.key, plain.text, 1])
    expect(found.headers.get('x-llm-cache-match')).toBe('m1')
    expect(found.told).toMatch(/^undici-llm-cache; hit; ttl=\d+; detail=converted; key=/)
  })

  test('learns of each answer that is stored, once a lookup was made', async () => {
    const stored: Entry[] = []
    const { ask } = await setUp(withoutUser(stored))
    const { key } = await ask({ fields: { seed: 1 } })
    await ask({ fields: { seed: 2 } })
    expect(stored[0]?.key).toBe(key)
  })

  test('never serves what is too old for the call', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const { ask, calls } = await setUp(withoutUser())
    await ask()
    vi.setSystemTime(Date.now() + 30_000)
    const asked = async (age: number): Promise<string | null> =>
      (await ask({ fields: { user: `${age}` }, headers: { 'cache-control': `max-age=${age}` } })).cache
    expect([await asked(20), await asked(40), calls()]).toEqual(['MISS', 'HIT', 2])
  })

  test('answers a call that may not go live', async () => {
    const { ask } = await setUp(withoutUser())
    await ask()
    expect((await ask({ fields: { user: 'me' }, headers: { 'x-llm-cache': 'only' } })).cache).toBe('HIT')
    expect((await ask({ fields: { seed: 3 }, headers: { 'x-llm-cache': 'only' } })).status).toBe(504)
  })

  test('that still looks when its caller leaves causes no provider call', async () => {
    const found = Promise.withResolvers<Found>()
    const asked = Promise.withResolvers<void>()
    const { ask, calls } = await setUp(() => ({
      find: () => {
        asked.resolve()
        return found.promise
      },
    }))
    const leaving = new AbortController()
    const call = ask({ init: { signal: leaving.signal } })
    await asked.promise
    leaving.abort()
    await expect(call).rejects.toThrow('aborted')
    found.resolve({ use: 'none' })
    await found.promise
    expect([(await ask({ fields: { seed: 1 } })).cache, calls()]).toEqual(['MISS', 1])
  })

  test('that finds nothing while the same call has begun has its caller share that', async () => {
    const finds = [Promise.withResolvers<Found>(), Promise.withResolvers<Found>()]
    let asked = 0
    const bothAsked = Promise.withResolvers<void>()
    const { ask, calls } = await setUp(() => ({
      find: () => {
        const find = finds[asked++]
        if (asked === finds.length) bothAsked.resolve()
        return find?.promise ?? { use: 'none' }
      },
    }))
    const both = [ask(), ask()]
    await bothAsked.promise
    for (const { resolve } of finds) resolve({ use: 'none' })
    const answers = await Promise.all(both)
    expect([answers.map(({ cache }) => cache).toSorted(), calls()]).toEqual([['COALESCED', 'MISS'], 1])
  })

  test('that breaks costs a miss, and the answer is stored', async () => {
    const { ask, calls } = await setUp(() => ({
      find: () => Promise.reject(new Error('broken')),
    }))
    expect([(await ask()).cache, (await ask()).cache, calls()]).toEqual(['MISS', 'HIT', 1])
  })

  test('adds fields to an exact hit', async () => {
    const { ask } = await setUp(() => undefined, { exactFields: () => ['x-llm-cache-similarity', '1'] })
    await ask()
    const hits = [await ask(), await ask()]
    expect(hits.map(({ headers }) => headers.get('x-llm-cache-similarity'))).toEqual(['1', '1'])
  })
})
