import { afterAll, beforeAll, expect, vi } from 'vitest'

// Node's own undici is loaded first and takes the slots: else the first file that imports undici would set what all call through.
void new Headers()

/** What of the process files could hand on to each other. A slot that is empty is taken by whoever calls first. */
function found(): readonly (readonly [string, unknown])[] {
  return [
    ...[1, 2].map((slot) => `undici.globalDispatcher.${slot}`).map((name) => [name, ofGlobal(name)] as const),
    ['fetch', globalThis.fetch],
    ['emitWarning', process.emitWarning],
  ]
}

function ofGlobal(name: string): unknown {
  return Reflect.get(globalThis, Symbol.for(name))
}

let before: readonly (readonly [string, unknown])[]
beforeAll(() => void (before = found()))
afterAll(() => {
  vi.restoreAllMocks()
  const after = new Map(found())
  const changed = before.filter(([name, was]) => was !== undefined && after.get(name) !== was)
  expect(changed.map(([name]) => name)).toEqual([])
})
