import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Entry } from '../../lib/stores/entry.ts'
import { MemoryStore } from '../../lib/stores/memory.ts'
import { NAMES } from './bed.ts'
import { rowOf } from './compare.ts'
import { interleave } from './rounds.ts'
import { measure } from 'mitata'
import type { Goal, Workload } from './workload.ts'

const SIZES = [1_000, 10_000, 100_000, 1_000_000]
const STRIDE = 7_919
const BASE = 'lru-cache'
const MAX_SIZE = 2 ** 40

interface Shelf {
  readonly name: string
  get(key: string): unknown
  set(key: string): void
}

interface Case {
  readonly name: string
  readonly size: number
  readonly look: () => unknown
}

/** Lookup in the memory tier as it fills, beside lru-cache itself with the same bounds. */
export const w10: Workload = {
  id: 'W10',
  title: 'lookup in memory, 10^3 … 10^6 entries, each 7,919 after the last',
  async run({ rounds, turn }) {
    const keys = Array.from({ length: Math.max(...SIZES) }, (_, i) => hash('sha256', String(i)))
    const cases = SIZES.flatMap((size) => [lruCache(), memoryStore()].map((shelf) => fill(shelf, keys.slice(0, size))))
    const measured = await interleave(cases, rounds, async ({ look }) => {
      return (await measure(look, { min_cpu_time: turn * 1e6 })).p50
    })
    const growth = SIZES.map((size) => `growth to ${size.toLocaleString('en')}`)
    return [...SIZES.entries()].flatMap(([at, size]) => {
      const figures = new Map<string, readonly number[]>()
      for (const one of cases) {
        const small = measured.get(cases.find(({ name }) => name === one.name) ?? one) ?? []
        const large = measured.get(one) ?? []
        if (one.size !== size) continue
        figures.set(one.name, large)
        figures.set(
          `${one.name}, ${growth[at]}`,
          large.map((time, round) => time / (small[round] ?? Number.NaN)),
        )
      }
      const door = `${size.toLocaleString('en')} entries`
      return [BASE, NAMES.ours].map((name) => {
        const row = rowOf({ name }, { door, base: BASE }, figures, 'ns')
        if (name === BASE || at === 0) return row
        const contestant = `${name}, ${growth[at]}`
        const goal: Goal = { contestant, against: `${BASE}, ${growth[at]}`, by: 'ratio', limit: 1 }
        return {
          ...row,
          outcomes: rowOf({ name: contestant }, { door, base: BASE, goals: [goal] }, figures, 'ns').outcomes,
        }
      })
    })
  },
}

function fill(shelf: Shelf, keys: readonly string[]): Case {
  for (const key of keys) shelf.set(key)
  let at = 0
  // A fixed stride, not at random: a prime, so that every key has its turn, and far enough that the next one is not the
  // last one's neighbour. It needs no second array for the order.
  return {
    name: shelf.name,
    size: keys.length,
    look: () => shelf.get(keys[(at = (at + STRIDE) % keys.length)] ?? ''),
  }
}

function lruCache(): Shelf {
  const cache = new LRUCache<string, Entry>({ maxSize: MAX_SIZE, sizeCalculation: ({ size }) => size, ttl: 3_600_000 })
  return { name: BASE, get: (key) => cache.get(key), set: (key) => void cache.set(key, entryOf(key)) }
}

function memoryStore(): Shelf {
  const store = new MemoryStore({ maxSize: MAX_SIZE, maxEntries: Math.max(...SIZES) })
  return { name: NAMES.ours, get: (key) => store.get(key), set: (key) => store.set(entryOf(key)) }
}

const body = Buffer.alloc(64)

function entryOf(key: string): Entry {
  const now = Date.now()
  return {
    key,
    provider: 'openai',
    model: 'gpt-4o-mini',
    endpoint: '/v1/chat/completions',
    namespace: '',
    tags: [],
    stream: false,
    size: body.length,
    storedAt: now,
    expiresAt: now + 3_600_000,
    keptUntil: now + 3_600_000,
    usage: undefined,
    duration: 1,
    status: 200,
    statusText: 'OK',
    headers: [],
    acceptEncoding: '',
    body,
    ends: new Uint32Array(0),
    gaps: undefined,
  }
}
