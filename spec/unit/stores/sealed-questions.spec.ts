import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { accessOf, makeEntry } from '../../../lib/stores/contract.ts'
import type { Encryption } from '../../../lib/stores/encryption.ts'
import { answerInfo, type Question } from '../../../lib/stores/question.ts'
import type { FoundQuestions, QuestionRecord, QuestionRecords } from '../../../lib/stores/records.ts'
import { sealedStore } from '../../../lib/stores/seal.ts'
import { sqliteStore } from '../../../lib/stores/sqlite.ts'
import { writeMeta } from '../../../lib/stores/codec.ts'
import type { CacheStore } from '../../../lib/stores/store.ts'
import { MapRecords } from '../../support/map-records.ts'
import { makeFolder } from '../../support/run-node.ts'

const [OLD, NEW] = ['old', 'new'].map((name) => `a ${name} secret of the app, of thirty-two characters or more`)
const PARTITION = 'a'.repeat(64)
const ALL = { after: undefined, before: undefined }
const caller = accessOf('a caller')
const entry = makeEntry()
const question: Question = {
  partition: PARTITION,
  text: 'Where?',
  vector: Float32Array.of(1, 2),
  entry: answerInfo(entry),
}

describe('questions under a key that was replaced', () => {
  const open = async (path: string, encryption: Encryption): Promise<CacheStore> => {
    const store = sqliteStore({ path, encryption })
    onTestFinished(async () => void (await store.close()))
    await store.get('')
    return store
  }
  const textsOf = async (store: CacheStore): Promise<string[]> => {
    const texts: string[] = []
    for (let before: string | undefined, isFirst = true; isFirst || before !== undefined; isFirst = false) {
      const page = await store.questions?.read(PARTITION, { after: undefined, before })
      texts.push(...(page?.questions ?? []).map(({ text }) => text))
      before = page?.next
    }
    return texts
  }
  const add = async (store: CacheStore, name: string): Promise<void> => {
    const named = makeEntry({ key: name.repeat(64) })
    await store.set(named)
    await store.questions?.add({ ...question, text: name, entry: answerInfo(named) })
  }

  test('are found with both, the new ones first, and rejected pairs stay rejected', async () => {
    const path = join(await makeFolder({}), 'cache.db')
    const old = await open(path, { key: OLD ?? '' })
    for (const name of ['a', 'b', 'c']) await add(old, name)
    await old.questions?.reject('x-y')
    const rotated = await open(path, { key: NEW ?? '', previousKeys: [OLD ?? ''] })
    await add(rotated, 'd')
    expect(await textsOf(rotated)).toEqual(['d', 'c', 'b', 'a'])
    expect(await rotated.questions?.isRejected('x-y')).toBe(true)
    const after = (await rotated.questions?.read(PARTITION, ALL))?.newest
    expect(await rotated.questions?.read(PARTITION, { after, before: undefined })).toMatchObject({ questions: [] })
    expect(await textsOf(await open(path, { key: NEW ?? '' }))).toEqual(['d'])
  })
})

/** Questions that a spec may look at and damage. */
class ListedQuestions implements QuestionRecords {
  written: QuestionRecord[] = []
  pairs: string[] = []

  write(record: QuestionRecord): void {
    this.written.push(record)
  }

  read(partition: string): FoundQuestions {
    const found = this.written.filter((record) => record.partition === partition)
    return {
      records: found.map((record) => ({ ...record, meta: writeMeta(makeEntry({ key: record.key })) })),
      newest: undefined,
      next: undefined,
    }
  }

  remove(partition: string, key: string): void {
    this.written = this.written.filter((record) => record.partition !== partition || record.key !== key)
  }

  reject(pair: string): void {
    this.pairs.push(pair)
  }

  isRejected(pair: string): boolean {
    return this.pairs.includes(pair)
  }
}

describe.each(['credential', { key: OLD ?? '' }, 'none'] as const)('a question, encryption %o,', (encryption) => {
  let questions: ListedQuestions
  let store: CacheStore
  beforeEach(async () => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    onTestFinished(() => void vi.restoreAllMocks())
    questions = new ListedQuestions()
    store = sealedStore(Object.assign(new MapRecords(), { questions }), encryption)
    await store.questions?.add(question, caller)
  })
  const read = async (): Promise<readonly Question[]> =>
    (await store.questions?.read(PARTITION, ALL, caller))?.questions ?? []

  test('comes back as it was', async () => {
    expect(await read()).toMatchObject([{ text: 'Where?', vector: Float32Array.of(1, 2), entry: { key: entry.key } }])
  })

  test.runIf(encryption !== 'none')('has neither its text nor the name of its partition in what is kept', () => {
    const [{ partition, payload } = { partition: '', payload: new Uint8Array() }] = questions.written
    expect(partition).toMatch(/^[0-9a-f]{64}$/)
    expect(partition).not.toBe(PARTITION)
    expect(Buffer.from(payload).includes('Where')).toBe(false)
    expect(Buffer.from(payload).includes(Buffer.from(question.vector.buffer))).toBe(false)
  })

  const change = (act: (record: QuestionRecord) => QuestionRecord): void => {
    questions.written = questions.written.map(act)
  }
  test.each<[string, (record: QuestionRecord) => QuestionRecord]>([
    ['beside another entry', (record) => ({ ...record, key: 'b'.repeat(64) })],
    ['with a byte less', (record) => ({ ...record, payload: record.payload.slice(0, -1) })],
    [
      'with another byte',
      (record) => ({
        ...record,
        payload: record.payload.map((byte, at, all) => (at === all.length - 1 ? 255 - byte : byte)),
      }),
    ],
    ['without bytes', (record) => ({ ...record, payload: new Uint8Array() })],
  ])('%s is left out, and is removed', async (_what, act) => {
    change(act)
    expect(await read()).toEqual([])
    expect(questions.written).toEqual([])
    expect(process.emitWarning).toHaveBeenCalledTimes(1)
  })

  test.runIf(encryption === 'credential')('of another caller stays where it is', async () => {
    const [mine] = questions.written
    await store.questions?.add(question, accessOf('somebody else'))
    const [, other] = questions.written
    questions.written = [
      {
        ...(other ?? question),
        key: entry.key,
        payload: other?.payload ?? new Uint8Array(),
        partition: mine?.partition ?? '',
      },
    ]
    expect(await read()).toEqual([])
    expect(questions.written).toHaveLength(1)
  })
})
