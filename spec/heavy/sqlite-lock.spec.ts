import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as after } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { LlmCache } from '../../lib/index.ts'
import { sqliteStore } from '../../lib/stores/sqlite.ts'
import { installCache } from '../support/cache.ts'
import { chat, statusOf } from '../support/calls.ts'
import { makeFolder } from '../support/run-node.ts'
import { startProvider } from '../support/start-provider.ts'

/** A cache whose file is there, an answer that is on its way to it, and another program's lock on it. */
async function lockWhileWriting(): Promise<{
  readonly cache: LlmCache
  readonly unlock: () => void
  readonly origin: string
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
  await (await chat(origin, { seed: 2 })).text()
  return { cache, origin, unlock: () => other.exec('COMMIT') }
}

async function linesOf(cache: LlmCache): Promise<number> {
  let count = 0
  for await (const _line of cache.export()) count++
  return count
}

test('an answer waits while another program has locked the file, and flush() for it', { timeout: 60_000 }, async () => {
  const { cache, unlock } = await lockWhileWriting()
  const flushed = cache.flush().then(() => 'flushed')
  expect(await Promise.race([flushed, after(7_000, 'waits')])).toBe('waits')
  unlock()
  expect(await flushed).toBe('flushed')
})

test('a clear waits for the lock as well', { timeout: 60_000 }, async () => {
  const { cache, unlock } = await lockWhileWriting()
  const cleared = cache.clear()
  await after(2_000)
  unlock()
  expect(await cleared).toBe(2)
  await cache.flush()
  expect(await linesOf(cache)).toBe(0)
})

test(
  'flush() tells of an answer that waits for more than ten seconds; it is stored all the same',
  { timeout: 60_000 },
  async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    onTestFinished(() => warn.mockRestore())
    const { cache, unlock } = await lockWhileWriting()
    await expect(cache.flush()).rejects.toThrow(/1 answers and 0 removals did not reach the store/)
    unlock()
    await cache.flush()
    expect(await linesOf(cache)).toBe(2)
  },
)
