import type { JsonObject } from '../base/json.ts'
import type { Entry } from '../stores/entry.ts'
import { assemble, type Assembled, type VectorAnswer, type ItemVector } from './vector-answer.ts'
import { vectorOf } from './item-entries.ts'
import type { BatchRequest, Item } from './batch-request.ts'
import { sumUsage } from './usage-shares.ts'

/** The texts of a batch with their keys. */
export interface Items {
  readonly request: BatchRequest
  /** One for each text, in the caller's order. */
  readonly keys: readonly string[]
}

/** Vectors by the keys of their texts. */
export type NewItems = ReadonlyMap<string, ItemVector | undefined>

/** The known texts of one batch. */
export class KnownItems {
  readonly vectors: ReadonlyMap<string, ItemVector>
  /** The entries of the known vectors. */
  readonly entries: readonly Entry[]
  /** Number of the caller's texts that are known; a repeated text counts each time. */
  readonly count: number
  readonly #items: Items
  readonly #maxSize: number

  constructor(items: Items, entries: readonly Entry[], maxSize: number) {
    this.#items = items
    this.#maxSize = maxSize
    this.vectors = readVectors(entries, maxSize)
    this.entries = entries.filter(({ key }) => this.vectors.has(key))
    this.count = items.keys.filter((key) => this.vectors.has(key)).length
  }

  /** `3/5` */
  get coverage(): string {
    return `${this.count}/${this.#items.keys.length}`
  }

  /** The unknown texts, by key, without duplicates. */
  get unknown(): Map<string, Item> {
    const { keys, request } = this.#items
    const unknown = new Map<string, Item>()
    for (const [at, item] of request.items.entries()) {
      const key = keys[at]
      if (key !== undefined && !this.vectors.has(key)) unknown.set(key, item)
    }
    return unknown
  }

  /** Whether the whole answer is likely to be no larger than an entry may be. */
  get fits(): boolean {
    const size = this.entries.reduce((sum, entry) => sum + entry.size, 0)
    return (size / this.entries.length) * this.#items.keys.length <= this.#maxSize
  }

  /** The usage of the known texts; a repeated text counts each time. */
  get usage(): JsonObject | undefined {
    return sumUsage(this.#items.keys.map((key) => this.vectors.get(key)?.usage).filter((usage) => usage !== undefined))
  }

  /** The whole answer: the known vectors and the `rest`; `undefined` if they don't fit together. */
  complete(newest: VectorAnswer, rest: NewItems): Assembled | undefined {
    const { keys } = this.#items
    const items = keys.flatMap((key) => this.vectors.get(key) ?? rest.get(key) ?? [])
    return items.length === keys.length ? assemble(items, newest) : undefined
  }
}

function readVectors(entries: readonly Entry[], maxSize: number): Map<string, ItemVector> {
  const vectors = new Map<string, ItemVector>()
  for (const entry of entries) {
    const vector = vectorOf(entry, maxSize)
    if (vector !== undefined) vectors.set(entry.key, vector)
  }
  return vectors
}
