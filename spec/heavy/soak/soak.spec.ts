import { randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import { soak } from './soak.ts'

test(
  'a few seconds of everything at once give no wrong byte and leave nothing behind',
  { timeout: 60_000 },
  async () => {
    const seed = randomInt(2 ** 31)
    console.log(`soak with seed ${seed}`)
    const { problems, stats } = await soak({ seed, seconds: 4 })
    expect(problems, `seed ${seed}`).toEqual([])
    // What it is for must have happened.
    expect(stats.hits).toBeGreaterThan(0)
    expect(stats.coalesced).toBeGreaterThan(0)
    expect(stats.stale).toBeGreaterThan(0)
    expect(stats.evictions).toBeGreaterThan(0)
    expect(Object.keys(stats.bypasses)).toContain('body-too-large')
    expect(Object.keys(stats.refusals)).toEqual(
      expect.arrayContaining(['network', 'aborted', 'error', 'status', 'too-large']),
    )
  },
)
