import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { measure } from 'mitata'
import { Agent, getGlobalDispatcher, setGlobalDispatcher } from 'undici'
import { createLlmCache, type LlmCacheOptions } from '../../lib/index.ts'
import { sqliteStore } from '../../lib/stores/sqlite.ts'
import { bytesOf, chatAnswer, chatRequest, withoutUsage } from './answer.ts'
import { rowOf } from './compare.ts'
import { builtInFetch } from './doors.ts'
import { floor } from './floor.ts'
import { interleave } from './rounds.ts'
import { openFolder } from './temporary.ts'
import type { Contestant, Goal, Workload } from './workload.ts'

const ORIGIN = 'http://127.0.0.1:1234'
const MEMORY = 'memory'
const BARE = 'SQLite, bare get'
const LIMIT = '1.5 × bare get + memory'
const SQLITE = 'SQLite'
const CLEAR = 'SQLite, not sealed'
const GOALS: readonly Goal[] = [
  { contestant: SQLITE, against: LIMIT, by: 'ratio', limit: 1 },
  { contestant: CLEAR, against: LIMIT, by: 'ratio', limit: 1 },
]

/** What a hit costs by the tier that has it, beside the bare client's read of the same bytes. */
export const w13: Workload = {
  id: 'W13',
  title: 'hit by tier: fetch of a JSON answer of 20 kB',
  async run({ rounds, warmUp, turn }) {
    const folder = openFolder()
    const before = getGlobalDispatcher()
    // Without usage: its price is looked up once an answer, and here each read of the store makes a new one of it.
    const answer = withoutUsage(chatAnswer(20_000))
    const call = builtInFetch.open(ORIGIN, chatRequest(2_000))
    // A memory of one byte keeps nothing: each hit comes from the store.
    const store = (name: string, encryption: 'credential' | 'none'): LlmCacheOptions => ({
      maxSize: 1,
      store: sqliteStore({ path: join(folder.path, name), encryption }),
    })
    const sides = [
      openSide(MEMORY, {}),
      openSide(SQLITE, store('sealed.db', 'credential')),
      openSide(CLEAR, store('clear.db', 'none')),
    ]
    for (const { contestant, cache } of sides) {
      contestant.enter?.()
      await call()
      await cache.flush()
    }
    const bare = bareGet(join(folder.path, 'bare.db'), bytesOf(answer))
    const contestants: Contestant[] = [...sides.map(({ contestant }) => contestant), bare.contestant]
    const turnOf = async (one: Contestant): Promise<number> => {
      one.enter?.()
      return (await measure(one.call, { min_cpu_time: turn * 1e6 })).p50 / 1e3
    }
    await interleave(contestants, warmUp, turnOf)
    const measured = await interleave(contestants, rounds, turnOf)
    for (const { cache } of sides) {
      const { misses } = cache.stats()
      if (misses !== 1) throw new Error(`The cache under test missed ${misses} times`)
      await cache.close()
    }
    bare.close()
    setGlobalDispatcher(before)
    folder.remove()
    const figures = new Map([...measured].map(([{ name }, times]) => [name, times]))
    const memory = figures.get(MEMORY) ?? []
    figures.set(
      LIMIT,
      (figures.get(BARE) ?? []).map((time, round) => 1.5 * time + (memory[round] ?? Number.NaN)),
    )
    return [...contestants, { name: LIMIT }].map((one) =>
      rowOf(one, { door: builtInFetch.name, base: MEMORY, goals: GOALS }, figures, 'µs'),
    )

    function openSide(name: string, options: LlmCacheOptions) {
      const cache = createLlmCache({ hosts: [ORIGIN], ...options })
      const dispatcher = new Agent().compose(floor(answer), cache.interceptor)
      return { cache, contestant: { name, call, enter: () => setGlobalDispatcher(dispatcher) } }
    }
  },
}

function bareGet(path: string, bytes: Uint8Array): { contestant: Contestant; close: () => void } {
  const db = new DatabaseSync(path)
  db.exec('PRAGMA journal_mode = WAL; CREATE TABLE answers (key TEXT PRIMARY KEY, bytes BLOB)')
  const key = 'a'.repeat(64)
  db.prepare('INSERT INTO answers VALUES (?, ?)').run(key, bytes)
  const get = db.prepare('SELECT bytes FROM answers WHERE key = ?')
  return { contestant: { name: BARE, call: () => get.get(key) }, close: () => db.close() }
}
