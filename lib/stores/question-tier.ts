import type { Question, QuestionPage, QuestionRange } from './question.ts'
import type { Access, Awaitable, QuestionStore } from './store.ts'
import type { WriteBehind } from './write-behind.ts'

/** What questions need from their tier. */
export interface QuestionProtection {
  /** The store's result; `undefined` if it fails, takes too long, or is not asked because its breaker is open. */
  readonly read: <T>(milliseconds: number, act: () => Awaitable<T>, how?: 'behind') => Promise<T | undefined>
  readonly write: <T>(act: () => Awaitable<T>) => Promise<T | undefined>
  readonly behind: WriteBehind
  /** Milliseconds that a call waits for the store. */
  readonly timeout: number
  /** Whether the store could not be read the last time. */
  readonly isFailing: () => boolean
  /** Called if the store has not accepted a rejection. */
  readonly onPending: () => void
}

/** A store's questions, for one caller. */
export interface CallQuestions {
  /** Milliseconds that a call may wait for the store. */
  readonly timeout: number
  /** Whether the store could not be read the last time: what was not found may be there. */
  isFailing(): boolean
  /** Stores a question after its answer. A question that can't be stored is lost: a miss at worst. */
  add(question: Question): void
  /** A page of questions; `undefined` if the store can't be asked. Calls must not wait for it longer than `timeout`. */
  read(partition: string, range: QuestionRange): Promise<QuestionPage | undefined>
  /** Whether a pair was rejected, by whichever process; `undefined` if the store can't be asked. */
  isRejected(pair: string): Promise<boolean | undefined>
}

/** Milliseconds for a page that no call waits for. */
const PAGE_TIMEOUT = 10_000
/** Most rejections that are queued for a failing store. */
const MAX_PENDING = 1_000
/** Approximate bytes for a question in memory, besides its vector and text. */
const OVERHEAD = 500

/** A store's questions, protected against its failures. */
export class QuestionTier {
  readonly #store: QuestionStore
  readonly #protection: QuestionProtection
  readonly #pending = new Set<string>()
  #isClosed = false

  constructor(store: QuestionStore, protection: QuestionProtection) {
    this.#store = store
    this.#protection = protection
  }

  /** How many rejections the store has not confirmed. */
  get pending(): number {
    return this.#pending.size
  }

  /** The questions for one caller. */
  of(access: Access | undefined): CallQuestions {
    const { read, timeout, isFailing } = this.#protection
    const store = this.#store
    return {
      timeout,
      isFailing,
      add: (question) => this.#add(question, access),
      read: async (partition, range) =>
        this.#isClosed ? undefined : read(PAGE_TIMEOUT, () => store.read(partition, range, access), 'behind'),
      isRejected: async (pair) => this.#pending.has(pair) || read(timeout, () => store.isRejected(pair)),
    }
  }

  /** Remembers a rejected pair. A store that fails now is told when it is back. */
  async reject(pair: string): Promise<void> {
    if (this.#pending.size < MAX_PENDING) this.#pending.add(pair)
    await this.carryOut()
  }

  /** Tells the store each rejection that it has not confirmed. */
  async carryOut(): Promise<void> {
    await Promise.all([...this.#pending].map((pair) => this.#tell(pair)))
    if (this.#pending.size > 0) this.#protection.onPending()
  }

  /** Stops reading and writing, which would open the store again. */
  close(): void {
    this.#isClosed = true
  }

  #add(question: Question, access: Access | undefined): void {
    const { behind, write } = this.#protection
    const { entry, text, vector } = question
    const size = vector.byteLength + 2 * text.length + OVERHEAD
    if (this.#isClosed || behind.isFull(size)) return
    // A question can be kept only once its answer is.
    const answer = behind.settled(({ key }) => key === entry.key)
    behind.start({ ...entry, size }, async () => {
      await answer
      await write(() => this.#store.add(question, access))
    })
  }

  async #tell(pair: string): Promise<void> {
    const isDone = await this.#protection.write(async () => {
      await this.#store.reject(pair)
      return true
    })
    if (isDone === true) this.#pending.delete(pair)
  }
}
