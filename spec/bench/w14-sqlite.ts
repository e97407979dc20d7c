import { hash } from 'node:crypto'
import { join } from 'node:path'
import { setImmediate as turnOfLoop } from 'node:timers/promises'
import { measure } from 'mitata'
import { accessOf, makeEntry } from '../../lib/stores/contract.ts'
import { sealedStore } from '../../lib/stores/seal.ts'
import { sqliteStore } from '../../lib/stores/sqlite.ts'
import { Writer } from '../../lib/stores/sqlite/writer.ts'
import { clearRecord } from '../../lib/stores/transfer.ts'
import { rowOf } from './compare.ts'
import { interleave } from './rounds.ts'
import { openFolder } from './temporary.ts'
import type { Goal, Pace, Row, Workload } from './workload.ts'

const SEAL = 'sealing'
const OPEN = 'opening'
const CLEAR = 'checksum only'
const STALL = 'a write of 8 MiB'
const SEAL_LARGE = 'encoding and sealing it'
const IDLE = 'as long without one'
const SIZES = [1_000, 10_000, 100_000, 1_000_000]
const STRIDE = 7_919
const caller = accessOf('bench')

/** What a store itself costs: the seal, the loop, and a lookup among many. */
export const w14: Workload = {
  id: 'W14',
  title: 'stores: seal of 20 kB, stall of the event loop, lookup among many',
  async run(pace) {
    return [...(await seals(pace)), ...(await stalls(pace)), ...(await lookups(pace))]
  },
}

/** Keeps the last record; what is measured is what stands before it. */
async function seals({ rounds, warmUp, turn }: Pace): Promise<readonly Row[]> {
  const entry = makeEntry({ body: new Uint8Array(20_000) })
  const kept = new Map<string, never>()
  const records = {
    ...nothing,
    read: (key: string) => kept.get(key),
    write: (record: unknown) => void kept.set(entry.key, record as never),
  }
  const sealed = sealedStore(records, 'credential')
  const clear = sealedStore(records, 'none')
  const contestants = [
    { name: SEAL, call: () => sealed.set(entry, caller) },
    { name: OPEN, call: () => sealed.get(entry.key, caller) },
    { name: CLEAR, call: () => clear.set(entry) },
  ]
  const turnOf = async ({ name, call }: (typeof contestants)[number]): Promise<number> => {
    if (name === OPEN) await sealed.set(entry, caller)
    return (await measure(call, { min_cpu_time: turn * 1e6 })).p50 / 1e3
  }
  await interleave(contestants, warmUp, turnOf)
  const measured = await interleave(contestants, rounds, turnOf)
  const figures = new Map([...measured].map(([{ name }, times]) => [name, times]))
  const goals: readonly Goal[] = [{ contestant: SEAL, against: 'the clock', by: 'count', limit: 15 }]
  return contestants.map((one) => rowOf(one, { door: 'AES-256-GCM, 20 kB', base: CLEAR, goals }, figures, 'µs'))
}

const nothing = { delete: () => false, clear: () => 0, list: () => [], close: () => undefined }

/** Milliseconds of the longest time that nothing else can run. */
async function stalls({ rounds }: Pace): Promise<readonly Row[]> {
  const folder = openFolder()
  const store = sqliteStore({ path: join(folder.path, 'cache.db') })
  const entry = makeEntry({ body: new Uint8Array(8 * 1024 * 1024) })
  const unwritten = sealedStore({ ...nothing, read: () => undefined, write: () => undefined }, 'credential')
  const [figures, sealing, idle]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round <= rounds; round++) {
    let isRunning = true
    const start = performance.now()
    const longest = longestTurn(() => isRunning)
    await store.set({ ...entry, storedAt: Date.now() }, caller)
    isRunning = false
    // The first one starts the worker.
    if (round > 0) figures.push(await longest)
    const end = performance.now() + (performance.now() - start)
    if (round > 0) idle.push(await longestTurn(() => performance.now() < end))
    let isSealing = true
    const longestOfSealing = longestTurn(() => isSealing)
    await unwritten.set(entry, caller)
    isSealing = false
    if (round > 0) sealing.push(await longestOfSealing)
  }
  await store.close()
  folder.remove()
  // What else the machine does stalls the loop too.
  const goals: readonly Goal[] = [STALL, SEAL_LARGE].map((contestant) => ({
    contestant,
    against: IDLE,
    by: 'above',
    limit: 5,
  }))
  const all = new Map([
    [STALL, figures],
    [SEAL_LARGE, sealing],
    [IDLE, idle],
  ])
  return [STALL, SEAL_LARGE, IDLE].map((name) =>
    rowOf({ name }, { door: 'event loop, longest stall', base: IDLE, goals }, all, 'ms'),
  )
}

async function longestTurn(isRunning: () => boolean): Promise<number> {
  let longest = 0
  for (let last = performance.now(); isRunning();) {
    await turnOfLoop()
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }
  return longest
}

async function lookups({ rounds, warmUp, turn }: Pace): Promise<readonly Row[]> {
  const sizes = turn < 100 ? SIZES.slice(0, 3) : SIZES
  const folder = openFolder()
  const cases = sizes.map((size) => {
    const path = join(folder.path, `${size}.db`)
    const keys = fill(path, size)
    const store = sqliteStore({ path, maxSize: 2 ** 40, encryption: 'none' })
    let at = 0
    return { name: nameOf(size), store, call: () => store.get(keys[(at = (at + STRIDE) % size)] ?? '') }
  })
  const turnOf = async ({ call }: (typeof cases)[number]): Promise<number> =>
    (await measure(call, { min_cpu_time: turn * 1e6 })).p50 / 1e3
  await interleave(cases, warmUp, turnOf)
  const measured = await interleave(cases, rounds, turnOf)
  for (const { store } of cases) await store.close()
  folder.remove()
  const figures = new Map([...measured].map(([{ name }, times]) => [name, times]))
  const base = nameOf(SIZES[0] ?? 0)
  // A tree of a million is a level or two higher, and its leaves are not all at hand.
  const goals: readonly Goal[] = cases
    .slice(1)
    .map(({ name }) => ({ contestant: name, against: base, by: 'ratio', limit: 2 }))
  return cases.map((one) => rowOf(one, { door: 'SQLite, get of 1 kB', base, goals }, figures, 'µs'))
}

function nameOf(size: number): string {
  return `${size.toLocaleString('en')} entries`
}

/** Fills a file as the worker does, and gives the keys. */
function fill(path: string, size: number): string[] {
  const options = { path, maxSize: 2 ** 40, busyTimeout: 0, eraseDeleted: false }
  const writer = new Writer(options, () => undefined)
  const body = new Uint8Array(1_000)
  const keys = Array.from({ length: size }, (_, at) => hash('sha256', String(at)))
  for (let from = 0; from < size; from += 1_000) {
    const records = keys
      .slice(from, from + 1_000)
      .map((key) => clearRecord(makeEntry({ key, body, ends: new Uint32Array(), gaps: undefined })))
    writer.apply(records.map((record) => ({ kind: 'write', isRestored: false, ...record })))
  }
  writer.close()
  return keys
}
