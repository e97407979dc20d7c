import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import { AdmissionQueue } from '../../../lib/flight/admission-queue.ts'
import type { Urgency } from '../../../lib/flight/flight-hooks.ts'

/** The queue of a cache with `underWay` flights, and the names of those it has judged. */
function openQueue(underWay: number): {
  readonly judged: string[]
  readonly queue: AdmissionQueue
  add(name: string, urgency: Urgency, key?: string): { readonly route: { readonly key: string }; catchUp(): void }
} {
  const judged: string[] = []
  const queue = new AdmissionQueue(() => underWay)
  const add = (name: string, urgency: Urgency, key = name): ReturnType<ReturnType<typeof openQueue>['add']> => {
    const flight = { route: { key }, catchUp: () => void judged.push(name) }
    queue.add(flight, urgency)
    return flight
  }
  return { judged, queue, add }
}

function turn(): Promise<void> {
  return new Promise((done) => setImmediate(done))
}

/** What a process that has nothing else to do judges before it ends. */
async function judgedInProcess(urgency: Urgency): Promise<string> {
  const script = `import { AdmissionQueue } from '${new URL('../../../lib/flight/admission-queue.ts', import.meta.url)}'
    new AdmissionQueue(() => 2).add({ route: { key: 'a' }, catchUp: () => console.log('judged') }, '${urgency}')`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
  return stdout
}

describe('an answer that has ended', () => {
  test('is judged in the next turn if no other is under way', async () => {
    const { judged, add } = openQueue(2)
    add('a', 'ended')
    add('b', 'ended')
    expect(judged).toEqual([])
    await turn()
    expect(judged).toEqual(['a', 'b'])
  })

  test('waits as long as another is under way, but not for ever', async () => {
    const { judged, add } = openQueue(2)
    add('a', 'ended')
    await turn()
    expect(judged).toEqual([])
    await vi.waitFor(() => expect(judged).toEqual(['a']))
  })

  test('is judged once the other has ended too', async () => {
    const { judged, add } = openQueue(2)
    add('a', 'ended')
    await turn()
    add('b', 'ended')
    await turn()
    expect(judged).toEqual(['a', 'b'])
  })

  test('keeps the process alive until then, unlike one that is still to come', async () => {
    expect(await Promise.all([judgedInProcess('ended'), judgedInProcess('soon')])).toEqual(['judged\n', ''])
  })
})

test('an answer of which much has come is judged in the next turn, whoever is under way', async () => {
  const { judged, add } = openQueue(3)
  add('a', 'ended')
  add('b', 'now')
  add('c', 'soon')
  await turn()
  expect(judged).toEqual(['b'])
  await vi.waitFor(() => expect(judged).toEqual(['b', 'a', 'c']))
})

test('nothing piles up: while others are always under way, all that has ended is judged together', async () => {
  const { judged, add } = openQueue(1000)
  const names = Array.from({ length: 500 }, (_, i) => `${i}`)
  for (const name of names) add(name, 'ended')
  const seen = new Set<number>()
  while (judged.length < names.length) {
    await turn()
    seen.add(judged.length)
  }
  expect([...seen]).toEqual([0, 500])
})

test('whoever looks has the answers of one key judged, or all, and each once', async () => {
  const { judged, queue, add } = openQueue(9)
  add('a', 'soon', 'one')
  add('b', 'ended', 'two')
  add('c', 'now', 'one')
  queue.catchUp('one')
  expect(judged).toEqual(['a', 'c'])
  queue.catchUp()
  expect(judged).toEqual(['a', 'c', 'b'])
  queue.drop(add('d', 'now'))
  await turn()
  expect(judged).toEqual(['a', 'c', 'b'])
})
