import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { makeEntry } from '../../../lib/stores/contract.ts'
import { answerInfo, type Question, type QuestionPage, type QuestionRange } from '../../../lib/stores/question.ts'
import type { CallQuestions } from '../../../lib/stores/question-tier.ts'
import { StoredQuestions } from '../../../lib/semantic/stored-questions.ts'
import { VectorIndex } from '../../../lib/semantic/vector-index.ts'

const PARTITION = 'p'

function question(at: number): Question {
  const entry = answerInfo(makeEntry({ key: String(at) }))
  return { partition: PARTITION, text: `text ${at}`, vector: Float32Array.of(1, at), entry }
}

/** A store whose questions are numbered; a cursor is a number. */
class Numbered implements CallQuestions {
  readonly timeout: number
  readonly asked: QuestionRange[] = []
  count = 0
  /** What each page waits for. */
  gate: Promise<void> = Promise.resolve()
  /** Pages that still come before the store fails. */
  left = Infinity

  constructor(timeout = 10_000) {
    this.timeout = timeout
  }

  add(): void {}

  isFailing(): boolean {
    return false
  }

  async isRejected(): Promise<boolean> {
    return false
  }

  async read(_partition: string, range: QuestionRange): Promise<QuestionPage | undefined> {
    this.asked.push(range)
    await this.gate
    if (this.left-- <= 0) return undefined
    const from = Number(range.before ?? this.count)
    const to = Math.max(Number(range.after ?? 0), from - 2)
    const questions = Array.from({ length: from - to }, (_, at) => question(from - at - 1))
    const isLast = to <= Number(range.after ?? 0)
    return { questions, newest: from === to ? undefined : String(from), next: isLast ? undefined : String(to) }
  }
}

function create(maxVectors = 100): { index: VectorIndex; stored: StoredQuestions; keys: () => string[] } {
  const index = new VectorIndex({ maxVectors, neighbours: 3 })
  const keys = (): string[] => Array.from({ length: 20 }, (_, at) => String(at)).filter((key) => index.get(key))
  return { index, stored: new StoredQuestions(index, maxVectors), keys }
}

describe('the questions of a partition', () => {
  test('are all read at the first call, and at the next one what has come since', async () => {
    const { stored, keys } = create()
    const store = new Numbered()
    store.count = 5
    await stored.refresh(PARTITION, store)
    expect(keys()).toEqual(['0', '1', '2', '3', '4'])
    store.count = 7
    store.asked.length = 0
    await stored.refresh(PARTITION, store)
    expect(keys()).toEqual(['0', '1', '2', '3', '4', '5', '6'])
    expect(store.asked).toEqual([{ after: '5', before: undefined }])
  })

  test('are the newest where there are more than the index holds, and the oldest makes room first', async () => {
    const { index, stored, keys } = create(4)
    const store = new Numbered()
    store.count = 9
    await stored.refresh(PARTITION, store)
    expect(keys()).toEqual(['5', '6', '7', '8'])
    index.add(question(10), [1, 0])
    expect(keys()).toEqual(['6', '7', '8', '10'])
  })

  test('are of use as far as they came where the store fails, and read again at the next call', async () => {
    const { stored, keys } = create()
    const store = new Numbered()
    store.count = 5
    store.left = 1
    await stored.refresh(PARTITION, store)
    expect(keys()).toEqual(['3', '4'])
    store.left = Infinity
    await stored.refresh(PARTITION, store)
    expect(keys()).toEqual(['0', '1', '2', '3', '4'])
  })

  test('that made room for others are read again after a minute', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const { index, stored, keys } = create()
    const store = new Numbered()
    store.count = 1
    await stored.refresh(PARTITION, store)
    index.delete('0')
    await stored.refresh(PARTITION, store)
    expect(keys()).toEqual([])
    vi.advanceTimersByTime(61_000)
    await stored.refresh(PARTITION, store)
    expect(keys()).toEqual(['0'])
  })

  test('of which the answer has expired are left out', async () => {
    const { stored, keys } = create()
    const read = vi.spyOn(Numbered.prototype, 'read').mockResolvedValueOnce({
      questions: [{ ...question(0), entry: answerInfo(makeEntry({ key: '0', expiresAt: Date.now() })) }],
      newest: '1',
      next: undefined,
    })
    onTestFinished(() => read.mockRestore())
    await stored.refresh(PARTITION, new Numbered())
    expect(keys()).toEqual([])
  })
})

describe('a reading that takes longer than the store may', () => {
  test('goes on behind the calls: the first waits until the time is out, the next ones not at all', async () => {
    const { stored, keys } = create()
    const store = new Numbered(5)
    const gate = Promise.withResolvers<void>()
    store.gate = gate.promise
    store.count = 3
    await stored.refresh(PARTITION, store)
    expect(keys()).toEqual([])
    const slow = Object.assign(store, { timeout: 1_000_000 })
    // Would take a quarter of an hour.
    await stored.refresh(PARTITION, slow)
    expect(store.asked).toHaveLength(1)
    gate.resolve()
    await expect.poll(keys).toEqual(['0', '1', '2'])
  })

  test('is one for all calls that need it', async () => {
    const { stored } = create()
    const store = new Numbered()
    store.count = 2
    await Promise.all([1, 2, 3].map(() => stored.refresh(PARTITION, store)))
    expect(store.asked).toHaveLength(1)
  })
})
