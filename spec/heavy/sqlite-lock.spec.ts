import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as after } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { LlmCache } from '../../lib/index.ts'
import { CALLER, makeEntry } from '../../lib/stores/contract/example-entry.ts'
import { sqliteStore } from '../../lib/stores/sqlite.ts'
import { installCache } from '../support/cache.ts'
import { chat, statusOf } from '../support/calls.ts'
import { makeFolder } from '../support/run-node.ts'
import { startProvider } from '../support/start-provider.ts'

/** A cache with an answer in its file, which another program has locked by now; `write` makes a call for another one. */
async function openLocked(): Promise<{
  readonly cache: LlmCache
  readonly write: () => Promise<string>
  readonly unlock: () => void
}> {
  const path = join(await makeFolder({}), 'cache.db')
  const { origin } = await startProvider()
  const cache = installCache({ hosts: [origin], store: sqliteStore({ path }) })
  await (await chat(origin, { seed: 1 })).text()
  await cache.flush()
  const other = new DatabaseSync(path)
  onTestFinished(() => other.close())
  other.exec('BEGIN IMMEDIATE')
  expect(statusOf(await chat(origin, { seed: 1 }))).toBe('HIT')
  const write = async (): Promise<string> => (await chat(origin, { seed: 2 })).text()
  return { cache, write, unlock: () => other.exec('COMMIT') }
}

async function linesOf(cache: LlmCache): Promise<number> {
  let count = 0
  for await (const _line of cache.export()) count++
  return count
}

test('an answer waits while another program has locked the file, and flush() for it', { timeout: 60_000 }, async () => {
  const { cache, write, unlock } = await openLocked()
  await write()
  const flushed = cache.flush().then(() => 'flushed')
  expect(await Promise.race([flushed, after(7_000, 'waits')])).toBe('waits')
  unlock()
  expect(await flushed).toBe('flushed')
})

test('a clear waits for the lock as well', { timeout: 60_000 }, async () => {
  const path = join(await makeFolder({}), 'cache.db')
  const store = sqliteStore({ path })
  onTestFinished(() => store.close())
  await store.set(makeEntry(), CALLER)
  const other = new DatabaseSync(path)
  onTestFinished(() => other.close())
  other.exec('BEGIN IMMEDIATE')
  const outcome = Promise.resolve(store.clear()).then(String, String)
  expect(await Promise.race([outcome, after(2_000, 'waits')])).toBe('waits')
  other.exec('COMMIT')
  expect(await outcome).toBe('1')
})

test(
  'flush() tells of an answer that waits for more than ten seconds; it is stored all the same',
  { timeout: 60_000 },
  async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    onTestFinished(() => warn.mockRestore())
    const { cache, write, unlock } = await openLocked()
    await write()
    await expect(cache.flush()).rejects.toThrow(/1 answers and 0 removals did not reach the store/)
    expect(warn.mock.calls.map(([text]) => String(text))).toEqual([expect.stringContaining('did not answer in time')])
    unlock()
    await cache.flush()
    expect(await linesOf(cache)).toBe(2)
  },
)
