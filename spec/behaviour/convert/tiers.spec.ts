import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { CacheStore, LlmCacheOptions } from '../../../lib/index.ts'
import { redisStore } from '../../../lib/stores/redis.ts'
import { sqliteStore } from '../../../lib/stores/sqlite.ts'
import { isInstalled } from '../../support/binary.ts'
import { openCache } from '../../support/cache.ts'
import { statusOf } from '../../support/calls.ts'
import type { Provider } from '../../support/provider.ts'
import { CLIENTS } from '../../support/redis-clients.ts'
import { openRedis } from '../../support/redis-server.ts'
import { makeFolder } from '../../support/run-node.ts'
import { startProvider } from '../../support/start-provider.ts'
import { ask, type Ask, cacheStatus, FORMS, formsOf } from './forms.ts'

/** Asks through a cache of its own, as another process would: its memory is empty. */
async function askAnew(
  provider: Provider,
  one: Ask,
  options: LlmCacheOptions,
): Promise<{ told: string; status: string | null; body: string }> {
  const cache = openCache(options)
  const uninstall = cache.install()
  try {
    const answer = await ask(provider, one)
    const body = await answer.text()
    await cache.flush()
    return { told: cacheStatus(answer), status: statusOf(answer), body }
  } finally {
    uninstall()
  }
}

function describeTier(name: string, open: (prefix: string) => Promise<CacheStore>): void {
  describe.for(FORMS)(`$name, over ${name}`, ({ name: format, rows, json, stream }) => {
    test.for([
      ['a stream of the JSON', json, stream],
      ['JSON of the stream', stream, json],
    ] as const)('%s that another process has stored', async ([, first, second]) => {
      const provider = await startProvider()
      const store = await open(format)
      const options: LlmCacheOptions = { crossMode: true, storeTimeout: 10, providers: rows(provider.origin), store }
      await askAnew(provider, first, options)
      const { told, status } = await askAnew(provider, second, options)
      expect([status, told]).toEqual(['HIT', expect.stringContaining('; detail=converted; ')])
      expect(provider.calls).toHaveLength(1)
    })

    test('a hit counts no tokens where OpenRouter is followed', async () => {
      const provider = await startProvider()
      const store = await open(`${format}-anew`)
      const options: LlmCacheOptions = { storeTimeout: 10, providers: rows(provider.origin), store }
      const live = await askAnew(provider, json, options)
      const hit = await askAnew(provider, json, { ...options, rewrite: 'openrouter' })
      expect(hit.status).toBe('HIT')
      expect(countsIn(live.body).some((count) => count > 0)).toBe(true)
      expect(countsIn(hit.body).every((count) => count === 0)).toBe(true)
    })
  })
}

/** Every number under a name that counts tokens. */
function countsIn(text: string): number[] {
  return [...text.matchAll(/"(?:\w*tokens|\w*TokenCount|\w*eval_count)":(\d+)/g)].map(([, count]) => Number(count))
}

describeTier('SQLite', async () => sqliteStore({ path: `${await makeFolder({})}/answers.db` }))

describe.skipIf(!isInstalled('redis-server'))('Redis', () => {
  let server: Awaited<ReturnType<typeof openRedis>>
  beforeAll(async () => void (server = await openRedis()))
  afterAll(() => server[Symbol.asyncDispose]())

  let count = 0
  const [{ name, open }] = CLIENTS
  describeTier(name, async () => {
    const opened = open(server.port)
    onTestFinished(() => opened[Symbol.dispose]())
    return redisStore({ client: opened.client, prefix: `specs-${count++}:` })
  })
})

describe('while a provider call is on its way', () => {
  const { rows, json, stream } = formsOf('OpenAI chat')

  test('whoever joins it gets its own form; the other form goes live, and is converted once it has ended', async () => {
    const provider = await startProvider()
    const cache = openCache({ crossMode: true, providers: rows(provider.origin) })
    onTestFinished(cache.install())
    const released = Promise.withResolvers<void>()
    provider.script({ gate: { after: 2, until: released.promise } })
    const leader = await ask(provider, stream)
    const joined = await ask(provider, stream)
    expect(statusOf(joined)).toBe('COALESCED')
    const other = await cache.with({ namespace: 'other' }, () => ask(provider, json))
    expect(cacheStatus(other)).toContain('fwd=miss')
    await other.text()
    released.resolve()
    expect(await joined.text()).toBe(await leader.text())
    const late = await ask(provider, json)
    expect(cacheStatus(late)).toContain('detail=converted')
    expect((await ask(provider, stream)).headers.get('cache-status')).not.toContain('converted')
    expect(provider.calls).toHaveLength(2)
  })

  test('a call of the other form waits for nobody', async () => {
    const provider = await startProvider()
    const cache = openCache({ crossMode: true, providers: rows(provider.origin) })
    onTestFinished(cache.install())
    const released = Promise.withResolvers<void>()
    provider.script({ gate: { after: 2, until: released.promise } })
    const leader = await ask(provider, stream)
    const live = await ask(provider, json)
    expect(cacheStatus(live)).toContain('fwd=miss')
    await live.text()
    released.resolve()
    await leader.text()
    expect(provider.calls).toHaveLength(2)
    // Both forms have entries of their own now, and each is the one that is given.
    for (const form of [json, stream]) expect(cacheStatus(await ask(provider, form))).not.toContain('converted')
  })
})
