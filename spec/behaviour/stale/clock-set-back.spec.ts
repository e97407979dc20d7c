import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createLlmCache, type LlmCacheOptions } from '../../../lib/index.ts'
import { sqliteStore } from '../../../lib/stores/sqlite.ts'
import { installCache } from '../../support/cache.ts'
import { chat, statusOf } from '../../support/calls.ts'
import { makeFolder } from '../../support/run-node.ts'
import { startProvider } from '../../support/start-provider.ts'
import { elapse } from './clock.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

/** Runs `act` while the clock is wrong by so many seconds. */
async function whileAhead<Result>(seconds: number, act: () => Promise<Result>): Promise<Result> {
  elapse(seconds)
  const result = await act()
  elapse(-seconds)
  return result
}

describe('an answer that was stored while the clock was an hour ahead', () => {
  test('is not in the cache once the clock is right, and the next one takes its place', async () => {
    const { origin } = await startProvider()
    installCache({ hosts: [origin], ttl: 10, staleIfError: 100, staleWhileRevalidate: 100 })
    await whileAhead(3600, () => chat(origin))
    const answers = [await chat(origin), await chat(origin)]
    expect(answers.map(statusOf)).toEqual(['MISS', 'HIT'])
    expect(answers[1]?.headers.get('cache-status')).toContain('; ttl=10;')
  })

  test('is reported by explain', async () => {
    const { origin } = await startProvider()
    installCache({ hosts: [origin], explain: true })
    await whileAhead(3600, () => chat(origin))
    expect((await chat(origin)).headers.get('cache-status')).toContain('detail="stored while a clock was ahead"')
  })

  test('is not in a SQLite file either, and the next one takes its place there too', async () => {
    const { origin, calls } = await startProvider()
    const path = join(await makeFolder({}), 'cache.db')
    const options = (): LlmCacheOptions => ({ hosts: [origin], store: sqliteStore({ path }), storeTimeout: 60 })
    const askOnce = async (): Promise<string | null> => {
      const cache = createLlmCache(options())
      const remove = cache.install()
      const answer = await chat(origin)
      await answer.text()
      await cache.flush()
      remove()
      await cache.close()
      return statusOf(answer)
    }
    expect(await whileAhead(3600, askOnce)).toBe('MISS')
    expect([await askOnce(), await askOnce()]).toEqual(['MISS', 'HIT'])
    expect(calls).toHaveLength(2)
  })
})

test('an answer of a machine whose clock is half a minute ahead is a hit, and good for no longer than its ttl', async () => {
  const { origin } = await startProvider()
  installCache({ hosts: [origin], ttl: 60 })
  await whileAhead(30, () => chat(origin))
  const { headers } = await chat(origin)
  expect([headers.get('age'), headers.get('x-llm-cache-ttl')]).toEqual(['0', '60'])
})
