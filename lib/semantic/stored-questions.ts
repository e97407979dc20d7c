import { setImmediate as turnOfLoop } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import { createPauses } from '../base/pauses.ts'
import { within } from '../base/promises.ts'
import { reportError } from '../telemetry/diagnostics.ts'
import type { Question } from '../stores/question.ts'
import type { CallQuestions } from '../stores/question-tier.ts'
import type { VectorIndex } from './vector-index.ts'

/** Most partitions whose reading position is remembered. */
const MAX_PARTITIONS = 10_000
/** Milliseconds before a partition whose questions were evicted may be read again from its beginning. */
const READ_AGAIN = 60_000

/** How far a partition has been read. */
interface Progress {
  /** Cursor of the newest question read so far; `undefined`: none yet. */
  cursor: string | undefined
  readAt: number
  reading: Promise<void> | undefined
  /** Whether a call has already waited for this read until its timeout. */
  isLate: boolean
}

/**
 * Loads a store's questions into the index: all of a partition for the first call that needs it, then whatever other
 * instances have added since, for each further call.
 */
export class StoredQuestions {
  readonly #index: VectorIndex
  readonly #maxVectors: number
  readonly #partitions = new LRUCache<string, Progress>({ max: MAX_PARTITIONS })

  constructor(index: VectorIndex, maxVectors: number) {
    this.#index = index
    this.#maxVectors = maxVectors
  }

  /** Resolves when the index has all of a partition, at the latest after the store's timeout. */
  async refresh(partition: string, questions: CallQuestions): Promise<void> {
    const progress = this.#progressOf(partition)
    progress.reading ??= this.#read(partition, progress, questions)
      .catch((error: unknown) => reportError('semantic', error))
      .finally(() => {
        progress.reading = undefined
        progress.isLate = false
      })
    if (progress.isLate) return
    try {
      await within(questions.timeout, progress.reading)
    } catch {
      // The read continues in the background, and the next calls don't wait for it.
      progress.isLate = true
    }
  }

  #progressOf(partition: string): Progress {
    let progress = this.#partitions.get(partition)
    if (progress === undefined) {
      progress = { cursor: undefined, readAt: -Infinity, reading: undefined, isLate: false }
      this.#partitions.set(partition, progress)
    }
    return progress
  }

  async #read(partition: string, progress: Progress, questions: CallQuestions): Promise<void> {
    this.#startAgain(partition, progress)
    /** By the key of the entry; the newest comes first. */
    const found = new Map<string, Question>()
    let newest: string | undefined
    let before: string | undefined
    do {
      const page = await questions.read(partition, { after: progress.cursor, before })
      if (page === undefined) {
        // The pages that arrived are used. The rest is read next time.
        newest = undefined
        break
      }
      for (const question of page.questions) if (!found.has(question.entry.key)) found.set(question.entry.key, question)
      newest ??= page.newest
      before = page.next
      if (before !== undefined) await turnOfLoop()
    } while (before !== undefined && found.size < this.#maxVectors)
    await this.#add([...found.values()].toReversed())
    progress.cursor = newest ?? progress.cursor
  }

  /** Reads from the beginning again, but not for each call: a partition may be long. */
  #startAgain(partition: string, progress: Progress): void {
    const now = performance.now()
    if (progress.cursor !== undefined && (this.#index.has(partition) || now - progress.readAt < READ_AGAIN)) return
    progress.cursor = undefined
    progress.readAt = now
  }

  /** Oldest first: the index evicts what was added first. */
  async #add(questions: readonly Question[]): Promise<void> {
    const pause = createPauses()
    for (const { vector, ...question } of questions) {
      const { key, storedAt, expiresAt } = question.entry
      const isKnown = this.#index.get(key)?.entry.storedAt === storedAt
      if (!isKnown && expiresAt > Date.now()) this.#index.add(question, vector.length === 0 ? undefined : vector)
      await pause()
    }
  }
}
