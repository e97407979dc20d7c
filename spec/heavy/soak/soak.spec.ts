import { randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Figures } from '../../../lib/telemetry/stats.ts'
import { soak } from './soak.ts'

/** What it is for must have happened; on a busy machine that takes longer. */
function hasSeenAll({ hits, coalesced, stale, evictions, bypasses, refusals }: Figures): boolean {
  const needed = ['network', 'aborted', 'error', 'status', 'too-large'] as const
  return (
    [hits, coalesced, stale, evictions, bypasses['body-too-large'] ?? 0].every((count) => count > 0) &&
    needed.every((reason) => refusals[reason] !== undefined)
  )
}

test(
  'a few seconds of everything at once give no wrong byte and leave nothing behind',
  { timeout: 300_000 },
  async () => {
    const seed = randomInt(2 ** 31)
    console.log(`soak with seed ${seed}`)
    const { problems, stats } = await soak({ seed, seconds: 4, until: hasSeenAll })
    expect(problems, `seed ${seed}`).toEqual([])
    expect(hasSeenAll(stats), JSON.stringify(stats)).toBe(true)
  },
)
