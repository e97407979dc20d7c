import { afterAll, beforeAll, expect } from 'vitest'

/** What of the process files could hand on to each other. Without a slot taken yet, whoever calls first takes it. */
function found(): readonly unknown[] {
  const [one, two] = [1, 2].map((slot): unknown =>
    Reflect.get(globalThis, Symbol.for(`undici.globalDispatcher.${slot}`)),
  )
  return [one, two, globalThis.fetch, process.emitWarning]
}

let before: readonly unknown[]
beforeAll(() => void (before = found()))
afterAll(() => {
  const after = found()
  for (const [at, was] of before.entries()) if (was !== undefined) expect(after[at]).toBe(was)
})
