import { beforeEach, describe, expect, test, vi } from 'vitest'
import { accessOf, makeEntry } from '../../../lib/stores/contract.ts'
import type { StoredRecord } from '../../../lib/stores/codec.ts'
import { checkEncryption, type Encryption } from '../../../lib/stores/encryption.ts'
import { sealedStore } from '../../../lib/stores/seal.ts'
import { MapRecords } from '../../support/map-records.ts'
import { describeStore } from './describe-store.ts'

const KEY = 'a secret of the app, of thirty-two characters or more'
const ENCRYPTIONS: Readonly<Record<string, Encryption>> = {
  credential: 'credential',
  key: { key: KEY },
  none: 'none',
}
const caller = accessOf('a caller')

for (const [name, encryption] of Object.entries(ENCRYPTIONS)) {
  describeStore(`a store of bytes, encryption ${name},`, () => sealedStore(new MapRecords(), encryption))
}

beforeEach(() => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  return () => warn.mockRestore()
})

function bytesOf({ meta, payload }: StoredRecord): Buffer {
  return Buffer.concat([Buffer.from(meta), payload])
}

describe('an entry that is sealed', () => {
  const entry = makeEntry({
    body: Buffer.from('the answer that nobody else may read'),
    headers: ['openai-organization', 'org-the-app'],
    ends: Uint32Array.of(7, 36),
  })

  test.each(['credential', 'key'])('has nothing of the answer and its head in its bytes: %s', async (name) => {
    const records = new MapRecords()
    await sealedStore(records, ENCRYPTIONS[name] ?? 'none').set(entry, caller)
    const bytes = Buffer.concat([...records.records.values()].map(bytesOf))
    expect(bytes.length).toBeGreaterThan(100)
    for (const text of ['the answer that nobody else may read', 'org-the-app', 'openai-organization']) {
      for (const coding of ['utf8', 'base64', 'hex', 'utf16le'] as const) {
        expect(bytes.includes(Buffer.from(Buffer.from(text).toString(coding === 'utf16le' ? 'utf8' : coding)))).toBe(
          false,
        )
        expect(bytes.includes(Buffer.from(text, coding === 'utf16le' ? 'utf16le' : 'utf8'))).toBe(false)
      }
    }
  })

  test('is never the same bytes twice', async () => {
    const records = new MapRecords()
    const store = sealedStore(records, 'credential')
    await store.set(entry, caller)
    const first = Buffer.from(records.records.get(entry.key)?.payload ?? [])
    await store.set(entry, caller)
    expect(first.equals(records.records.get(entry.key)?.payload ?? first)).toBe(false)
  })

  test('is not kept where the call carries no secret, and needs none under a key of the app', async () => {
    const records = new MapRecords()
    await sealedStore(records, 'credential').set(entry)
    await sealedStore(records, 'credential').set(entry, { secret: () => undefined, isRotating: () => false })
    expect(records.records.size).toBe(0)
    await sealedStore(records, { key: KEY }).set(entry)
    expect(await sealedStore(records, { key: Buffer.from(KEY) }).get(entry.key)).toMatchObject({ status: 200 })
  })

  test('is opened by a previous key, and sealed under the new one the next time', async () => {
    const records = new MapRecords()
    const other = KEY.toUpperCase()
    await sealedStore(records, { key: KEY }).set(entry)
    expect(await sealedStore(records, { key: other }).get(entry.key)).toBeUndefined()
    const rotated = sealedStore(records, { key: other, previousKeys: [KEY] })
    expect(await rotated.get(entry.key)).toMatchObject({ status: 200 })
    await rotated.set(entry)
    expect(await sealedStore(records, { key: other }).get(entry.key)).toMatchObject({ status: 200 })
  })

  test.each([
    ['another credential', 'credential', 'credential', accessOf('somebody else')],
    ['a store that wants it in clear', 'credential', 'none', caller],
    ['a store that wants it sealed', 'none', 'key', caller],
  ])('is a miss and stays for %s', async (_who, written, read, access) => {
    const records = new MapRecords()
    await sealedStore(records, ENCRYPTIONS[written] ?? 'none').set(entry, caller)
    expect(await sealedStore(records, ENCRYPTIONS[read] ?? 'none').get(entry.key, access)).toBeUndefined()
    expect(records.records.size).toBe(1)
    expect(process.emitWarning).not.toHaveBeenCalled()
  })
})

describe.each(Object.entries(ENCRYPTIONS))('damage, encryption %s:', (_name, encryption) => {
  const entry = makeEntry()
  const read = async (damage: (record: StoredRecord, other: StoredRecord) => StoredRecord): Promise<number> => {
    const records = new MapRecords()
    const store = sealedStore(records, encryption)
    await store.set(entry, caller)
    const other = makeEntry({ key: 'b'.repeat(64), statusText: 'Other' })
    await store.set(other, caller)
    const [first, second] = [records.records.get(entry.key), records.records.get(other.key)]
    if (first === undefined || second === undefined) throw new Error('nothing was set')
    records.records.set(entry.key, damage(first, second))
    expect(await store.get(entry.key, caller)).toBeUndefined()
    expect(await store.get(other.key, caller)).toMatchObject({ statusText: 'Other' })
    return records.records.has(entry.key) ? 1 : 0
  }

  test.each<[string, (record: StoredRecord, other: StoredRecord) => StoredRecord]>([
    ['another entry in its place', (_record, other) => other],
    ["another entry's bytes under its metadata", ({ meta }, { payload }) => ({ meta, payload })],
    ['its bytes under other metadata', ({ meta, payload }) => ({ meta: meta.replace('"gpt-5"', '"gpt-6"'), payload })],
    ['a longer life', ({ meta, payload }) => ({ meta: meta.replace(/("expiresAt":)1/, '$12'), payload })],
    ['metadata that are no JSON', ({ meta, payload }) => ({ meta: meta.slice(1), payload })],
    ['no metadata', ({ payload }) => ({ meta: '{}', payload })],
    ['no bytes', ({ meta }) => ({ meta, payload: new Uint8Array() })],
    ['half of its bytes', ({ meta, payload }) => ({ meta, payload: payload.slice(0, payload.length / 2) })],
    ['more bytes', ({ meta, payload }) => ({ meta, payload: Uint8Array.of(...payload, 0) })],
  ])('%s is a miss, and is removed', async (_what, damage) => {
    expect(await read(damage)).toBe(0)
    expect(process.emitWarning).toHaveBeenCalledTimes(1)
  })

  test('every bit counts: none that is turned gives an entry', async () => {
    const records = new MapRecords()
    const store = sealedStore(records, encryption)
    await store.set(entry, caller)
    const sound = records.records.get(entry.key)
    if (sound === undefined) throw new Error('nothing was set')
    for (let bit = 0; bit < sound.payload.length * 8; bit++) {
      const payload = Uint8Array.from(sound.payload)
      payload[bit >> 3] = (payload[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      records.records.set(entry.key, { meta: sound.meta, payload })
      expect(await store.get(entry.key, caller)).toBeUndefined()
    }
  })
})

describe('the option `encryption`', () => {
  test.each([
    ['short'],
    [{}],
    [{ key: 'sk-a-key-that-is-too-short' }],
    [{ key: KEY, previousKeys: KEY }],
    [{ key: KEY, previousKeys: ['sk-a-key-that-is-too-short'] }],
    [{ key: KEY, prevKeys: [] }],
    [undefined],
  ])('is refused by name, and shows no key: %o', (value) => {
    let message = ''
    try {
      checkEncryption(value, 'options.encryption')
    } catch (error) {
      message = String(error)
    }
    expect(message).toMatch(/^TypeError: options\.encryption/)
    expect(message).not.toContain('sk-a-key')
  })
})
