import { deepStrictEqual } from 'node:assert'
import { measure } from 'mitata'
import { interleave, median, relate } from './rounds.ts'
import type { Contestant, Goal, Outcome, Pace, Row } from './workload.ts'

/** Contestants behind one door. */
export interface Group {
  readonly door: string
  readonly contestants: readonly Contestant[]
  /** Name of the one that the ratios are to. */
  readonly base: string
  readonly goals?: readonly Goal[]
  /** Default µs. */
  readonly unit?: 'ns' | 'µs' | 'ms'
  /** Calls in a sample where one is too short for the clock: synchronous ones of nanoseconds. Default one. */
  readonly isBatched?: boolean
  /** One turn of one contestant, in nanoseconds; default the median that mitata measures. */
  readonly turn?: (contestant: Contestant, pace: Pace) => Promise<number>
}

const NANOSECONDS = { ns: 1, µs: 1e3, ms: 1e6 }

/** Measures a group in interleaved rounds. */
export async function compare(group: Group, pace: Pace): Promise<readonly Row[]> {
  const { contestants, unit = 'µs', turn = group.isBatched ? batches : singles } = group
  const measureOne = async (one: Contestant): Promise<number> => {
    one.enter?.()
    return (await turn(one, pace)) / NANOSECONDS[unit]
  }
  await check(contestants)
  await interleave(contestants, pace.warmUp, measureOne)
  const measured = await interleave(contestants, pace.rounds, measureOne)
  await check(contestants)
  const figures = new Map([...measured].map(([one, values]) => [one.name, values]))
  return contestants.map((one) => rowOf(one, group, figures, unit))
}

/** A row from each contestant's figures, one a round. */
export function rowOf(
  { name, note }: Pick<Contestant, 'name' | 'note'>,
  { door, base, goals = [] }: Pick<Group, 'door' | 'base' | 'goals'>,
  figures: ReadonlyMap<string, readonly number[]>,
  unit: Row['unit'],
): Row {
  const own = figures.get(name) ?? []
  const ratio = name === base ? {} : { ratio: relate(own, figures.get(base) ?? [], 'ratio'), base }
  const outcomes = goals.filter(({ contestant }) => contestant === name).map((goal) => outcomeOf(goal, own, figures))
  return { door, contestant: name, median: median(own), rounds: own, unit, ...ratio, outcomes, ...(note && { note }) }
}

function outcomeOf(goal: Goal, own: readonly number[], figures: ReadonlyMap<string, readonly number[]>): Outcome {
  const { against, by, limit } = goal
  const reached = by === 'count' ? median(own) : relate(own, figures.get(against) ?? [], by)
  return { against, by, limit, reached, met: reached <= limit }
}

/** Throws unless every contestant answers what it should. */
export async function check(contestants: readonly Contestant[]): Promise<void> {
  for (const { name, enter, call, expected } of contestants) {
    enter?.()
    const actual = await call()
    if (expected === undefined) continue
    try {
      if (!isSame(actual, expected)) deepStrictEqual(actual, expected)
    } catch (error) {
      throw new Error(`${name} gives another answer than the provider`, { cause: error })
    }
  }
}

function isSame(actual: unknown, expected: unknown): boolean {
  if (Array.isArray(actual)) return actual.every((one) => isSame(one, expected))
  if (!(actual instanceof Uint8Array) || !(expected instanceof Uint8Array)) return actual === expected
  return Buffer.compare(actual, expected) === 0
}

async function singles({ call }: Contestant, { turn }: Pace): Promise<number> {
  // The default would take 4,096 calls as one sample: of calls that wait for something that is seconds.
  const stats = await measure(call, { min_cpu_time: turn * 1e6, min_samples: 3, batch_threshold: 0 })
  return stats.p50
}

async function batches({ call }: Contestant, { turn }: Pace): Promise<number> {
  const stats = await measure(call, { min_cpu_time: turn * 1e6 })
  return stats.p50
}
