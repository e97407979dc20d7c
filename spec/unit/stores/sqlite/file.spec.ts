import { copyFile, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { accessOf, makeEntry } from '../../../../lib/stores/contract.ts'
import type { Encryption } from '../../../../lib/stores/encryption.ts'
import { sqliteStore, type SqliteStoreOptions } from '../../../../lib/stores/sqlite.ts'
import type { CacheStore } from '../../../../lib/stores/store.ts'
import { makeFolder } from '../../../support/run-node.ts'

const caller = accessOf('a caller')
const MEBIBYTE = 1024 * 1024

async function makePath(): Promise<string> {
  return join(await makeFolder({}), 'cache.db')
}

function open(path: string, options: Partial<SqliteStoreOptions> = {}): CacheStore {
  const store = sqliteStore({ path, ...options })
  onTestFinished(() => store.close())
  return store
}

/** A file with one entry, closed. */
async function makeFile(options: Partial<SqliteStoreOptions> = {}): Promise<string> {
  const path = await makePath()
  const store = open(path, options)
  await store.set(makeEntry(), caller)
  await store.close()
  return path
}

async function keysOf(store: CacheStore): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.entries()) keys.push(key)
  return keys
}

let warn: ReturnType<typeof vi.spyOn>

beforeEach(() => {
  warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  return () => warn.mockRestore()
})

test('the file and what lies beside it are for their owner alone', async () => {
  const path = await makePath()
  const store = open(path)
  await store.set(makeEntry(), caller)
  for (const suffix of ['', '-wal', '-shm']) expect((await stat(path + suffix)).mode & 0o777).toBe(0o600)
  await store.close()
  const files = await readdir(join(path, '..'))
  expect(files.filter((name) => name.startsWith('cache.db'))).toEqual(['cache.db'])
})

describe('a file that is no sound database', () => {
  test.each<[string, (path: string) => Promise<unknown>]>([
    ['text', (path) => writeFile(path, 'a shopping list '.repeat(1000))],
    ['a database with its first page overwritten', (path) => overwrite(path, 0, 2000)],
    ['a database with a page of its tables overwritten', (path) => overwrite(path, 4096, 60_000)],
    ['half a database', async (path) => truncate(path, (await stat(path)).size / 2)],
  ])('is set aside with a warning, and a new one begun: %s', async (_what, spoil) => {
    const path = await makeFile()
    await spoil(path)
    const store = open(path)
    expect(await store.get(makeEntry().key, caller)).toBeUndefined()
    expect(await keysOf(store)).toEqual([])
    await store.set(makeEntry({ statusText: 'New' }), caller)
    expect(await store.get(makeEntry().key, caller)).toMatchObject({ statusText: 'New' })
    const files = await readdir(join(path, '..'))
    expect(files.filter((name) => /^cache\.db\.damaged-\d{8}T\d{9}Z$/.test(name))).toHaveLength(1)
    expect(warn).toHaveBeenCalledTimes(1)
    expect(warn).toHaveBeenCalledWith(
      expect.stringContaining('damaged'),
      expect.objectContaining({ code: 'LLM_CACHE_STORE' }),
    )
  })

  test('is made again where it is empty, as a process leaves it that is killed at once', async () => {
    const path = await makePath()
    await writeFile(path, '')
    const store = open(path)
    expect(await store.get(makeEntry().key, caller)).toBeUndefined()
    await store.set(makeEntry(), caller)
    expect(await store.get(makeEntry().key, caller)).toBeDefined()
    expect(warn).not.toHaveBeenCalled()
  })
})

describe('a file that is not ours', () => {
  test.each<[string, (db: DatabaseSync) => void, RegExp]>([
    [
      "another program's",
      (db) => db.exec("CREATE TABLE notes (text); INSERT INTO notes VALUES ('mine')"),
      /another program/,
    ],
    [
      "another program's with its own id",
      (db) => db.exec('PRAGMA application_id = 7; CREATE TABLE entries (key)'),
      /another program/,
    ],
  ])('is left as it is: %s', async (_whose, make, message) => {
    const path = await makePath()
    const db = new DatabaseSync(path)
    make(db)
    db.close()
    const before = await readFile(path)
    const store = open(path)
    await expect(doing(() => store.get('a', caller))).rejects.toThrow(message)
    await expect(doing(() => store.set(makeEntry(), caller))).rejects.toThrow(message)
    await store.close()
    expect((await readFile(path)).equals(before)).toBe(true)
  })

  test('of a later version of this package is left as it is', async () => {
    const path = await makeFile()
    const db = new DatabaseSync(path)
    db.exec('PRAGMA user_version = 99')
    db.close()
    const store = open(path)
    await expect(doing(() => store.get('a', caller))).rejects.toThrow(/later version/)
    await expect(doing(() => store.set(makeEntry(), caller))).rejects.toThrow(/later version/)
    await store.close()
    expect(await readdir(join(path, '..'))).toContain('cache.db')
  })

  test("a folder in its place, or a path that can't be, is an error and no more", async () => {
    const folder = await makeFolder({ file: '' })
    for (const path of [folder, join(folder, 'file', 'cache.db')]) {
      const store = open(path)
      await expect(doing(() => store.set(makeEntry(), caller))).rejects.toMatchObject({
        code: 'ERR_LLM_CACHE_STORE',
      })
      await store.close()
    }
  })
})

test('a file that somebody has for himself for a moment is a miss, and no error', async () => {
  const path = await makeFile()
  const holder = new DatabaseSync(path)
  holder.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT')
  const store = open(path)
  expect(await store.get(makeEntry().key, caller)).toBeUndefined()
  holder.close()
  expect(await store.get(makeEntry().key, caller)).toBeDefined()
})

test('a file that is deleted or replaced while it is open is made again, or read', async () => {
  const path = await makeFile()
  const other = await makeFile()
  const store = open(path)
  expect(await keysOf(store)).toHaveLength(1)
  for (const suffix of ['', '-wal', '-shm']) await rm(path + suffix, { force: true })
  await store.set(makeEntry({ key: 'b'.repeat(64) }), caller)
  await expect.poll(() => keysOf(store)).toEqual(['b'.repeat(64)])
  await store.close()
  await copyFile(other, path)
  expect(await keysOf(store)).toEqual([makeEntry().key])
})

test('nothing of a prompt, an answer or a credential is in the file or its WAL, in any encoding', async () => {
  const path = await makePath()
  const store = open(path)
  const text = 'the answer that nobody else may read'
  await store.set(
    makeEntry({ body: Buffer.from(text), headers: ['x-org', 'org-of-the-app'], ends: new Uint32Array() }),
    caller,
  )
  const secret = caller.secret()?.export() ?? Buffer.alloc(0)
  for (const suffix of ['', '-wal']) {
    const bytes = await readFile(path + suffix)
    for (const one of [Buffer.from(text), Buffer.from('org-of-the-app'), secret]) {
      for (const form of [
        one,
        one.toString('base64'),
        one.toString('hex'),
        Buffer.from(one.toString('latin1'), 'utf16le'),
      ]) {
        expect(bytes.includes(form)).toBe(false)
      }
    }
    if (suffix === '-wal') expect(bytes.includes('gpt-5')).toBe(true)
  }
})

test.each<[Encryption, boolean]>([['none', true]])(
  'what is deleted from a file in clear is overwritten',
  async (encryption) => {
    const text = 'an answer in clear that is to be gone'
    const path = await makePath()
    const store = open(path, { encryption })
    await store.set(makeEntry({ body: Buffer.from(text) }))
    expect(await store.delete(makeEntry().key)).toBe(true)
    await store.close()
    expect((await readFile(path)).includes(text)).toBe(false)
  },
)

describe('bounds', () => {
  test('the least recently used entries make room', async () => {
    const path = await makePath()
    const store = open(path, { maxSize: 4 * MEBIBYTE, encryption: 'none' })
    const body = new Uint8Array(100_000)
    for (let i = 0; i < 100; i++) {
      await store.set(makeEntry({ key: `key ${i}`, body, ends: new Uint32Array() }))
      store.hit?.('key 0')
      if (i % 10 === 9) await store.flush?.()
    }
    const keys = await keysOf(store)
    expect(keys.length).toBeGreaterThan(20)
    expect(keys.length).toBeLessThan(45)
    expect(keys).toContain('key 0')
    expect(keys).toContain('key 99')
    expect(keys).not.toContain('key 1')
    await store.close()
    expect((await stat(path)).size).toBeLessThan(6 * MEBIBYTE)
  })

  test('an answer larger than all of it is not kept, and throws nothing else out', async () => {
    const store = open(await makePath(), { maxSize: MEBIBYTE, encryption: 'none' })
    await store.set(makeEntry({ key: 'small' }))
    await store.set(makeEntry({ key: 'large', body: new Uint8Array(2 * MEBIBYTE) }))
    expect(await keysOf(store)).toEqual(['small'])
  })

  test('what is kept no longer goes when the next process starts', async () => {
    const path = await makePath()
    const now = Date.now()
    const first = open(path)
    await first.set(makeEntry({ key: 'old', keptUntil: now - 1 }), caller)
    await first.set(makeEntry({ key: 'new' }), caller)
    await first.close()
    const next = open(path)
    await next.flush?.()
    await next.set(makeEntry({ key: 'newer' }), caller)
    await expect.poll(() => keysOf(next)).toEqual(['new', 'newer'])
  })

  test('the file shrinks after a clear', async () => {
    const path = await makePath()
    const store = open(path, { encryption: 'none' })
    for (let i = 0; i < 30; i++) await store.set(makeEntry({ key: `${i}`, body: new Uint8Array(100_000) }))
    expect(await store.clear()).toBe(30)
    await store.close()
    expect((await stat(path)).size).toBeLessThan(200_000)
  })
})

test('how often an entry was served is kept for the next process', async () => {
  const path = await makeFile()
  const store = open(path)
  for (let i = 0; i < 3; i++) store.hit?.(makeEntry().key)
  await store.close()
  const next = open(path)
  next.hit?.(makeEntry().key)
  const hits: number[] = []
  for await (const entry of next.entries()) hits.push(entry.hits)
  expect(hits).toEqual([4])
})

test('an older answer never takes the place of a newer one', async () => {
  const store = open(await makePath())
  await store.set(makeEntry({ statusText: 'new', storedAt: 2000 }), caller)
  await store.set(makeEntry({ statusText: 'old', storedAt: 1000 }), caller)
  expect(await store.get(makeEntry().key, caller)).toMatchObject({ statusText: 'new' })
})

test('an answer that was cleared elsewhere while it was on its way is not written', async () => {
  const path = await makePath()
  const [one, other] = [open(path), open(path)]
  const storedAt = Date.now()
  await one.clear({ provider: 'openai' })
  await other.set(makeEntry({ storedAt: storedAt - 1 }), caller)
  await other.set(makeEntry({ key: 'b'.repeat(64), storedAt: storedAt - 1, provider: 'anthropic' }), caller)
  expect(await keysOf(other)).toEqual(['b'.repeat(64)])
  await other.set(makeEntry({ storedAt: Date.now() + 1 }), caller)
  expect(await keysOf(other)).toHaveLength(2)
})

test('removals reach every cache on the file, once each', async () => {
  const path = await makePath()
  const [one, other] = [open(path), open(path)]
  const told: unknown[] = []
  other.watch?.(({ filter }) => void told.push(filter))
  await other.set(makeEntry(), caller)
  await one.clear({ tag: 'x' })
  await one.delete('y')
  await expect.poll(() => told.length).toBe(2)
  await one.clear({ olderThan: 5 })
  await expect.poll(() => told).toEqual([{ tag: 'x' }, { key: 'y' }, { olderThan: 5 }])
})

/** What it gives or throws, later. */
async function doing(act: () => unknown): Promise<unknown> {
  return act()
}

async function overwrite(path: string, start: number, end: number): Promise<void> {
  const bytes = await readFile(path)
  bytes.fill(0xaa, start, end)
  await writeFile(path, bytes)
}

test('a clear that was made while the clock was an hour ahead takes no answer of later', async () => {
  const store = open(await makePath())
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 })
  onTestFinished(() => void vi.useRealTimers())
  await store.clear({ model: 'gpt-5' })
  await store.delete(makeEntry().key)
  vi.useRealTimers()
  await store.set(makeEntry(), caller)
  expect(await keysOf(store)).toHaveLength(1)
})
