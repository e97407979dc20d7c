import { expect, onTestFinished, test, vi } from 'vitest'
import { makeEntry } from '../../../../lib/stores/contract.ts'
import type { Command } from '../../../../lib/stores/redis/command.ts'
import type { RedisCommands } from '../../../../lib/stores/redis/commands.ts'
import type { OwnConnection } from '../../../../lib/stores/redis/own-connection.ts'
import { RedisRemovals } from '../../../../lib/stores/redis/removals.ts'
import type { Removal } from '../../../../lib/stores/removal.ts'

const HOUR = 3_600_000

type StreamEntry = readonly [id: string, fields: readonly [string, string]]

/** A server that has one stream and lets nobody wait; its entries have ids of the form `TIME-0`. */
class Server implements RedisCommands {
  readonly isOpen = true
  entries: StreamEntry[] = []

  put(time: number, removal: Removal): void {
    this.entries.push([`${time}-0`, ['removal', JSON.stringify(removal)]])
  }

  async send(_key: string, [name, , from = '']: Command): Promise<unknown> {
    if (name !== 'XRANGE') return 1
    const isExclusive = String(from).startsWith('(')
    const least = Number.parseInt(String(from).replace(/^[(-]+/, '') || '0', 10)
    return this.entries.filter(([id]) => Number.parseInt(id, 10) >= least + (isExclusive ? 1 : 0))
  }

  async atomically(): Promise<void> {}

  async nodes(): Promise<[]> {
    return []
  }

  async open(): Promise<OwnConnection> {
    throw new Error('It makes no other connection')
  }
}

/** Begins to watch a server's removals. Its clock is set by hand; `look` looks for new ones. */
async function watch(server: Server): Promise<{ removals: RedisRemovals; told: Removal[]; look: () => Promise<void> }> {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const removals = new RedisRemovals(server, 'removals')
  onTestFinished(() => removals.stop())
  const told: Removal[] = []
  removals.watch((removal) => told.push(removal))
  await removals.start()
  return { removals, told, look: async () => void (await vi.advanceTimersByTimeAsync(400)) }
}

test('a server that takes the place of another one is read from the beginning, though its clock is behind', async () => {
  const server = new Server()
  const { told, look } = await watch(server)
  server.put(2_000, { filter: { tag: 'old' }, at: 1 })
  await look()
  server.entries = []
  await look()
  server.put(1_000, { filter: { tag: 'new' }, at: 2 })
  await look()
  server.put(1_001, { filter: { tag: 'newer' }, at: 3 })
  await look()
  await look()
  expect(told.map(({ filter }) => filter.tag)).toEqual(['old', 'new', 'newer'])
})

test('a clear of another machine whose clock is an hour ahead picks what is there, and nothing later', async () => {
  const server = new Server()
  const { removals, told, look } = await watch(server)
  const before = makeEntry({ storedAt: Date.now() })
  server.put(1_000, { filter: { provider: 'openai' }, at: Date.now() + HOUR })
  await look()
  expect(told).toHaveLength(1)
  expect(removals.has(before)).toBe(true)
  await look()
  expect(removals.has(makeEntry({ storedAt: Date.now() }))).toBe(false)
})

test('a clear that was made here while the clock was an hour ahead picks nothing once it is right', async () => {
  const { removals } = await watch(new Server())
  const now = Date.now()
  vi.setSystemTime(now + HOUR)
  await removals.add({ filter: { provider: 'openai' }, at: Date.now() })
  expect(removals.has(makeEntry({ storedAt: now }))).toBe(true)
  vi.setSystemTime(now)
  expect(removals.has(makeEntry({ storedAt: now }))).toBe(false)
  // What an import brings now is taken out by a clear soon.
  expect(removals.afterAll - now).toBeLessThanOrEqual(60_000)
})

test('what is removed is heard of though a connection of the app hangs', async () => {
  const server = new Server()
  const { told, look } = await watch(server)
  const send = server.send.bind(server)
  const never = new Promise<never>(() => undefined)
  server.send = () => never
  const waitFor = (command: Command): Promise<unknown> => (command[0] === 'XREAD' ? never : send('', command))
  server.open = async () => ({ send: waitFor, close: () => undefined })
  server.put(1_000, { filter: { tag: 'new' }, at: 1 })
  await look()
  await look()
  expect(told.map(({ filter }) => filter.tag)).toEqual(['new'])
})
