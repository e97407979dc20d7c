import { expect, onTestFinished, test, vi } from 'vitest'
import type { RedisCommands } from '../../../../lib/stores/redis/commands.ts'
import { RedisRemovals } from '../../../../lib/stores/redis/removals.ts'
import { RemovalFeed } from '../../../../lib/stores/redis/removal-feed.ts'
import type { Removal } from '../../../../lib/stores/removal.ts'

/** Commands whose own connection answers a read as it is told. */
function commandsThat(answer: () => Promise<unknown>): RedisCommands & { opened: number; asked: number } {
  const commands = {
    opened: 0,
    asked: 0,
    isOpen: true,
    send: async (): Promise<unknown> => [],
    atomically: async () => undefined,
    nodes: async () => [],
    open: async () => {
      commands.opened++
      const send = (): Promise<unknown> => (commands.asked++, answer())
      return { send, close: () => undefined }
    },
  }
  return commands
}

const FEED = { key: 'removals', last: () => '0', catchUp: async () => undefined, onEntries: () => undefined }

test.for([null, [], {}, new Map()])(
  'a server that answers at once with %o is asked once, and then left alone for a while',
  async (nothing) => {
    const commands = commandsThat(async () => nothing)
    const feed = new RemovalFeed({ ...FEED, commands })
    feed.open()
    await expect.poll(() => commands.asked).toBe(1)
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
    feed.open()
    expect([commands.opened, commands.asked, feed.isLive]).toEqual([1, 1, false])
  },
)

test('what polling and the server both report is reported once, whatever shape the protocol gives it', async () => {
  const entry = (count: number): unknown => [
    `1-${count}`,
    ['removal', JSON.stringify({ filter: { tag: `${count}` }, at: 1 })],
  ]
  const shapes: unknown[] = [
    [[Buffer.from('removals'), [entry(1)]]],
    { removals: [entry(1), entry(2)] },
    new Map([['removals', [entry(2), entry(3)]]]),
    [Buffer.from('removals'), [entry(3), entry(10)]],
  ]
  const never = new Promise(() => undefined)
  const commands = commandsThat(async () => shapes.shift() ?? never)
  const removals = new RedisRemovals(commands, 'removals')
  const told: Removal[] = []
  removals.watch((removal) => told.push(removal))
  await removals.start()
  await expect.poll(() => told.length, { timeout: 5_000 }).toBe(4)
  removals.stop()
  expect(told.map(({ filter }) => filter.tag)).toEqual(['1', '2', '3', '10'])
})

test('what comes meanwhile is asked for together, not one by one', async () => {
  const commands = commandsThat(async () => [['removals', [['1-1', ['removal', '{}']]]]])
  let told = 0
  const feed = new RemovalFeed({ ...FEED, commands, onEntries: () => void told++ })
  feed.open()
  await expect.poll(() => told).toBeGreaterThan(0)
  const asked = commands.asked
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  expect(commands.asked).toBeLessThan(asked + 20)
  feed.close()
})

test('a connection that is ready only after it was given up is closed', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const opening = Promise.withResolvers<{ send: () => Promise<unknown>; close: () => void }>()
  const commands = { ...commandsThat(async () => null), open: () => opening.promise }
  const feed = new RemovalFeed({ ...FEED, commands })
  feed.open()
  await vi.advanceTimersByTimeAsync(60_000)
  const close = vi.fn<() => void>()
  opening.resolve({ send: async () => null, close })
  await vi.advanceTimersByTimeAsync(0)
  expect(close).toHaveBeenCalledOnce()
  expect(feed.isLive).toBe(false)
})
