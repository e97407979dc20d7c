import { isPromiseLike } from '../base/promises.ts'
import { readMeta } from './codec.ts'
import type { Keyring } from './encryption.ts'
import { finish, nameUnder, type SealKey, unwrap, wrap } from './envelope.ts'
import {
  answerInfo,
  type Question,
  type QuestionPage,
  type QuestionRange,
  readQuestion,
  writeQuestion,
} from './question.ts'
import type { FoundQuestion, QuestionRecords } from './records.ts'
import type { Access, Awaitable, QuestionStore } from './store.ts'

/**
 * Questions over a store of bytes, sealed like answers. A partition has a different name under each key. Damaged
 * questions are left out and removed.
 */
export class SealedQuestions implements QuestionStore {
  readonly #records: QuestionRecords
  readonly #keyring: Keyring
  readonly #onDamage: () => void

  constructor(records: QuestionRecords, keyring: Keyring, onDamage: () => void) {
    this.#records = records
    this.#keyring = keyring
    this.#onDamage = onDamage
  }

  add(question: Question, access?: Access): Awaitable<void> {
    const keys = this.#keyring.keys(access)
    if (keys === undefined) return undefined
    const { key } = question.entry
    const partition = nameUnder(keys[0], question.partition)
    const bound = boundTo(partition, key)
    const payload = finish(wrap(writeQuestion(question), bound, this.#keyring.kind, keys[0]))
    return this.#records.write({ partition, key, payload })
  }

  /** Questions that previous keys have sealed come last, and only in a read without `after`. */
  async read(partition: string, { after, before }: QuestionRange, access?: Access): Promise<QuestionPage> {
    const keys = this.#keyring.keys(access)
    if (keys === undefined) return NOTHING
    const names = keys.length === 0 ? [partition] : keys.map((key) => nameUnder(key, partition))
    const { at, cursor } = readCursor(before)
    const name = names[at] ?? ''
    const found = await this.#records.read(name, { after, before: cursor })
    const questions = found.records.flatMap((record) => this.#open(partition, name, record, keys) ?? [])
    const newest = at === 0 ? found.newest : undefined
    if (found.next !== undefined) return { questions, newest, next: `${at} ${found.next}` }
    return { questions, newest, next: after === undefined && at + 1 < names.length ? `${at + 1} ` : undefined }
  }

  reject(pair: string): Awaitable<void> {
    return this.#records.reject(this.#pairNames(pair)[0] ?? pair)
  }

  async isRejected(pair: string): Promise<boolean> {
    for (const name of this.#pairNames(pair)) if (await this.#records.isRejected(name)) return true
    return false
  }

  /**
   * Pairs are named under the store's own key, since `cache.reject` has no credential. The pair already has a digest of
   * it.
   */
  #pairNames(pair: string): string[] {
    const keys = this.#keyring.keys(undefined) ?? []
    return keys.length === 0 ? [pair] : keys.map((key) => nameUnder(key, pair))
  }

  #open(partition: string, name: string, record: FoundQuestion, keys: readonly SealKey[]): Question | undefined {
    const { key, meta: text, payload } = record
    const meta = readMeta(text)
    if (meta?.key !== key) return undefined
    const opened = unwrap(payload, boundTo(name, key), this.#keyring.kind, keys)
    if (opened.is === 'locked') return undefined
    const question = opened.is === 'open' ? readQuestion(opened.content) : undefined
    return question ? { partition, entry: answerInfo(meta), ...question } : this.#remove(name, key)
  }

  #remove(partition: string, key: string): undefined {
    this.#onDamage()
    // Not awaited. If it fails, the question is found damaged again next time.
    const removed = this.#records.remove(partition, key)
    if (isPromiseLike(removed)) removed.then(undefined, () => undefined)
  }
}

const NOTHING: QuestionPage = Object.freeze({ questions: [], newest: undefined, next: undefined })

/** Bound into the seal: a question under another partition or entry counts as damaged. */
function boundTo(partition: string, key: string): string {
  return `question ${partition} ${key}`
}

/** Which key's partition, and where in it. */
function readCursor(before: string | undefined): { at: number; cursor: string | undefined } {
  const [at = '0', cursor = ''] = before?.split(' ') ?? []
  return { at: Number(at), cursor: cursor === '' ? undefined : cursor }
}
