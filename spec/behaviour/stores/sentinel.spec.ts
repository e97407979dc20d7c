import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isInstalled } from '../../support/binary.ts'
import type { Provider } from '../../support/provider.ts'
import { SENTINEL_CLIENTS } from '../../support/redis-clients.ts'
import { openSentinel, type RedisSentinel } from '../../support/redis-sentinel.ts'
import { startProvider } from '../../support/start-provider.ts'
import { openInstance } from './instance.ts'

describe.skipIf(!isInstalled('redis-server')).for(SENTINEL_CLIENTS)(
  'a Redis with sentinels, with $name',
  ({ open }) => {
    let sentinel: RedisSentinel
    let provider: Provider
    beforeEach(async () => void ([sentinel, provider] = await Promise.all([openSentinel(), startProvider()])), 60_000)
    afterEach(() => sentinel[Symbol.asyncDispose]())

    test(
      'whose master is killed: every call is answered, and what the replica has is found there by itself',
      { timeout: 60_000 },
      async () => {
        // Memory keeps nothing: each hit is Redis's.
        const one = openInstance(open(sentinel.port), provider, { maxSize: 1, storeTimeout: 0.5 })
        await one.ask('a')
        await one.cache.flush()
        expect(await one.ask('a')).toBe('HIT')
        await expect.poll(() => sentinel.replica.cli('dbsize'), { interval: 100 }).not.toBe('0\n')
        await sentinel.master.kill()
        for (let i = 0; i < 20; i++) expect(await one.ask(`${i}`)).toBe('MISS')
        await expect.poll(() => one.ask('a'), { timeout: 40_000, interval: 200 }).toBe('HIT')
        expect(await sentinel.replica.cli('role')).toMatch(/^master/)
        await expect
          .poll(async () => [await one.ask('new'), await one.ask('new')], { timeout: 20_000, interval: 200 })
          .toEqual([expect.anything(), 'HIT'])
        expect(await one.cache.clear()).toBeGreaterThan(0)
      },
    )
  },
)
