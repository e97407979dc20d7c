import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { sqliteStore } from '../../../lib/stores/sqlite.ts'
import { LEASE } from '../../../lib/stores/lease.ts'
import type { Provider } from '../../support/provider.ts'
import { makeFolder } from '../../support/run-node.ts'
import { startProvider } from '../../support/start-provider.ts'
import { startStoreProcess, type StoreProcess } from '../../support/store-process.ts'

interface Setting {
  readonly provider: Provider
  readonly path: string
  /** Starts a process; a busy machine is no outage. */
  readonly start: (storeTimeout?: number) => Promise<StoreProcess>
}

async function setUp(): Promise<Setting> {
  const provider = await startProvider()
  const path = join(await makeFolder({}), 'cache.db')
  const start = (storeTimeout = 5): Promise<StoreProcess> =>
    startStoreProcess({ path, origin: provider.origin, options: { coalesce: 'cluster', storeTimeout } })
  return { provider, path, start }
}

function openFile(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 5_000 })
  onTestFinished(() => db.close())
  return db
}

interface LeaseRow {
  readonly key: string
  readonly until: number
}

function leasesIn(db: DatabaseSync): readonly LeaseRow[] {
  return db
    .prepare('SELECT key, until FROM leases')
    .all()
    .map(({ key, until }) => ({ key: String(key), until: Number(until) }))
}

const CALL = { do: 'call', seed: 1, stream: false } as const

describe("coalesce: 'cluster', for processes on one file", () => {
  test('makes identical calls once', async () => {
    const { provider, start } = await setUp()
    provider.always({ first: 500 })
    const processes = await Promise.all([1, 2, 3].map(() => start()))
    const answers = await Promise.all(
      processes.flatMap((process) => [CALL, CALL, CALL].map((call) => process.ask(call))),
    )
    expect(provider.calls).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 'MISS')).toHaveLength(1)
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
  })

  test('lets the next one call where the first one fails', async () => {
    const { provider, path, start } = await setUp()
    provider.script({ status: 500, first: 300 })
    const processes = await Promise.all([start(), start()])
    const answers = await Promise.all(processes.map((process) => process.ask(CALL)))
    expect(answers.map(({ status }) => status)).toEqual(['MISS', 'MISS'])
    expect(provider.calls).toHaveLength(2)
    const db = openFile(path)
    await expect.poll(() => leasesIn(db)).toEqual([])
  })

  test('frees the lease of a process that was killed when it expires', async () => {
    const { provider, path, start } = await setUp()
    provider.script({ first: new Promise(() => undefined) })
    const [dies, stays] = await Promise.all([start(), start()])
    const lost = dies.ask(CALL).catch(() => 'lost')
    await expect.poll(() => provider.calls).toHaveLength(1)
    dies.child.kill('SIGKILL')
    expect(await lost).toBe('lost')
    const next = stays.ask(CALL)
    const db = openFile(path)
    const [lease] = leasesIn(db)
    expect(lease?.until).toBeLessThanOrEqual(Date.now() + LEASE * 1000)
    expect(provider.calls).toHaveLength(1)
    db.prepare('UPDATE leases SET until = ?').run(Date.now())
    expect(await next).toMatchObject({ status: 'MISS' })
    expect(provider.calls).toHaveLength(2)
    await expect.poll(() => leasesIn(db)).toEqual([])
  })

  test('lets a stream begin after a second, whoever holds the lease', async () => {
    const { provider, start } = await setUp()
    const gate = Promise.withResolvers<void>()
    provider.script({ gate: { after: 2, until: gate.promise } })
    const [holds, waits] = await Promise.all([start(), start()])
    const first = holds.ask({ ...CALL, stream: true })
    await expect.poll(() => provider.calls).toHaveLength(1)
    expect(await waits.ask({ ...CALL, stream: true })).toMatchObject({ status: 'MISS' })
    expect(provider.calls).toHaveLength(2)
    gate.resolve()
    expect(await first).toMatchObject({ status: 'MISS' })
  })

  test('holds no call up longer than the store may take, where the file is locked, and leaves no lease behind', async () => {
    const { provider, path, start } = await setUp()
    const process = await start(0.05)
    await process.ask({ do: 'call', seed: 2 })
    await process.ask({ do: 'flush' })
    const holder = openFile(path)
    holder.exec('BEGIN IMMEDIATE')
    expect(await process.ask(CALL)).toMatchObject({ status: 'MISS' })
    expect(provider.calls).toHaveLength(2)
    holder.exec('COMMIT')
    await process.ask({ do: 'flush' })
    await expect.poll(() => leasesIn(holder)).toEqual([])
  })
})

describe('a lease of the file', () => {
  test('is one holder’s, who alone renews it and gives it back', async () => {
    const path = join(await makeFolder({}), 'cache.db')
    const [one, other] = [sqliteStore({ path }), sqliteStore({ path })]
    onTestFinished(() => Promise.all([one.close(), other.close()]).then(() => undefined))
    const lease = await one.lease?.('a')
    expect(lease).toBeDefined()
    expect(await one.lease?.('a')).toBeUndefined()
    expect(await other.lease?.('a')).toBeUndefined()
    expect(await other.lease?.('b')).toBeDefined()
    expect(await lease?.renew()).toBe(true)
    openFile(path).prepare("UPDATE leases SET until = 0 WHERE key = 'a'").run()
    const next = await other.lease?.('a')
    expect(next).toBeDefined()
    expect(await lease?.renew()).toBe(false)
    await lease?.release()
    expect(await one.lease?.('a')).toBeUndefined()
    await next?.release()
    expect(await one.lease?.('a')).toBeDefined()
  })

  test('that was taken while the clock was an hour ahead, and never given back, is anybody’s', async () => {
    const path = join(await makeFolder({}), 'cache.db')
    const store = sqliteStore({ path })
    onTestFinished(async () => store.close())
    await store.lease?.('a')
    const setUntil = openFile(path).prepare('UPDATE leases SET until = ?')
    // A clock that was ahead by a moment takes nobody's lease away.
    setUntil.run(Date.now() + LEASE * 1000 + 50_000)
    expect(await store.lease?.('a')).toBeUndefined()
    setUntil.run(Date.now() + LEASE * 1000 + 3_600_000)
    expect(await store.lease?.('a')).toBeDefined()
  })

  test('lives for ten seconds more with each renewal', async () => {
    const path = join(await makeFolder({}), 'cache.db')
    const store = sqliteStore({ path })
    onTestFinished(async () => store.close())
    const lease = await store.lease?.('a')
    const db = openFile(path)
    db.prepare('UPDATE leases SET until = ?').run(Date.now() + 1_000)
    expect(await lease?.renew()).toBe(true)
    expect(leasesIn(db)[0]?.until).toBeGreaterThan(Date.now() + (LEASE - 1) * 1000)
  })
})
