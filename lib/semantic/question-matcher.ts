import { randomUUID } from 'node:crypto'
import { isPromiseLike } from '../base/promises.ts'
import type { MatchRefusal } from '../base/reasons.ts'
import { digest, lengthPrefixed } from '../base/digest.ts'
import type { SemanticPlan } from '../controls/semantic.ts'
import type { FinderCall, Found } from '../finders/finder.ts'
import type { Entry } from '../stores/entry.ts'
import { answerInfo } from '../stores/question.ts'
import type { Removal } from '../stores/removal.ts'
import { reportError } from '../telemetry/diagnostics.ts'
import type { SemanticFigures } from '../telemetry/semantic-figures.ts'
import { takeQuestion } from './conversation.ts'
import { Embedding } from './embedding.ts'
import { differInFacts, guardRule } from './guard.ts'
import { inTime } from './in-time.ts'
import { keyOfMatch, matchId, pairOf, pairOfMatch, RejectedPairs } from './pairs.ts'
import type { ResolvedSemanticOptions } from './semantic-options.ts'
import { StoredQuestions } from './stored-questions.ts'
import { isTemplate, isUnfit } from './unfit.ts'
import { cosineOf, type KnownQuestion, type Neighbour, VectorIndex } from './vector-index.ts'

/** The question of one call. */
export interface AskedQuestion {
  readonly call: FinderCall
  readonly plan: SemanticPlan
  readonly partition: string
  readonly text: string
}

/** The subject of a rejection. */
export interface RejectedMatch {
  /** Key of the entry that was the wrong answer. */
  readonly key: string
  readonly pair: string
}

const NONE: Found = Object.freeze({ use: 'none' })
/** How many of the nearest questions are checked for one call. */
const NEIGHBOURS = 8
/** Tolerance: equal vectors in single precision have a cosine slightly below 1. */
const ROUNDING = 1e-5

/** Knows the questions of one cache, and finds those with the same meaning. */
export class QuestionMatcher {
  readonly #options: ResolvedSemanticOptions
  readonly #figures: SemanticFigures
  readonly #index: VectorIndex
  readonly #embedding: Embedding | undefined
  readonly #stored: StoredQuestions
  readonly #rejected = new RejectedPairs()
  /** A random salt, used without a store: partitions and match ids can't be computed from a guessed prompt. */
  readonly #salt = randomUUID()
  /** Questions whose vectors are being computed, by partition. */
  readonly #coming = new Map<string, Set<Promise<void>>>()

  constructor(options: ResolvedSemanticOptions, figures: SemanticFigures) {
    const { embed, timeout, maxVectors } = options
    this.#options = options
    this.#figures = figures
    this.#index = new VectorIndex({ maxVectors, neighbours: NEIGHBOURS })
    this.#stored = new StoredQuestions(this.#index, maxVectors)
    this.#embedding = embed && new Embedding({ embed, timeout, onError: (error) => reportError('semantic', error) })
  }

  /** Reads the question of a call; `undefined` if it has none that may be matched. */
  read(call: FinderCall): AskedQuestion | undefined {
    const plan = call.plan.semantic
    const shape = call.match.endpoint.format.conversation
    const body = call.identity.json()
    const question = plan && shape && body && takeQuestion(shape, body, plan.conversation)
    const limits = { maxText: this.#options.maxText, ttl: call.plan.ttl }
    if (plan === undefined || question === undefined || isUnfit(question.text, limits)) return undefined
    const rest = call.keyOf(call.identity.vary({ body: Buffer.from(JSON.stringify(question.rest)) }))
    // A question from a conversation must not answer the same question that is asked alone.
    const kept = JSON.stringify(plan.conversation)
    const salt = call.questions === undefined ? this.#salt : ''
    const partition = digest(lengthPrefixed(['semantic', this.#options.id ?? '', kept, rest, salt]))
    return { call, plan, partition, text: question.text }
  }

  /**
   * Finds the answer to a question with the same meaning. Synchronous without a store, if there is nothing to compare
   * with.
   */
  find(asked: AskedQuestion): Found | Promise<Found> {
    const { questions } = asked.call
    const found =
      questions === undefined
        ? this.#findKnown(asked)
        : this.#stored.refresh(asked.partition, questions).then(() => this.#findKnown(asked))
    if (asked.plan.mode === 'on' || !isPromiseLike(found)) return found
    found.catch((error: unknown) => reportError('semantic', error))
    return NONE
  }

  #findKnown(asked: AskedQuestion): Found | Promise<Found> {
    const same = this.#index.find(asked.partition, asked.text)
    const hasSame = same !== undefined && same.entry.key !== asked.call.key
    return hasSame || this.#canCompare(asked) ? this.#search(asked, hasSame ? same : undefined) : NONE
  }

  /** Remembers the question of an answer that was stored. */
  learn(asked: AskedQuestion, entry: Entry): void {
    const coming = this.#coming.get(asked.partition) ?? new Set()
    this.#coming.set(asked.partition, coming)
    const learned = this.#add(asked, entry)
      .catch((error: unknown) => reportError('semantic', error))
      .finally(() => {
        coming.delete(learned)
        if (coming.size === 0) this.#coming.delete(asked.partition)
      })
    coming.add(learned)
  }

  async #add({ partition, text, plan, call }: AskedQuestion, entry: Entry): Promise<void> {
    const question = { partition, text, entry: answerInfo({ ...entry, key: call.key }) }
    const vector = plan.threshold === undefined ? undefined : await this.#embedding?.behind(text)
    if (vector === undefined && plan.conversation === 'full') return
    this.#index.add(question, vector)
    call.questions?.add({ ...question, vector: Float32Array.from(vector ?? []) })
  }

  /** Resolves when all questions are learned, at the latest after the option's `timeout`. */
  async settled(): Promise<void> {
    const coming = [...this.#coming.values()].flatMap((learned) => [...learned])
    if (coming.length > 0) await inTime(this.#timeout, 'The embedder', Promise.all(coming)).catch(() => undefined)
  }

  /** Never pairs the two questions of a match again. `undefined` for anything but a match id. */
  reject(id: string): RejectedMatch | undefined {
    const [key, pair] = [keyOfMatch(id), pairOfMatch(id)]
    if (key === undefined || pair === undefined) return undefined
    this.#rejected.add(pair)
    this.#index.delete(key)
    return { key, pair }
  }

  /**
   * Whether two answers say the same: by their vectors, at the option's `threshold`, and by facts that vectors hardly
   * show. `false` without an embedder, if it fails, and for a text over `maxText`. No call waits for it.
   */
  async isSimilar(a: string, b: string): Promise<boolean> {
    const { guard, maxText, threshold } = this.#options
    if (this.#embedding === undefined || Math.max(a.length, b.length) > maxText) return false
    if (guard !== false && differInFacts(a, b)) return false
    const [one, other] = await Promise.all([this.#embedding.behind(a), this.#embedding.behind(b)])
    return one !== undefined && other !== undefined && cosineOf(one, other) + ROUNDING >= threshold
  }

  /** Forgets the questions of entries that were removed. */
  forget(removal: Removal): void {
    this.#index.forget(removal)
  }

  /** Forgets the question of an entry that was evicted. */
  evicted(key: string): void {
    this.#index.delete(key)
  }

  async #search(asked: AskedQuestion, same: KnownQuestion | undefined): Promise<Found> {
    if (same !== undefined) {
      const found = await this.#take(asked, { question: same, similarity: 1 })
      if (found !== undefined) return found
    }
    const neighbours = await this.#neighbours(asked)
    const [nearest] = neighbours
    if (nearest !== undefined) this.#figures.nearest(nearest.similarity)
    for (const neighbour of neighbours) {
      if (neighbour.similarity + ROUNDING < (asked.plan.threshold ?? 1)) break
      const found = await this.#take(asked, neighbour)
      if (found !== undefined) return found
    }
    return NONE
  }

  /**
   * Whether there is anything to compare with. A question whose vector is being computed counts: a caller that has read
   * its answer to the end must find it.
   */
  #canCompare({ plan, partition }: AskedQuestion): boolean {
    return plan.threshold !== undefined && (this.#index.hasVectors(partition) || this.#coming.has(partition))
  }

  async #neighbours(asked: AskedQuestion): Promise<readonly Neighbour[]> {
    if (!this.#canCompare(asked)) return []
    const end = performance.now() + this.#timeout
    const [vector] = await Promise.all([this.#embedding?.of(asked.text), this.#arrived(asked.partition)])
    if (vector === undefined) return []
    const left = Math.max(1, end - performance.now())
    return inTime(left, 'A search', this.#index.nearest(asked.partition, vector, asked.call.key))
  }

  get #timeout(): number {
    return this.#options.timeout * 1000
  }

  async #arrived(partition: string): Promise<void> {
    const coming = [...(this.#coming.get(partition) ?? [])]
    if (coming.length > 0) await inTime(this.#timeout, 'The embedder', Promise.all(coming)).catch(() => undefined)
  }

  /** The answer to a neighbour's question; `undefined` to look at the next, `none` if nothing will do. */
  async #take(asked: AskedQuestion, { question, similarity }: Neighbour): Promise<Found | undefined> {
    const refusal = this.#refusal(asked, question, similarity)
    if (refusal !== undefined) {
      this.#figures.reject(refusal)
      return undefined
    }
    const entry = await asked.call.get(question.entry.key)
    if (entry === undefined) return this.#lose(asked.call, question)
    if (await isRejectedElsewhere(asked, question)) {
      this.#figures.reject('rejected')
      return undefined
    }
    if (!(await this.#isVerified(asked.text, question.text))) {
      this.#figures.reject('verify')
      return NONE
    }
    this.#figures.accept(asked.plan.mode)
    this.#index.touch(question.entry.key)
    const told = ['x-llm-cache-similarity', rounded(similarity), 'x-llm-cache-match', matchId(asked, question)]
    return { use: 'all', entry, detail: 'semantic', fields: told }
  }

  /**
   * Forgets a question whose answer is gone, but not if the answer is only too old for this call, or the store fails.
   */
  #lose(call: FinderCall, { entry }: KnownQuestion): undefined {
    if (!call.has(entry.key) && call.questions?.isFailing() !== true) this.#index.delete(entry.key)
  }

  #refusal(asked: AskedQuestion, question: KnownQuestion, similarity: number): MatchRefusal | undefined {
    const { guard } = this.#options
    if (this.#rejected.has(asked, question)) return 'rejected'
    if (asked.text === question.text) return undefined
    if (isTemplate(asked.text, question.text)) return 'template'
    if (guard === true) return guardRule(asked.text, question.text, similarity)
    return guard === false || isLetThrough(guard, asked.text, question.text) ? undefined : 'guard'
  }

  async #isVerified(a: string, b: string): Promise<boolean> {
    const { verify, verifyTimeout } = this.#options
    if (verify === undefined || a === b) return true
    try {
      return (await inTime(verifyTimeout * 1000, '`verify`', verify(a, b))) === true
    } catch (error) {
      reportError('semantic', error)
      return false
    }
  }
}

/** Whether a pair was rejected, perhaps in another instance. It counts as rejected if the store can't be asked. */
async function isRejectedElsewhere(asked: AskedQuestion, question: KnownQuestion): Promise<boolean> {
  const { questions } = asked.call
  return questions !== undefined && (await questions.isRejected(pairOf(asked, question))) !== false
}

function isLetThrough(guard: (a: string, b: string) => boolean, a: string, b: string): boolean {
  try {
    return guard(a, b) === true
  } catch (error) {
    reportError('semantic', error)
    return false
  }
}

function rounded(similarity: number): string {
  return String(Number(Math.min(similarity, 1).toFixed(3)))
}
