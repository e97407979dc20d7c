import { measure } from 'mitata'
import { Agent, getGlobalDispatcher, setGlobalDispatcher } from 'undici'
import { createLlmCache, type LlmCacheOptions } from '../../lib/index.ts'
import type { CacheStore } from '../../lib/stores/store.ts'
import { bytesOf, chatAnswer, chatRequest, withoutUsage } from './answer.ts'
import { rowOf } from './compare.ts'
import { builtInFetch } from './doors.ts'
import { floor } from './floor.ts'
import { interleave } from './rounds.ts'
import type { Contestant, Goal, Row, Workload } from './workload.ts'

const ORIGIN = 'http://127.0.0.1:1234'
const MEMORY = 'memory'

/** A store, and the bare client of what is below it. */
export interface StoreBed {
  readonly name: string
  /** A hit shall take no longer than a hit from memory and so many bare reads. */
  readonly factor: number
  readonly open: (encryption: 'credential' | 'none') => CacheStore
  /** Keeps these bytes, and gives what reads them. */
  readonly bare: (bytes: Uint8Array) => Contestant['call'] | Promise<Contestant['call']>
}

/**
 * What a hit costs from memory and from a store, sealed and not, beside the bare client's read of the same bytes. The bare
 * read is made before a hit from memory: by itself, again and again, it would find its memory and its code at hand, which
 * it does in no app, and take a third of the time.
 */
export async function measureStoreHit(
  { name, factor, open, bare }: StoreBed,
  { rounds, warmUp, turn }: Parameters<Workload['run']>[0],
): Promise<Row[]> {
  const [clear, read, limit] = [`${name}, not sealed`, `bare read, then ${MEMORY}`, `${MEMORY} + ${factor} × bare read`]
  const before = getGlobalDispatcher()
  // Without usage: its price is looked up once an answer, and here each read of the store makes a new one of it.
  const answer = withoutUsage(chatAnswer(20_000))
  const call = builtInFetch.open(ORIGIN, chatRequest(2_000))
  const inMemory = openSide(MEMORY, {})
  const sides = [
    inMemory,
    // A memory of one byte keeps nothing: each hit comes from the store. A machine that is busy is no outage.
    openSide(name, { store: open('credential'), maxSize: 1, storeTimeout: 5 }),
    openSide(clear, { store: open('none'), maxSize: 1, storeTimeout: 5 }),
  ]
  for (const { contestant, cache } of sides) {
    contestant.enter()
    await call()
    await cache.flush()
  }
  const readBare = await bare(bytesOf(answer))
  const bareRead: Contestant = {
    name: read,
    enter: () => setGlobalDispatcher(inMemory.dispatcher),
    call: async () => {
      await readBare()
      return call()
    },
  }
  const contestants: Contestant[] = [...sides.map(({ contestant }) => contestant), bareRead]
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
  setGlobalDispatcher(before)
  const figures = new Map([...measured].map(([one, times]) => [one.name, times]))
  const memory = figures.get(MEMORY) ?? []
  const reads = figures.get(read) ?? []
  figures.set(
    limit,
    reads.map((time, round) => limitOf(memory[round] ?? Number.NaN, time)),
  )
  const goals: Goal[] = [name, clear].map((contestant) => ({ contestant, against: limit, by: 'ratio', limit: 1 }))
  return [...contestants, { name: limit }].map((one) =>
    rowOf(one, { door: builtInFetch.name, base: MEMORY, goals }, figures, 'µs'),
  )

  function limitOf(memory: number, withRead: number): number {
    return memory + factor * (withRead - memory)
  }

  function openSide(side: string, options: LlmCacheOptions) {
    const cache = createLlmCache({ hosts: [ORIGIN], ...options })
    const dispatcher = new Agent().compose(floor(answer), cache.interceptor)
    return { cache, dispatcher, contestant: { name: side, call, enter: () => setGlobalDispatcher(dispatcher) } }
  }
}
