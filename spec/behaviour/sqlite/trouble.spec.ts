import { chmod, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { doorUrl } from '../../support/package.ts'
import { makeFolder, nodeWithoutRootsRights, runNode } from '../../support/run-node.ts'
import { startProvider } from '../../support/start-provider.ts'
import { startStoreProcess, type StoreProcess } from '../../support/store-process.ts'

/** A file that holds the answer to `seed: 1`, and the origin of its provider. */
async function makeFile(): Promise<{ path: string; origin: string }> {
  const { origin } = await startProvider()
  const path = join(await makeFolder({}), 'cache.db')
  const process = await startStoreProcess({ path, origin })
  await process.ask({ do: 'call', seed: 1 })
  await process.ask({ do: 'close' })
  return { path, origin }
}

async function statusesOf(process: StoreProcess, seeds: readonly number[]): Promise<string[]> {
  const statuses: string[] = []
  for (const seed of seeds) statuses.push((await process.ask({ do: 'call', seed })).status)
  return statuses
}

describe('whoever holds the lock for writing', () => {
  test('keeps no process from ending, though an answer of it waits', async () => {
    const { path, origin } = await makeFile()
    const holder = new DatabaseSync(path)
    onTestFinished(() => holder.close())
    holder.exec('BEGIN IMMEDIATE')
    const app = `
      import { createLlmCache } from '${doorUrl('index')}'
      import { sqliteStore } from '${doorUrl('stores/sqlite')}'
      createLlmCache({ hosts: ['${origin}'], store: sqliteStore({ path: '${path}' }) }).install()
      const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-one' }
      const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'a' }] })
      await (await fetch('${origin}/v1/chat/completions', { method: 'POST', headers, body })).text()
      process.exit()
    `
    const folder = await makeFolder({ 'app.mjs': app })
    expect(await runNode(['app.mjs'], { cwd: folder })).toEqual({ code: 0, stdout: '', stderr: '' })
    holder.exec('COMMIT')
  })

  test('keeps nobody from reading, and what is written meanwhile is stored when it lets go', async () => {
    const { path, origin } = await makeFile()
    const holder = new DatabaseSync(path)
    onTestFinished(() => holder.close())
    holder.exec('BEGIN IMMEDIATE')
    const process = await startStoreProcess({ path, origin })
    expect(await statusesOf(process, [1, 2, 2])).toEqual(['HIT', 'MISS', 'HIT'])
    const flushed = process.ask({ do: 'flush' })
    expect(await statusesOf(process, [3])).toEqual(['MISS'])
    holder.exec('COMMIT')
    await flushed
    process.child.kill('SIGKILL')
    await process.ended
    const next = await startStoreProcess({ path, origin })
    expect(await statusesOf(next, [1, 2])).toEqual(['HIT', 'HIT'])
  })
})

describe('a file that can be read only', () => {
  test('is read, and what can not be written is reported once', async () => {
    const { path, origin } = await makeFile()
    await chmod(path, 0o444)
    await chmod(dirname(path), 0o555)
    onTestFinished(() => chmod(dirname(path), 0o755))
    const reader = await startStoreProcess({ path, origin }, { execPath: await nodeWithoutRootsRights() })
    expect(await statusesOf(reader, [2, 3, 4, 1])).toEqual(['MISS', 'MISS', 'MISS', 'HIT'])
    await expect(reader.ask({ do: 'flush' })).rejects.toThrow('3 answers and 0 removals did not reach the store')
    expect(reader.stderr().match(/LlmCacheWarning/g)).toHaveLength(1)
  })
})

test('a disk that is full costs what is to be written, and the file stays sound', async () => {
  const { path, origin } = await makeFile()
  const folder = await makeFolder({})
  // A limit on the size of a file: 512 bytes times 400. Without the trap its signal would end the process.
  const shell = join(folder, 'node')
  await writeFile(shell, `#!/bin/sh\ntrap '' XFSZ\nulimit -f 400\nexec "${process.execPath}" "$@"\n`, { mode: 0o755 })
  const full = await startStoreProcess({ path, origin }, { execPath: shell })
  const seeds = Array.from({ length: 200 }, (_, at) => at + 100)
  for (const seed of seeds) expect((await full.ask({ do: 'call', seed, words: 1000 })).status).toBe('MISS')
  await expect(full.ask({ do: 'flush' })).rejects.toThrow('did not reach the store')
  expect(await statusesOf(full, [1])).toEqual(['HIT'])
  expect(full.stderr().match(/LlmCacheWarning/g)).toHaveLength(1)
  full.child.kill('SIGKILL')
  await full.ended
  const next = await startStoreProcess({ path, origin })
  expect(await statusesOf(next, [1, 2])).toEqual(['HIT', 'MISS'])
  await next.ask({ do: 'flush' })
  await next.ask({ do: 'close' })
  const db = new DatabaseSync(path)
  expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  db.close()
})

test('under the permission model, which allows no worker, a file is read and nothing is written', async () => {
  const { path, origin } = await makeFile()
  const permissions = ['--permission', '--allow-fs-read=*', '--allow-fs-write=*', '--allow-net', '--no-warnings']
  const version = Number(process.versions.node.split('.')[0])
  const execArgv = version < 25 ? permissions.filter((flag) => flag !== '--allow-net') : permissions
  const reader = await startStoreProcess({ path, origin }, { execArgv })
  expect(await statusesOf(reader, [2, 1])).toEqual(['MISS', 'HIT'])
  await expect(reader.ask({ do: 'flush' })).rejects.toThrow('1 answers and 0 removals did not reach the store')
})
