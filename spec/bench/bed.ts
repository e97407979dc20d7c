import { deepStrictEqual, ok } from 'node:assert'
import { Agent, type Dispatcher, getGlobalDispatcher, setGlobalDispatcher } from 'undici'
import { createLlmCache, type LlmCacheOptions } from '../../lib/index.ts'
import { type Answer, bytesOf, type ChatParameters, textOf } from './answer.ts'
import type { Door } from './doors.ts'
import { floor, hashingFloor, type Interceptor } from './floor.ts'
import { type BenchProvider, openProvider } from './provider.ts'
import type { Contestant } from './workload.ts'

/** Names that goals refer to. */
export const NAMES = {
  floor: 'floor',
  hashing: 'hashing floor',
  ours: 'undici-llm-cache',
  none: 'no cache, loopback',
} as const

/** One answer, its provider, and what stands in front of it. */
export interface Bed {
  readonly answer: Answer
  readonly provider: BenchProvider
  /** Floors, us and no cache at all under one door, each with its own dispatcher. */
  contestants(door: Door, parameters: ChatParameters, atOnce?: number): readonly Contestant[]
  /** A dispatcher that a contestant enters. */
  readonly dispatchers: Readonly<Record<keyof typeof NAMES, Dispatcher>>
  /**
   * Asserts that our cache has answered from memory since it was last asked: every call but the first one of each
   * `contestants` (of those at once the first one). A key that an earlier door has filled is a hit from the first call on.
   */
  assertHits(): void
  close(): Promise<void>
}

/** Puts an answer behind a provider, floors and a cache. */
export async function openBed(answer: Answer, options: LlmCacheOptions = {}): Promise<Bed> {
  const provider = await openProvider({ answer })
  const dispatcher = getGlobalDispatcher()
  const agent = new Agent()
  const cache = createLlmCache({ hosts: [provider.origin], maxEntrySize: 64 * 1024 * 1024, ...options })
  const dispatchers = {
    none: agent,
    floor: composed(agent, floor(answer)),
    hashing: composed(agent, hashingFloor(answer)),
    // The first call is answered by the floor below, so that what is stored has the floor's own chunks.
    ours: composed(agent, floor(answer), cache.interceptor),
  }
  let before = cache.stats()
  let opened = 0
  return {
    answer,
    provider,
    dispatchers,
    contestants(door, parameters, atOnce) {
      opened++
      const call = repeat(door.open(provider.origin, parameters), atOnce)
      const expected = expectedOf(door, answer)
      const names: (keyof typeof NAMES)[] = ['hashing', 'floor', 'ours', 'none']
      return names.map((name) => ({
        name: NAMES[name],
        call,
        expected,
        enter: () => setGlobalDispatcher(dispatchers[name]),
      }))
    },
    assertHits() {
      const stats = cache.stats()
      const figures = JSON.stringify(stats)
      deepStrictEqual(stats.bypasses, {}, `The cache under test was bypassed: ${figures}`)
      ok(stats.hits > before.hits, `The cache under test served no hit: ${figures}`)
      ok(stats.misses - before.misses <= opened, `The cache under test missed what it should have: ${figures}`)
      before = stats
      opened = 0
    },
    async close() {
      setGlobalDispatcher(dispatcher)
      await cache.close()
      await agent.destroy()
      await provider.close()
    },
  }
}

/** What a door's calls resolve to. */
export function expectedOf({ gives }: Pick<Door, 'gives'>, answer: Answer): Uint8Array | string {
  return gives === 'bytes' ? bytesOf(answer) : textOf(answer)
}

/** The same call so many times at once; once by default. */
export function repeat<T>(call: () => Promise<T>, atOnce = 1): () => Promise<T | T[]> {
  return atOnce === 1 ? call : () => Promise.all(Array.from({ length: atOnce }, call))
}

function composed(agent: Agent, ...interceptors: readonly Interceptor[]): Dispatcher {
  return agent.compose(...interceptors)
}
