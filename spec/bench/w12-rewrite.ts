import { setGlobalDispatcher } from 'undici'
import type { LlmCacheOptions } from '../../lib/index.ts'
import { type Answer, chatAnswer, chatRequest, type ChatParameters, streamAnswer } from './answer.ts'
import { type Bed, openBed } from './bed.ts'
import { compare } from './compare.ts'
import { builtInFetch, type Door, openai, undiciRequest } from './doors.ts'
import type { Contestant, Goal, Row, Workload } from './workload.ts'

const EXACT = 'exact hit'

/** Ways to answer, and the options that make them. */
const WAYS: Readonly<Record<string, LlmCacheOptions>> = {
  [EXACT]: {},
  "rewrite: 'openrouter'": { rewrite: 'openrouter' },
  'rewrite: { cached }': { rewrite: { cached: true } },
}

const GOALS: readonly Goal[] = Object.keys(WAYS)
  .filter((contestant) => contestant !== EXACT)
  .map((contestant) => ({ contestant, against: EXACT, by: 'ratio', limit: 1.15 }))

/** What it costs that a hit has an id, a time and a usage of its own. */
export const w12: Workload = {
  id: 'W12',
  title: 'a hit told anew, beside the exact one; 2 kB request',
  async run(pace) {
    const rows: Row[] = []
    const cases: readonly (readonly [string, Answer, ChatParameters])[] = [
      ['1.5 kB JSON', chatAnswer(1536), chatRequest(2048)],
      ['500 events, 150 kB', streamAnswer(500, 150_000), chatRequest(2048, true)],
    ]
    for (const [what, answer, parameters] of cases) {
      const beds = await Promise.all(
        Object.entries(WAYS).map(async ([name, options]) => [name, await openBed(answer, options)] as const),
      )
      for (const door of [builtInFetch, undiciRequest, openai]) {
        const contestants = beds.map(([name, bed]) => contestantOf(name, bed, door, parameters))
        rows.push(...(await compare({ door: `${door.name}, ${what}`, contestants, base: EXACT, goals: GOALS }, pace)))
      }
      for (const [, bed] of beds) await bed.close()
    }
    return rows
  },
}

function contestantOf(
  name: string,
  { provider, dispatchers }: Bed,
  door: Door,
  parameters: ChatParameters,
): Contestant {
  const call = door.open(provider.origin, parameters)
  return { name, call, enter: () => setGlobalDispatcher(dispatchers.ours) }
}
