import { setImmediate as turnOfLoop } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { Patience } from '../../../lib/request/patience.ts'

it('gives up on those only that still wait after a second, in whatever order the others have ended', async () => {
  const slow: number[] = []
  const all = [0, 1, 2, 3, 4].map((at) => new Patience(() => slow.push(at)))
  for (const at of [0, 4, 2]) all[at]?.end()
  all.push(new Patience(() => slow.push(5)))
  all[2]?.end() // once more: it is not among them
  await turnOfLoop()
  all.push(new Patience(() => slow.push(6)))
  all[3]?.end()
  await vi.waitFor(() => expect(slow).toEqual([1, 5, 6]), { timeout: 20_000 })
})
