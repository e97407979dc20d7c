import { request } from 'undici'
import { chatAnswer, chatRequest, type ChatParameters } from './answer.ts'
import { NAMES, openBed } from './bed.ts'
import { compare } from './compare.ts'
import { builtInFetch, type Door, HEADERS, PATH, undiciRequest } from './doors.ts'
import { median } from './rounds.ts'
import type { Contestant, Workload } from './workload.ts'

/** A body of 10 MB as a Buffer: with a string, its encoding alone stalls longer than anything that a cache does. */
const bufferRequest: Door = {
  name: 'undici.request, Buffer',
  gives: 'bytes',
  open(origin: string, parameters: ChatParameters) {
    const init = { method: 'POST', headers: HEADERS, body: Buffer.from(JSON.stringify(parameters)) } as const
    return async () => {
      const { body } = await request(origin + PATH, init)
      return new Uint8Array(await body.arrayBuffer())
    }
  },
}

/** How long nothing else can run while a large body is keyed. */
export const eventLoop: Workload = {
  id: 'EL',
  title: 'longest stall of the event loop in a hit with a 10 MB request',
  async run(pace) {
    const answer = chatAnswer(1536)
    const parameters = chatRequest(10_000_000)
    const bed = await openBed(answer)
    try {
      const rows = []
      for (const door of [bufferRequest, undiciRequest, builtInFetch]) {
        const contestants = bed.contestants(door, parameters)
        const goals =
          door === bufferRequest
            ? ([{ contestant: NAMES.ours, against: 'the clock', by: 'count', limit: 10 }] as const)
            : ([{ contestant: NAMES.ours, against: NAMES.floor, by: 'above', limit: 10 }] as const)
        const group = {
          door: door.name,
          contestants,
          base: NAMES.floor,
          goals,
          unit: 'ms',
          turn: longestStall,
        } as const
        rows.push(...(await compare(group, pace)))
        bed.assertHits()
      }
      return rows
    } finally {
      await bed.close()
    }
  },
}

/** Nanoseconds of the longest time between two turns of the event loop during a call; the median of several calls. */
async function longestStall({ call }: Contestant): Promise<number> {
  const stalls: number[] = []
  for (let i = 0; i < 5; i++) {
    globalThis.gc?.()
    stalls.push(await stallOf(call))
  }
  // A collection or another process may fall into a call: the median leaves that out where it is rare, and counts it where
  // most calls meet it. The least of them would leave out what is ours too.
  return median(stalls) * 1e6
}

async function stallOf(call: () => unknown): Promise<number> {
  let longest = 0
  let last = performance.now()
  let next: NodeJS.Immediate
  const note = (): void => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }
  const tick = (): void => {
    note()
    next = setImmediate(tick)
  }
  next = setImmediate(tick)
  await call()
  clearImmediate(next)
  note()
  return longest
}
