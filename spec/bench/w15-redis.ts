import { measure } from 'mitata'
import { createClient } from 'redis'
import { Agent, getGlobalDispatcher, setGlobalDispatcher } from 'undici'
import { createLlmCache } from '../../lib/index.ts'
import { redisStore } from '../../lib/stores/redis.ts'
import { isInstalled } from '../support/binary.ts'
import { openRedis } from '../support/redis-server.ts'
import { bytesOf, chatAnswer, chatRequest, withoutUsage } from './answer.ts'
import { rowOf } from './compare.ts'
import { builtInFetch } from './doors.ts'
import { floor } from './floor.ts'
import { interleave } from './rounds.ts'
import type { Contestant, Goal, Workload } from './workload.ts'

const ORIGIN = 'http://127.0.0.1:1234'
const MEMORY = 'memory'
const BARE = 'Redis, bare GET'
const REDIS = 'Redis'
const CLEAR = 'Redis, not sealed'
const LIMIT = '1.3 × bare GET + memory'
const GOALS: readonly Goal[] = [REDIS, CLEAR].map((contestant) => ({
  contestant,
  against: LIMIT,
  by: 'ratio',
  limit: 1,
}))

/** What a hit from Redis costs, beside the bare client's GET of the same bytes. */
export const w15: Workload = {
  id: 'W15',
  title: 'hit from Redis: fetch of a JSON answer of 20 kB',
  async run({ rounds, warmUp, turn }) {
    if (!isInstalled('redis-server')) return []
    await using server = await openRedis()
    const client = await createClient({ url: server.url }).connect()
    const before = getGlobalDispatcher()
    const answer = withoutUsage(chatAnswer(20_000))
    const call = builtInFetch.open(ORIGIN, chatRequest(2_000))
    const openSide = (name: string, encryption?: 'credential' | 'none') => {
      const store = encryption && redisStore({ client, prefix: `${encryption}:`, encryption })
      // A memory of one byte keeps nothing: each hit comes from the store. A machine that is busy is no outage.
      const cache = createLlmCache({ hosts: [ORIGIN], ...(store && { store, maxSize: 1, storeTimeout: 5 }) })
      const dispatcher = new Agent().compose(floor(answer), cache.interceptor)
      return { cache, contestant: { name, call, enter: () => setGlobalDispatcher(dispatcher) } }
    }
    const sides = [openSide(MEMORY), openSide(REDIS, 'credential'), openSide(CLEAR, 'none')]
    for (const { contestant, cache } of sides) {
      contestant.enter()
      await call()
      await cache.flush()
    }
    await client.set('bare', Buffer.from(bytesOf(answer)))
    const bytes = client.withTypeMapping({ 36: Buffer })
    const contestants: Contestant[] = [
      ...sides.map(({ contestant }) => contestant),
      { name: BARE, call: () => bytes.get('bare') },
    ]
    const turnOf = async (one: Contestant): Promise<number> => {
      one.enter?.()
      return (await measure(one.call, { min_cpu_time: turn * 1e6, batch_threshold: 0 })).p50 / 1e3
    }
    await interleave(contestants, warmUp, turnOf)
    const measured = await interleave(contestants, rounds, turnOf)
    for (const { cache } of sides) {
      const { misses } = cache.stats()
      if (misses !== 1) throw new Error(`The cache under test missed ${misses} times`)
      await cache.close()
    }
    client.destroy()
    setGlobalDispatcher(before)
    const figures = new Map([...measured].map(([{ name }, times]) => [name, times]))
    const memory = figures.get(MEMORY) ?? []
    figures.set(
      LIMIT,
      (figures.get(BARE) ?? []).map((time, round) => 1.3 * time + (memory[round] ?? Number.NaN)),
    )
    return [...contestants, { name: LIMIT }].map((one) =>
      rowOf(one, { door: builtInFetch.name, base: MEMORY, goals: GOALS }, figures, 'µs'),
    )
  },
}
