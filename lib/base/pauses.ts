import { setImmediate as turnOfLoop } from 'node:timers/promises'

/** Milliseconds of work between two turns of the event loop. */
const LONGEST = 4

/**
 * For long work in the app's process: call it after each small step. It returns something to await once other work has
 * waited for 4 ms.
 */
export function createPauses(): () => Promise<void> | undefined {
  let since = performance.now()
  const pause = async (): Promise<void> => {
    await turnOfLoop()
    since = performance.now()
  }
  return () => (performance.now() - since < LONGEST ? undefined : pause())
}
