import { type Answer, type ChatParameters } from './answer.ts'
import { expectedOf, NAMES, openBed, repeat } from './bed.ts'
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
  /** Measured beside the first door. */
  readonly peers: readonly Peer[]
  /** Calls at once; default 1. */
  readonly atOnce?: number
}

/** Our median is at most `limit` times that of the floor's. */
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
      try {
        for (const [at, { door, goals }] of doors.entries()) {
          const contestants = [...bed.contestants(door, parameters, atOnce)]
          const seats =
            at > 0
              ? []
              : await Promise.all(peers.filter(isInstalled).map((peer) => sit(peer, spec, bed.provider.origin)))
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

async function sit({ name, note, gives, open }: Peer, { parameters, answer, atOnce }: HitWorkload, origin: string) {
  const { call, enter, close } = await open({ origin, answer })
  const contestant = {
    name,
    call: repeat(() => call(parameters), atOnce),
    expected: expectedOf({ gives }, answer),
    ...(note && { note }),
    ...(enter && { enter }),
  }
  return { contestant, close }
}
