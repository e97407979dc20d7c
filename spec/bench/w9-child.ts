import { setTimeout as wait } from 'node:timers/promises'
import { chatRequest } from './answer.ts'
import { KEEPERS } from './w9-keepers.ts'

/** Until what is compiled on the way no longer counts as memory of answers. */
const WARM_UP = 2000
const AT_ONCE = 16

const [name, origin = '', count] = process.argv.slice(2)
const keeper = KEEPERS.find((one) => one.name === name)
if (keeper === undefined) throw new Error(`There is no ${name}`)

const { keep, forget, count: kept, close } = await keeper.open(origin)
await fill(-WARM_UP, 0)
await forget?.()
const before = await weigh()
await fill(0, Number(count))
const grown = (await weigh()) - before
const stored = kept?.()
if (stored !== undefined && stored !== Number(count)) throw new Error(`${stored} of ${count} answers were kept`)
process.send?.(grown)
await close?.()

/** Calls with the prompts `from` … `to`, some at once; none of them is kept by the bench itself. */
async function fill(from: number, to: number): Promise<void> {
  let next = from
  const work = async (): Promise<void> => {
    while (next < to) await keep({ ...chatRequest(256, true), user: `caller-${next++}` })
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

/** Bytes in use, once what is garbage has gone. */
async function weigh(): Promise<number> {
  for (let i = 0; i < 5; i++) {
    globalThis.gc?.()
    // Array buffers are freed by another thread.
    await wait(20)
  }
  const { heapUsed, external } = process.memoryUsage()
  // `external` counts array buffers too.
  return heapUsed + external
}
