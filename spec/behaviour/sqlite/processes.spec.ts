import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Provider } from '../../support/provider.ts'
import { makeFolder } from '../../support/run-node.ts'
import { startProvider } from '../../support/start-provider.ts'
import { startStoreProcess, type StoreProcess } from '../../support/store-process.ts'

interface Setting {
  readonly provider: Provider
  readonly path: string
  readonly start: () => Promise<StoreProcess>
}

async function setUp(): Promise<Setting> {
  const provider = await startProvider()
  const path = join(await makeFolder({}), 'cache.db')
  return { provider, path, start: () => startStoreProcess({ path, origin: provider.origin }) }
}

describe('a process that ends', () => {
  test.each<[string, (process: StoreProcess) => Promise<unknown>]>([
    ['by itself, right after its answer', (process) => process.ask({ do: 'disconnect' }).catch(() => undefined)],
    ['by process.exit, right after its answer', (process) => process.ask({ do: 'exit' }).catch(() => undefined)],
    ['after a close', (process) => process.ask({ do: 'close' }).then(() => process.child.kill('SIGKILL'))],
    ['by kill -9, after a flush', (process) => process.ask({ do: 'flush' }).then(() => process.child.kill('SIGKILL'))],
  ])('%s, leaves its answers to the next one', async (_how, end) => {
    const { provider, start } = await setUp()
    const first = await start()
    const { status, text } = await first.ask({ do: 'call', seed: 1 })
    expect(status).toBe('MISS')
    await end(first)
    await first.ended
    const second = await start()
    expect(await second.ask({ do: 'call', seed: 1 })).toEqual({ status: 'HIT', text })
    expect(provider.calls).toHaveLength(1)
  })

  test('by process.exit at the end marker, while the socket is still open, leaves its answer too', async () => {
    const { provider, start } = await setUp()
    const gate = Promise.withResolvers<void>()
    provider.script({ hold: gate.promise })
    const first = await start()
    await first.ask({ do: 'exit at marker', seed: 1 }).catch(() => undefined)
    await first.ended
    gate.resolve()
    const second = await start()
    expect(await second.ask({ do: 'call', seed: 1 })).toMatchObject({ status: 'HIT' })
  })

  test('says nothing on stderr, not even that SQLite is experimental', async () => {
    const { start } = await setUp()
    const process = await start()
    await process.ask({ do: 'call', seed: 1 })
    await process.ask({ do: 'flush' })
    await process.ask({ do: 'exit' }).catch(() => undefined)
    await process.ended
    expect(process.stderr()).toBe('')
  })
})

describe('several processes on one file', () => {
  test('start at once, and find what the others have stored', async () => {
    const { provider, start } = await setUp()
    const processes = await Promise.all([1, 2, 3].map(start))
    await Promise.all(processes.map((process, seed) => process.ask({ do: 'call', seed })))
    await Promise.all(processes.map((process) => process.ask({ do: 'flush' })))
    for (const process of processes) {
      for (const seed of [0, 1, 2]) expect(await process.ask({ do: 'call', seed })).toMatchObject({ status: 'HIT' })
    }
    expect(provider.calls).toHaveLength(3)
  })

  test('forget what one of them clears, and never bring it back', async () => {
    const { start } = await setUp()
    const [one, other] = await Promise.all([start(), start()])
    await one.ask({ do: 'call', seed: 1 })
    await one.ask({ do: 'flush' })
    await other.ask({ do: 'call', seed: 1 })
    await other.ask({ do: 'flush' })
    expect(await other.ask({ do: 'keys', of: 'memory' })).toHaveLength(1)
    expect(await one.ask({ do: 'clear', filter: { provider: 'local' } })).toBe(1)
    await expect.poll(() => other.ask({ do: 'keys', of: 'memory' })).toEqual([])
    for (const process of [one, other]) expect(await process.ask({ do: 'keys', of: 'all' })).toEqual([])
    expect(await other.ask({ do: 'call', seed: 1 })).toMatchObject({ status: 'MISS' })
  })

  test('go on while one of them is stopped in the middle of its work', async () => {
    const { start } = await setUp()
    const [stopped, other] = await Promise.all([start(), start()])
    await stopped.ask({ do: 'call', seed: 1 })
    await stopped.ask({ do: 'flush' })
    for (let seed = 100; seed < 200; seed++) void stopped.ask({ do: 'call', seed }).catch(() => undefined)
    stopped.child.kill('SIGSTOP')
    expect(await other.ask({ do: 'call', seed: 1 })).toMatchObject({ status: 'HIT' })
    expect(await other.ask({ do: 'call', seed: 2 })).toMatchObject({ status: 'MISS' })
    expect(await other.ask({ do: 'call', seed: 2 })).toMatchObject({ status: 'HIT' })
    stopped.child.kill('SIGCONT')
    await other.ask({ do: 'flush' })
  })
})
