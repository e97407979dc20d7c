import type { JsonObject } from '../base/json.ts'
import type { Entry } from '../stores/entry.ts'
import { assemble, type Assembled, type VectorAnswer, type ItemVector } from './vector-answer.ts'
import { partOf } from './item-entries.ts'
import type { BatchRequest, Item } from './batch-request.ts'
import { sumUsage } from './usage-shares.ts'

/** The texts of a batch with their keys. */
export interface Items {
  readonly request: BatchRequest
  /** One a text, in the caller's order. */
  readonly keys: readonly string[]
}

/** Vectors by the keys of their texts. */
export type NewItems = ReadonlyMap<string, ItemVector | undefined>

/** What is at hand of one batch. */
export class KnownItems {
  readonly parts: ReadonlyMap<string, ItemVector>
  /** The entries that those vectors are from. */
  readonly entries: readonly Entry[]
  /** How many of the caller's texts are known, duplicates counted. */
  readonly count: number
  readonly #items: Items
  readonly #maxSize: number

  constructor(items: Items, entries: readonly Entry[], maxSize: number) {
    this.#items = items
    this.#maxSize = maxSize
    this.parts = readParts(entries, maxSize)
    this.entries = entries.filter(({ key }) => this.parts.has(key))
    this.count = items.keys.filter((key) => this.parts.has(key)).length
  }

  /** `3/5` */
  get coverage(): string {
    return `${this.count}/${this.#items.keys.length}`
  }

  /** The texts that are not known, by key, each once. */
  get unknown(): Map<string, Item> {
    const { keys, request } = this.#items
    const unknown = new Map<string, Item>()
    for (const [at, item] of request.items.entries()) {
      const key = keys[at]
      if (key !== undefined && !this.parts.has(key)) unknown.set(key, item)
    }
    return unknown
  }

  /** Whether the whole answer may be expected to be no larger than what is kept. */
  get fits(): boolean {
    const size = this.entries.reduce((sum, entry) => sum + entry.size, 0)
    return (size / this.entries.length) * this.#items.keys.length <= this.#maxSize
  }

  /** What the known texts count for, duplicates counted. */
  get usage(): JsonObject | undefined {
    return sumUsage(this.#items.keys.map((key) => this.parts.get(key)?.usage).filter((usage) => usage !== undefined))
  }

  /** The whole answer, with the vectors that were not known; `undefined` where they don't fit together. */
  complete(newest: VectorAnswer, rest: NewItems): Assembled | undefined {
    const { keys } = this.#items
    const parts = keys.flatMap((key) => this.parts.get(key) ?? rest.get(key) ?? [])
    return parts.length === keys.length ? assemble(parts, newest) : undefined
  }
}

function readParts(entries: readonly Entry[], maxSize: number): Map<string, ItemVector> {
  const parts = new Map<string, ItemVector>()
  for (const entry of entries) {
    const part = partOf(entry, maxSize)
    if (part !== undefined) parts.set(entry.key, part)
  }
  return parts
}
