import { isRemoved, type Removal } from '../stores/removal.ts'
import type { Question } from '../stores/question.ts'
import { ScanQueue } from './scan-queue.ts'
import { dotProduct, VectorRows } from './vector-rows.ts'

/** An answered question, with what is known of its answer's entry. */
export type KnownQuestion = Omit<Question, 'vector'>

/** A question near to the one that was asked. */
export interface Neighbour {
  readonly question: KnownQuestion
  /** Cosine of the angle between the two vectors, -1 … 1. */
  readonly similarity: number
}

/** Bounds of an index. */
export interface IndexBounds {
  /** Most vectors in all partitions; the least recently used are evicted. */
  readonly maxVectors: number
  /** Most neighbours in the result of a search. */
  readonly neighbours: number
}

/** UTF-16 units of all texts: 64 MB. Only long prompts reach this before `maxVectors`. */
const MAX_TEXT = 32 * 1024 * 1024
/** Products in one step of a scan: about 0.1 ms. */
const STEP = 65_536

/**
 * The questions that a cache can compare with, in plain arrays that are scanned. Up to 20,000 vectors no other index is
 * faster overall, and a scan finds every match. Each partition has its own arrays.
 */
export class VectorIndex {
  readonly #bounds: IndexBounds
  readonly #partitions = new Map<string, Partition>()
  /** By the key of the entry, in the order of use. */
  readonly #places = new Map<string, Place>()
  readonly #scans = new ScanQueue()
  #text = 0

  constructor(bounds: IndexBounds) {
    this.#bounds = bounds
  }

  /** How many questions there are. */
  get size(): number {
    return this.#places.size
  }

  /** Whether a partition holds a question. */
  has(partition: string): boolean {
    return this.#partitions.has(partition)
  }

  /** Whether a partition holds a question with a vector. */
  hasVectors(partition: string): boolean {
    return (this.#partitions.get(partition)?.count ?? 0) > 0
  }

  /**
   * Adds a question, or replaces that of the same entry. `vector` may have any length but 0; without one the question
   * is found only by its text.
   */
  add(question: KnownQuestion, vector?: ArrayLike<number>): void {
    const { partition: id, text } = question
    const { key } = question.entry
    this.delete(key)
    let partition = this.#partitions.get(id)
    if (partition === undefined) this.#partitions.set(id, (partition = new Partition()))
    const before = partition.texts.get(text)
    if (before !== undefined) this.delete(before.entry.key)
    // Deleting its last question has deleted the partition.
    this.#partitions.set(id, partition)
    const place = { question, partition, slot: -1 }
    if (vector !== undefined) partition.push(place, vector)
    partition.texts.set(text, question)
    this.#places.set(key, place)
    this.#text += text.length
    this.#makeRoom()
  }

  /** Forgets the question of an entry. */
  delete(key: string): void {
    const place = this.#places.get(key)
    if (place === undefined) return
    const { question, partition } = place
    this.#places.delete(key)
    this.#text -= question.text.length
    partition.remove(place)
    if (partition.texts.size === 0) this.#partitions.delete(question.partition)
  }

  /** Forgets the questions of entries that were removed. */
  forget(removal: Removal): void {
    const { key } = removal.filter
    const places = key === undefined ? [...this.#places.values()] : [this.#places.get(key)]
    for (const place of places) {
      if (place !== undefined && isRemoved(place.question.entry, removal)) this.delete(place.question.entry.key)
    }
  }

  /** The question with exactly this text. */
  find(partition: string, text: string): KnownQuestion | undefined {
    return this.#partitions.get(partition)?.texts.get(text)
  }

  /** The question of an entry. */
  get(key: string): KnownQuestion | undefined {
    return this.#places.get(key)?.question
  }

  /** Marks a question as recently used. */
  touch(key: string): void {
    const place = this.#places.get(key)
    if (place === undefined) return
    this.#places.delete(key)
    this.#places.set(key, place)
  }

  /**
   * The nearest questions of a partition, nearest first, except that of the entry `except`. Resolves to none if the
   * vector's length differs from theirs. Concurrent searches never block the event loop for long.
   */
  nearest(partition: string, vector: ArrayLike<number>, except: string): Promise<readonly Neighbour[]> {
    const place = this.#partitions.get(partition)
    const unit = toUnit(vector)
    if (place === undefined || unit === undefined) return Promise.resolve([])
    return this.#scans.run(place.scan(unit, except, this.#bounds.neighbours))
  }

  #makeRoom(): void {
    for (const key of this.#places.keys()) {
      if (this.#places.size <= this.#bounds.maxVectors && this.#text <= MAX_TEXT) return
      this.delete(key)
    }
  }
}

/** The position of a question; `slot` is -1 if it has no vector. */
interface Place {
  readonly question: KnownQuestion
  readonly partition: Partition
  slot: number
}

/** Questions that may be compared with each other. */
class Partition {
  readonly texts = new Map<string, KnownQuestion>()
  readonly #places: Place[] = []
  #rows = new VectorRows(0)

  get count(): number {
    return this.#places.length
  }

  /** Adds a question. If its vector has no direction, or another length than the others, only the text is kept. */
  push(place: Place, vector: ArrayLike<number>): void {
    const unit = toUnit(vector)
    if (this.count === 0) this.#rows = new VectorRows(vector.length)
    if (unit === undefined || unit.length !== this.#rows.dimensions) return
    place.slot = this.count
    this.#rows.set(place.slot, unit)
    this.#places.push(place)
  }

  /** Removes a question. The last one moves to its position. */
  remove(place: Place): void {
    if (this.texts.get(place.question.text) === place.question) this.texts.delete(place.question.text)
    if (place.slot === -1) return
    const last = this.#places.pop()
    if (last === undefined || last === place) return
    this.#rows.set(place.slot, this.#rows.get(last.slot))
    last.slot = place.slot
    this.#places[place.slot] = last
  }

  /** Scans in steps. Questions may be added and removed between steps; one that moves may be missed. */
  *scan(unit: Float32Array, except: string, limit: number): Generator<undefined, readonly Neighbour[]> {
    const found: Neighbour[] = []
    const rows = Math.max(1, Math.floor(STEP / unit.length))
    for (let at = 0; at < this.count && this.#rows.dimensions === unit.length; at += rows) {
      if (at > 0) yield undefined
      const now = Date.now()
      const end = Math.min(at + rows, this.count)
      for (let slot = at; slot < end; slot++) {
        const question = this.#places[slot]?.question
        if (question === undefined || question.entry.key === except || question.entry.expiresAt <= now) continue
        keepNearest(found, { question, similarity: this.#rows.cosine(slot, unit) }, limit)
      }
    }
    return found
  }
}

function keepNearest(found: Neighbour[], one: Neighbour, limit: number): void {
  const last = found.at(-1)
  if (found.length >= limit && last !== undefined && last.similarity >= one.similarity) return
  const at = found.findIndex(({ similarity }) => similarity < one.similarity)
  found.splice(at === -1 ? found.length : at, 0, one)
  if (found.length > limit) found.pop()
}

/** The cosine of the angle between two vectors, -1 … 1; 0 if they have no direction, or are of two lengths. */
export function cosineOf(left: ArrayLike<number>, right: ArrayLike<number>): number {
  const [one, other] = [toUnit(left), toUnit(right)]
  if (one === undefined || other === undefined || one.length !== other.length) return 0
  return one.reduce((sum, value, at) => sum + value * (other[at] ?? 0), 0)
}

/** The vector scaled to length 1; `undefined` if it has no direction. */
function toUnit(vector: ArrayLike<number>): Float32Array | undefined {
  const unit = new Float32Array(vector)
  const length = Math.sqrt(dotProduct(unit, unit, 0))
  if (!Number.isFinite(length) || length === 0) return undefined
  for (let at = 0; at < unit.length; at++) unit[at] = (unit[at] ?? 0) / length
  return unit
}
