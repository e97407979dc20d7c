import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/**
 * Gives each contestant one turn a round, in an order that is another one each round: what the machine does meanwhile,
 * and the memory that the one before has left behind, fall on all alike. Resolves to each one's figures, one a round.
 */
export async function interleave<Contestant, Figure>(
  contestants: readonly Contestant[],
  rounds: number,
  turn: (contestant: Contestant) => Promise<Figure>,
): Promise<ReadonlyMap<Contestant, readonly Figure[]>> {
  const random = xoroshiro128plus(contestants.length)
  const figures = new Map<Contestant, Figure[]>(contestants.map((one) => [one, []]))
  for (let round = 0; round < rounds; round++) {
    const waiting = [...contestants]
    while (waiting.length > 0) {
      for (const one of waiting.splice(uniformInt(random, 0, waiting.length - 1), 1)) {
        figures.get(one)?.push(await turn(one))
      }
    }
  }
  return figures
}

/** The median; of an even number of values the mean of the two in the middle. `NaN` of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}

/** Median of the ratios (or differences) of two contestants' figures in the same rounds. */
export function relate(figures: readonly number[], others: readonly number[], by: 'ratio' | 'above'): number {
  return median(
    figures.map((figure, round) => {
      const other = others[round] ?? Number.NaN
      return by === 'ratio' ? figure / other : figure - other
    }),
  )
}
