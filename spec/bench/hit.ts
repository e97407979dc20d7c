import { setGlobalDispatcher } from 'undici'
import { type Answer, type ChatParameters } from './answer.ts'
import { type Bed, expectedOf, NAMES, openBed, repeat } from './bed.ts'
import { compare } from './compare.ts'
import type { Door } from './doors.ts'
import type { Peer } from './peers/peer.ts'
import type { Goal, Row, Workload } from './workload.ts'

/** A workload of hits: the same call again and again. */
export interface HitWorkload {
  readonly id: string
  readonly title: string
  readonly parameters: ChatParameters
  readonly answer: Answer
  /** Doors, and what is to be reached under each. */
  readonly doors: readonly { readonly door: Door; readonly goals: readonly Goal[] }[]
  /** Each is measured beside its own door, where that is one of `doors`; else beside the first. */
  readonly peers: readonly Peer[]
  /** Calls at once; default 1. */
  readonly atOnce?: number
}

/** The median of the rounds' ratios of ours to that contestant (default the hashing floor) is at most `limit`. */
export function within(limit: number, against: 'floor' | 'hashing' | 'none' = 'hashing'): Goal {
  return { contestant: NAMES.ours, against: NAMES[against], by: 'ratio', limit }
}

/** Makes the workload. */
export function hitWorkload(spec: HitWorkload): Workload {
  const { id, title, parameters, answer, doors, peers, atOnce } = spec
  return {
    id,
    title,
    async run(pace) {
      const bed = await openBed(answer)
      const rows: Row[] = []
      const installed = peers.filter(isInstalled)
      try {
        for (const { door, goals } of doors) {
          const contestants = [...bed.contestants(door, parameters, atOnce)]
          const beside = installed.filter((peer) => doorOf(peer, doors) === door)
          const seats = await Promise.all(beside.map((peer) => sit(peer, spec, bed)))
          contestants.push(...seats.map(({ contestant }) => contestant))
          rows.push(...(await compare({ door: door.name, contestants, base: NAMES.hashing, goals }, pace)))
          bed.assertHits()
          for (const { close } of seats) await close?.()
        }
      } finally {
        await bed.close()
      }
      return rows
    },
  }
}

function isInstalled({ name, needs }: Peer): boolean {
  if (needs === undefined) return true
  try {
    import.meta.resolve(needs)
    return true
  } catch {
    console.log(`Without ${name}: it takes npm i --no-save ${needs}`)
    return false
  }
}

function doorOf({ door }: Peer, doors: HitWorkload['doors']): Door | undefined {
  return (doors.find((one) => one.door.name === door) ?? doors[0])?.door
}

async function sit({ name, note, gives, open }: Peer, { parameters, answer, atOnce }: HitWorkload, bed: Bed) {
  // Or another's cache, which was there before, would be under one that calls through the global dispatcher.
  const leave = (): void => setGlobalDispatcher(bed.dispatchers.none)
  const { call, enter = leave, close } = await open({ origin: bed.provider.origin, answer })
  const contestant = {
    name,
    call: repeat(() => call(parameters), atOnce),
    expected: expectedOf({ gives }, answer),
    ...(note && { note }),
    enter,
  }
  return { contestant, close }
}
