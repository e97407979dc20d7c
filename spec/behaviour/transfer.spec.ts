import { createReadStream, createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, test } from 'vitest'
import type { LlmCache, LlmCacheOptions } from '../../lib/index.ts'
import { clearRecord } from '../../lib/stores/transfer.ts'
import { writeRecordLine } from '../../lib/stores/record-lines.ts'
import { makeEntry } from '../../lib/stores/contract.ts'
import { sealedStore } from '../../lib/stores/seal.ts'
import { sqliteStore } from '../../lib/stores/sqlite.ts'
import { installCache, openCache } from '../support/cache.ts'
import { chat, statusOf } from '../support/calls.ts'
import { MapRecords } from '../support/map-records.ts'
import { makeFolder } from '../support/run-node.ts'
import { startProvider } from '../support/start-provider.ts'

async function linesOf(cache: LlmCache, filter = {}): Promise<string[]> {
  const lines: string[] = []
  for await (const line of cache.export(filter)) lines.push(line)
  return lines
}

/** Answers two calls, a stream and a JSON document, and exports them; what a cache that has imported them then answers. */
async function move(
  from: LlmCacheOptions,
  to: LlmCacheOptions,
): Promise<{ lines: string[]; result: unknown; statuses: unknown[] }> {
  const provider = await startProvider()
  const hosts = [provider.origin]
  const first = installCache({ hosts, ...from })
  const calls = [
    (): Promise<Response> => chat(provider.origin, { stream: true }),
    () => chat(provider.origin, { seed: 1 }),
  ]
  const texts: string[] = []
  for (const call of calls) texts.push(await (await call()).text())
  const lines = await linesOf(first)
  const second = installCache({ hosts, ...to })
  const result = await second.import(lines)
  const statuses: unknown[] = []
  for (const [at, call] of calls.entries()) {
    const response = await call()
    statuses.push(statusOf(response))
    if (statusOf(response) === 'HIT') expect(await response.text()).toBe(texts[at])
  }
  return { lines, result, statuses }
}

const key = 'k'.repeat(32)

describe('an export', () => {
  test.each<[string, () => LlmCacheOptions, () => LlmCacheOptions]>([
    ['memory to memory', () => ({}), () => ({})],
    ['memory to a store under a key', () => ({}), () => ({ store: sealedStore(new MapRecords(), { key }) })],
    [
      'memory to a store sealed under credentials',
      () => ({}),
      () => ({ store: sealedStore(new MapRecords(), 'credential') }),
    ],
    ['a store in clear to memory', () => ({ store: sealedStore(new MapRecords(), 'none') }), () => ({})],
    [
      'one sealed store to another',
      () => ({ store: sealedStore(new MapRecords(), 'credential') }),
      () => ({ store: sealedStore(new MapRecords(), 'credential') }),
    ],
    [
      'one store to another under the same key',
      () => ({ store: sealedStore(new MapRecords(), { key }) }),
      () => ({ store: sealedStore(new MapRecords(), { key: 'other'.repeat(10), previousKeys: [key] }) }),
    ],
  ])('makes another cache warm, byte for byte: %s', async (_how, from, to) => {
    const { result, statuses } = await move(from(), to())
    expect(result).toMatchObject({ imported: 2, skipped: [] })
    expect(statuses).toEqual(['HIT', 'HIT'])
  })

  test.each<[string, () => LlmCacheOptions]>([
    ['memory', () => ({})],
    ['memory and a store that seals under credentials', () => ({ store: sealedStore(new MapRecords(), 'credential') })],
  ])('takes the place of no newer answer in %s', async (_where, options) => {
    const cache = openCache(options())
    const [old, fresh] = [1_000, 0].map((age) => makeEntry({ storedAt: Date.now() - age, tags: [`${age}`] }))
    for (const entry of [fresh, old]) if (entry) await cache.import([writeRecordLine(clearRecord(entry))])
    expect([...cache.entries()].map(({ tags }) => tags)).toEqual([['0']])
  })

  test.each<[string, () => LlmCacheOptions]>([
    ['memory alone', () => ({})],
    ['a store under another key', () => ({ store: sealedStore(new MapRecords(), { key: 'other'.repeat(10) }) })],
    ['a store in clear', () => ({ store: sealedStore(new MapRecords(), 'none') })],
  ])('that is sealed stays sealed, and is of no use to %s', async (_who, to) => {
    const { lines, result, statuses } = await move({ store: sealedStore(new MapRecords(), { key }) }, to())
    for (const line of lines) expect(Buffer.from(JSON.parse(line).payload, 'base64').includes('content')).toBe(false)
    expect(result).toEqual({
      imported: 0,
      skipped: [
        { line: 1, reason: 'sealed' },
        { line: 2, reason: 'sealed' },
      ],
    })
    expect(statuses).toEqual(['MISS', 'MISS'])
  })

  test('in clear is stored by a store sealed under credentials once a call uses it', async () => {
    const provider = await startProvider()
    const hosts = [provider.origin]
    const first = installCache({ hosts })
    for (const seed of [1, 2]) await (await chat(provider.origin, { seed })).text()
    const records = new MapRecords()
    const second = installCache({ hosts, store: sealedStore(records, 'credential') })
    expect(await second.import(await linesOf(first))).toEqual({ imported: 2, unsealed: 2, skipped: [] })
    expect(statusOf(await chat(provider.origin, { seed: 1 }))).toBe('HIT')
    await second.flush()
    installCache({ hosts, store: sealedStore(records, 'credential') })
    const statuses = []
    for (const seed of [1, 2]) statuses.push(statusOf(await chat(provider.origin, { seed })))
    expect(statuses).toEqual(['HIT', 'MISS'])
  })

  test('goes through a file, from one SQLite store to another', async () => {
    const provider = await startProvider()
    const folder = await makeFolder({})
    const file = join(folder, 'warm.jsonl')
    const hosts = [provider.origin]
    const first = installCache({ hosts, store: sqliteStore({ path: join(folder, 'one.db') }) })
    for (const seed of [1, 2, 3]) await (await chat(provider.origin, { seed })).text()
    await pipeline(Readable.from(first.export()), createWriteStream(file))
    const second = installCache({ hosts, store: sqliteStore({ path: join(folder, 'two.db') }) })
    await second.clear()
    expect(await second.import(createReadStream(file, { highWaterMark: 7 }))).toEqual({ imported: 3, skipped: [] })
    for (const seed of [1, 2, 3]) expect(statusOf(await chat(provider.origin, { seed }))).toBe('HIT')
    const third = openCache()
    const lines = createInterface({ input: createReadStream(file) })
    expect(await third.import(lines)).toMatchObject({ imported: 0, skipped: { length: 3 } })
  })

  test('holds what the filter picks, and names a wrong filter at once', async () => {
    const provider = await startProvider()
    const cache = installCache({ hosts: [provider.origin] })
    await (await chat(provider.origin, { seed: 1 })).text()
    await (await chat(provider.origin, { seed: 2, model: 'other' })).text()
    expect(await linesOf(cache, { model: 'other' })).toHaveLength(1)
    expect(() => cache.export({ tags: 'x' } as object)).toThrow(/^filter\.tags does not exist/)
  })
})

describe('an import', () => {
  const line = (given = {}): string => writeRecordLine(clearRecord(makeEntry(given)))

  test.each<[string, string, string]>([
    ['no JSON', 'a,b,c', 'not-json'],
    ['no object', '[1]', 'not-json'],
    ['half a line', line().slice(0, 100), 'not-json'],
    ['another object', '{"a":1}', 'not-an-entry'],
    ['metadata that are none', '{"version":1,"meta":{},"payload":""}', 'not-an-entry'],
    ['a later version', '{"version":2,"data":1}', 'later-version'],
    ["another entry's metadata", line().replace('gpt-5', 'gpt-6'), 'damaged'],
    ['bytes that have changed', line().replace(/"payload":"(.{40})./, '"payload":"$1#'), 'damaged'],
    ['no bytes', line().replace(/"payload":".*"/, '"payload":""'), 'damaged'],
    ['what is kept no longer', line({ keptUntil: Date.now() - 1 }), 'expired'],
    ['what is too large', line({ body: new Uint8Array(5_000_000) }), 'too-large'],
  ])('leaves out a line and names it: %s', async (_what, bad, reason) => {
    const cache = openCache({ maxEntrySize: 1_000_000 })
    const good = [line({ key: 'a'.repeat(64) }), line({ key: 'b'.repeat(64) })]
    const result = await cache.import([good[0] ?? '', '\n', `${bad.trim()}\n`, good[1] ?? ''])
    expect(result).toEqual({ imported: 2, skipped: [{ line: 3, reason }] })
    expect([...cache.entries()]).toHaveLength(2)
  })

  test.each<[string, () => string | Uint8Array]>([
    ['text', () => line({ key: 'a'.repeat(64) }) + line({ key: 'b'.repeat(64) })],
    ['bytes', () => Buffer.from(line({ key: 'a'.repeat(64) }) + line({ key: 'b'.repeat(64) }))],
  ])('takes a whole file as %s', async (_what, source) => {
    expect(await openCache().import(source())).toEqual({ imported: 2, skipped: [] })
  })

  test.each<[unknown, string]>([
    [undefined, "source must be a string, bytes, lines or a file's stream, not undefined"],
    [null, "source must be a string, bytes, lines or a file's stream, not null"],
    [{}, "source must be a string, bytes, lines or a file's stream, not an object"],
    [5, "source must be a string, bytes, lines or a file's stream, not 5"],
    [[5], 'each chunk of source must be a string or bytes, not 5'],
    [[undefined], 'each chunk of source must be a string or bytes, not undefined'],
    [[{ key: 'a' }], 'each chunk of source must be a string or bytes, not an object'],
  ])('rejects with a TypeError that says what it takes: %j', async (source, message) => {
    // As an app without types passes it.
    await expect(openCache().import(source as string)).rejects.toThrow(new TypeError(message))
  })

  test('rejects where its source breaks, and keeps what came before', async () => {
    const cache = openCache()
    async function* broken(): AsyncGenerator<string> {
      yield line()
      throw new Error('the disk is gone')
    }
    await expect(cache.import(broken())).rejects.toThrow('the disk is gone')
    expect([...cache.entries()]).toHaveLength(1)
  })

  test('names the lines that the store did not take', async () => {
    const records = new MapRecords()
    records.write = () => {
      throw new Error('full')
    }
    const cache = openCache({ store: sealedStore(records, 'none') })
    expect(await cache.import([line()])).toEqual({ imported: 0, skipped: [{ line: 1, reason: 'store' }] })
  })
})
