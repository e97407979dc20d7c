import { LRUCache } from 'lru-cache'
import { type Entry, type EntryInfo, infoOf } from './entry.ts'
import { type Filter, matches } from './filter.ts'
import { type Removal, takesOut } from './removal.ts'
import type { CacheStore } from './store.ts'

/** Limits of the memory tier; both apply. */
export interface MemoryOptions {
  /** Bytes of all entries, their headers and a fixed overhead for each included. */
  readonly maxSize: number
  readonly maxEntries: number
  /** Called with the key of each entry that was evicted. */
  readonly onEvict?: (key: string) => void
}

// Bytes for one entry besides what is counted below: V8, lru-cache, its request, and malloc's overhead for its body.
// Measured at 10,000 entries: 1,060.
const OVERHEAD = 1024
const TEXT = 24
const ARRAY = 200

/** Keeps answers in this process. The least recently used ones are evicted first. */
export class MemoryStore implements CacheStore {
  readonly #cache: LRUCache<string, Entry>
  /** How often entries were served, if at all. Most never are, and a count in each would take 40 bytes. */
  readonly #hits = new Map<string, number>()
  readonly #maxEntries: number
  readonly #onEvict: MemoryOptions['onEvict']

  constructor(options: MemoryOptions) {
    this.#maxEntries = options.maxEntries
    this.#onEvict = options.onEvict
    this.#cache = new LRUCache({
      maxSize: options.maxSize,
      sizeCalculation: entrySize,
      // Looks up Date.now each time, so that tests can fake the clock.
      perf: { now: () => Date.now() },
      ttlResolution: 0,
      dispose: (_entry, key, reason) => {
        this.#hits.delete(key)
        if (reason === 'evict') this.#onEvict?.(key)
      },
    })
  }

  /** How many entries there are. */
  get count(): number {
    return this.#cache.size
  }

  /** Bytes, as `maxSize` counts them. */
  get size(): number {
    return this.#cache.calculatedSize
  }

  get(key: string): Entry | undefined {
    return this.#cache.get(key)
  }

  /** Whether an entry is there. Does not count as a use. */
  has(key: string): boolean {
    return this.#cache.has(key)
  }

  /** As {@link get}, but does not count as a use. */
  peek(key: string): Entry | undefined {
    return this.#cache.peek(key)
  }

  /** Counts a use of the entry. */
  hit(key: string): void {
    const before = this.#hits.get(key)
    // A key that is not in the cache gets no count.
    if (before !== undefined || this.#cache.has(key)) this.#hits.set(key, (before ?? 0) + 1)
  }

  set(entry: Entry): void {
    this.#cache.set(entry.key, entry, { ttl: Math.max(1, entry.keptUntil - Date.now()) })
    while (this.#cache.size > this.#maxEntries) this.#cache.pop()
  }

  delete(key: string): boolean {
    return this.#cache.delete(key)
  }

  clear(filter: Filter = {}): number {
    if (filter.key === undefined) this.#cache.purgeStale()
    const keys = [...this.entries(filter)].map(({ key }) => key)
    for (const key of keys) this.#cache.delete(key)
    return keys.length
  }

  *entries(filter: Filter = {}): Generator<EntryInfo> {
    const now = Date.now()
    for (const entry of filter.key === undefined ? this.#cache.values() : this.#one(filter.key)) {
      if (matches(entry, filter, now)) yield infoOf(entry, this.#hits.get(entry.key) ?? 0)
    }
  }

  /** Drops entries that were removed elsewhere, and those stored just after that: the store still has them. */
  forget(removal: Removal): void {
    const { key } = removal.filter
    const entries = key === undefined ? [...this.#cache.values()] : this.#one(key)
    for (const entry of entries) if (takesOut(removal, entry)) this.#cache.delete(entry.key)
  }

  /** The entry of a key, without reading the others. */
  #one(key: string): Entry[] {
    const entry = this.#cache.peek(key)
    return entry === undefined ? [] : [entry]
  }

  close(): void {
    this.#cache.clear()
  }
}

function entrySize({ body, ends, gaps, headers, rawHeaders = [], tags, itemKeys = [], asked }: Entry): number {
  let size = OVERHEAD + body.length + arraySize(ends) + arraySize(gaps)
  for (const texts of [headers, rawHeaders, tags, itemKeys]) for (const { length } of texts) size += TEXT + length
  if (asked !== undefined) size += 2 * TEXT + asked.names.length + asked.digests.length
  return size
}

/** Empty arrays cost nothing: all entries share one. */
function arraySize(array: Uint32Array | undefined): number {
  return array === undefined || array.length === 0 ? 0 : ARRAY + array.byteLength
}
