import { setImmediate as turn } from 'node:timers/promises'
import { queryObjects, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
// The flag makes it a global of contexts that come after it; what it is, Node's types don't say.
const collect = runInNewContext('gc') as () => void

/** Bytes in use, once what is garbage has gone. */
export async function usedBytes(): Promise<number> {
  for (let i = 0; i < 6; i++) {
    collect()
    await turn()
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Timers that somebody holds or that wait, those included that keep no process alive. */
export function countTimers(): number {
  const timer = setTimeout(() => {}, 0)
  clearTimeout(timer)
  return queryObjects(timer.constructor as new () => object, { format: 'count' })
}

/** What keeps the process alive, and who listens to it: how many of each kind. */
export function countResources(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const name of process.getActiveResourcesInfo()) counts.set(name, (counts.get(name) ?? 0) + 1)
  for (const name of process.eventNames()) counts.set(`listener: ${String(name)}`, process.listenerCount(name))
  return counts
}

/** The kinds of which there are more than before. */
export function grown(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): string[] {
  return [...after]
    .filter(([name, count]) => count > (before.get(name) ?? 0))
    .map(([name, count]) => `${name}: ${count}`)
}
