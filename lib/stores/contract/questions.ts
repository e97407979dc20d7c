import { deepStrictEqual, equal } from 'node:assert/strict'
import type { Entry } from '../entry.ts'
import { answerInfo, type Question } from '../question.ts'
import type { CacheStore, QuestionStore } from '../store.ts'
import { CALLER, keyOf, makeEntry, OTHER_CALLER } from './example-entry.ts'
import { type StoreCase, withStore } from './store-case.ts'

const PARTITION = keyOf('a partition')
const ALL = { after: undefined, before: undefined }

const checks: Readonly<Record<string, (questions: QuestionStore, store: CacheStore) => Promise<void>>> = {
  'gives back a question with its vector, and what its entry says': async (questions, store) => {
    const entry = makeEntry({ key: keyOf('1'), tags: ['evals'], namespace: 'x' })
    const question = makeQuestion(entry, 'Where? \u00e9\u{1f600}\ud800', [0.5, -1, 3e-9])
    await store.set(entry, CALLER)
    await questions.add(question, CALLER)
    const { newest, ...page } = await questions.read(PARTITION, ALL, CALLER)
    deepStrictEqual(page, { questions: [question], next: undefined })
    deepStrictEqual((await questions.read(PARTITION, { ...ALL, after: newest }, CALLER)).questions, [])
  },
  'gives questions newest first, page by page, and later what is new': async (questions, store) => {
    const add = async (name: string): Promise<void> => {
      const entry = makeEntry({ key: keyOf(name) })
      await store.set(entry, CALLER)
      await questions.add(makeQuestion(entry, name, [1]), CALLER)
    }
    for (let at = 0; at < 70; at++) await add(String(at))
    const { texts, newest } = await readAll(questions, undefined)
    deepStrictEqual(
      texts,
      Array.from({ length: 70 }, (_, at) => String(69 - at)),
    )
    await add('new')
    await add('3')
    deepStrictEqual((await readAll(questions, newest)).texts, ['3', 'new'])
  },
  'keeps a question as long as its entry, and none without one': async (questions, store) => {
    const [one, two, three] = ['1', '2', '3'].map((name) => makeEntry({ key: keyOf(name), tags: [`tag ${name}`] }))
    for (const entry of [one, two]) await store.set(entry ?? makeEntry(), CALLER)
    for (const entry of [one, two, three]) await questions.add(makeQuestion(entry ?? makeEntry(), 'a', []), CALLER)
    await store.delete(keyOf('1'))
    const { texts, keys } = await readAll(questions, undefined)
    deepStrictEqual([texts, keys], [['a'], [keyOf('2')]])
    await store.delete(keyOf('2'))
    deepStrictEqual((await readAll(questions, undefined)).texts, [])
    // What is stored later under that key has no question yet.
    await store.set(makeEntry({ key: keyOf('3'), storedAt: Date.now() + 10 }), CALLER)
    deepStrictEqual((await readAll(questions, undefined)).texts, [])
  },
  'gives a question to nobody else': async (questions, store) => {
    await store.set(makeEntry(), CALLER)
    await questions.add(makeQuestion(makeEntry(), 'a', [1]), CALLER)
    deepStrictEqual((await questions.read(keyOf('another'), ALL, CALLER)).questions, [])
    if (store.needsSecret !== true) return
    deepStrictEqual((await questions.read(PARTITION, ALL, OTHER_CALLER)).questions, [])
    deepStrictEqual((await questions.read(PARTITION, ALL)).questions, [])
  },
  'remembers pairs that were rejected': async (questions) => {
    equal(await questions.isRejected('a-b'), false)
    await questions.reject('a-b')
    await questions.reject('a-b')
    deepStrictEqual([await questions.isRejected('a-b'), await questions.isRejected('a-c')], [true, false])
  },
}

/** A store with `questions` keeps them beside their entries. Any other store passes these cases. */
export const questionCases: readonly StoreCase[] = Object.entries(checks).map(([title, check]) => ({
  title,
  run: withStore(async (store) => {
    if (store.questions !== undefined) await check(store.questions, store)
  }),
}))

function makeQuestion(entry: Entry, text: string, vector: readonly number[]): Question {
  return { partition: PARTITION, text, vector: Float32Array.from(vector), entry: answerInfo(entry) }
}

async function readAll(
  questions: QuestionStore,
  after: string | undefined,
): Promise<{ readonly texts: string[]; readonly keys: string[]; readonly newest: string | undefined }> {
  const first = await questions.read(PARTITION, { after, before: undefined }, CALLER)
  const found = [...first.questions]
  for (let { next } = first; next !== undefined;) {
    const page = await questions.read(PARTITION, { after, before: next }, CALLER)
    found.push(...page.questions)
    next = page.next
  }
  return { texts: found.map(({ text }) => text), keys: found.map(({ entry }) => entry.key), newest: first.newest }
}
