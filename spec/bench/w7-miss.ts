import { join } from 'node:path'
import { setImmediate as turnOfLoop } from 'node:timers/promises'
import { Agent, type Dispatcher, fetch, getGlobalDispatcher, setGlobalDispatcher } from 'undici'
import { createLlmCache } from '../../lib/index.ts'
import { sqliteStore } from '../../lib/stores/sqlite.ts'
import { bytesOf, chatRequest, streamAnswer } from './answer.ts'
import { NAMES } from './bed.ts'
import { openFolder } from './temporary.ts'
import { rowOf } from './compare.ts'
import { HEADERS, PATH } from './doors.ts'
import { openProvider } from './provider.ts'
import { interleave, median } from './rounds.ts'
import type { Goal, Pace, Row, Workload } from './workload.ts'

interface Side {
  readonly name: string
  readonly dispatcher: Dispatcher
}

/** Milliseconds from the call to its first byte and to its end. */
interface Times {
  readonly first: number
  readonly end: number
}

/** Milliseconds of a turn: the medians of its calls, and the mean, which holds what falls on none or on few of them. */
interface Turn extends Times {
  readonly mean: number
}

const BASE = 'no interceptor'
const WITH_STORE = `${NAMES.ours}, SQLite`
const MOMENTS = { first: 'first byte', end: 'end', mean: 'per call, mean' } as const
// For the waiting only: the mean holds the judging too.
const WAITING: Goal = { contestant: NAMES.ours, against: BASE, by: 'ratio', limit: 1.1 }
// With a store an answer is judged before its end is told, without one behind it: held against each other is all that both
// do, or what a provider leaves time for.
const STORING: Goal = { contestant: WITH_STORE, against: NAMES.ours, by: 'ratio', limit: 1.1 }

/** What a miss costs those who wait for it. */
export const w7: Workload = {
  id: 'W7',
  title: 'miss, stream of 500 events, 150 kB: first byte and end',
  async run(pace) {
    const calls = Math.max(5, Math.round(pace.turn / 5))
    const atOnce = await measure({ name: '500 events at once', gap: 0, calls, moments: ['first', 'end', 'mean'] }, pace)
    const paced = await measure({ name: '500 events, 5 ms apart', gap: 5, calls: 1, moments: ['first', 'end'] }, pace)
    return [...atOnce, ...paced]
  },
}

interface Part {
  readonly name: string
  readonly gap: number
  readonly calls: number
  readonly moments: readonly (keyof typeof MOMENTS)[]
}

async function measure({ name, gap, calls, moments }: Part, { rounds, warmUp }: Pace): Promise<readonly Row[]> {
  const answer = streamAnswer(500, 150_000)
  const provider = await openProvider({ answer, gap })
  const before = getGlobalDispatcher()
  const agent = new Agent()
  const folder = openFolder()
  const cache = createLlmCache({ hosts: [provider.origin] })
  const storing = createLlmCache({
    hosts: [provider.origin],
    store: sqliteStore({ path: join(folder.path, 'cache.db') }),
  })
  const sides = [
    { name: BASE, dispatcher: agent },
    { name: NAMES.ours, dispatcher: agent.compose(cache.interceptor) },
    { name: WITH_STORE, dispatcher: agent.compose(storing.interceptor) },
  ]
  const size = bytesOf(answer).length
  let serial = 0
  const turn = async ({ dispatcher }: Side): Promise<Turn> => {
    setGlobalDispatcher(dispatcher)
    const times: Times[] = []
    const start = performance.now()
    for (let i = 0; i < calls; i++) times.push(await miss(provider.origin, serial++, size))
    // Judging is put off and falls on a later call, where no median sees it. The last call's falls into this turn of the
    // event loop, or it would fall on the other side's first call.
    await turnOfLoop()
    const mean = (performance.now() - start) / calls
    return { first: median(times.map(({ first }) => first)), end: median(times.map(({ end }) => end)), mean }
  }
  await interleave(sides, warmUp, turn)
  const measured = await interleave(sides, rounds, turn)
  setGlobalDispatcher(before)
  await storing.flush()
  for (const one of [cache, storing]) {
    const { misses, stores } = one.stats()
    if (stores !== misses || misses === 0) throw new Error(`Of ${misses} misses ${stores} were stored`)
    await one.close()
  }
  folder.remove()
  await agent.close()
  await provider.close()
  return moments.flatMap((moment) => {
    const figures = new Map([...measured].map(([one, times]) => [one.name, times.map((time) => time[moment])]))
    const goals = moment === 'mean' ? [STORING] : gap > 0 ? [WAITING, STORING] : [WAITING]
    const door = `fetch, ${name}: ${MOMENTS[moment]}`
    return sides.map((side) => rowOf(side, { door, base: BASE, goals }, figures, 'ms'))
  })
}

async function miss(origin: string, serial: number, size: number): Promise<Times> {
  const body = JSON.stringify({ ...chatRequest(2048, true), user: `caller-${serial}` })
  const start = performance.now()
  const response = await fetch(origin + PATH, { method: 'POST', headers: HEADERS, body })
  let first = 0
  let received = 0
  for await (const chunk of response.body ?? []) {
    if (received === 0) first = performance.now() - start
    // What a body yields are its bytes.
    received += (chunk as Uint8Array).length
  }
  if (received !== size) throw new Error(`A miss gave ${received} of ${size} bytes`)
  return { first, end: performance.now() - start }
}
