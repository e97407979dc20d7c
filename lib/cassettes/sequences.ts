import { ageOf, type CassetteEntry } from './entry.ts'
import { EntryLine } from './file-format.ts'
import { type KeyOf, shortKey } from './keys.ts'

/** What a cassette has for a call. */
export type Taken =
  | { readonly kind: 'entry'; readonly entry: CassetteEntry }
  /** No answer to such a call. */
  | { readonly kind: 'unknown' }
  /** All of its `count` answers have been used. */
  | { readonly kind: 'exhausted'; readonly count: number }
  /** An answer that is too old; `age` in seconds, rounded up. */
  | { readonly kind: 'expired'; readonly age: number }

/** Options of {@link Sequences}. */
export interface SequenceOptions {
  readonly keyOf: KeyOf
  /** Seconds; `Infinity` if no answer is too old. */
  readonly maxAge: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** The answers of a cassette. Answers to equal calls form a sequence: each is used once, in order. */
export class Sequences {
  readonly #options: SequenceOptions
  readonly #lines: readonly EntryLine[]
  readonly #used = new Set<EntryLine>()
  readonly #cursors = new Map<string, number>()
  /** Keys whose lines were verified: the keys in the file are right. */
  readonly #checked = new Set<string>()
  #byKey: Map<string, EntryLine[]>
  #renamed: ReadonlyMap<string, EntryLine> = new Map()
  #rebuilding: Promise<void> | undefined

  constructor(lines: readonly EntryLine[], options: SequenceOptions) {
    this.#lines = lines
    this.#options = options
    this.#byKey = groupByKey(lines, ({ key }) => key)
  }

  /** Lines whose key in the file is outdated, by their text: the same line with the right key. */
  get renamed(): ReadonlyMap<string, EntryLine> {
    return this.#renamed
  }

  /** The next answer to a call with this key (64 hex digits). */
  async take(key: string): Promise<Taken> {
    await this.#check(key)
    const { fresh, expired } = this.of(key)
    const at = this.#cursors.get(key) ?? 0
    this.#cursors.set(key, at + 1)
    const line = fresh[at]
    if (line !== undefined) {
      this.#used.add(line)
      return { kind: 'entry', entry: line.read() }
    }
    const [old] = expired
    if (old !== undefined) return { kind: 'expired', age: this.#age(old) }
    return fresh.length === 0 ? { kind: 'unknown' } : { kind: 'exhausted', count: fresh.length }
  }

  /** Marks all answers to calls with this key as used: the call is recorded again. */
  async replace(key: string): Promise<void> {
    await this.#check(key)
    for (const line of this.#byKey.get(shortKey(key)) ?? []) this.#used.add(line)
  }

  /** The lines with this key, and which of them are too old. */
  of(key: string): { readonly fresh: readonly EntryLine[]; readonly expired: readonly EntryLine[] } {
    const sequence = this.#byKey.get(shortKey(key)) ?? []
    const fresh = sequence.filter((line) => this.#age(line) <= this.#options.maxAge)
    return { fresh, expired: sequence.filter((line) => !fresh.includes(line)) }
  }

  /** Lines that answered a call. */
  used(): EntryLine[] {
    return this.#lines.filter((line) => this.#used.has(line))
  }

  /** Marks lines as used, in any process. */
  use(isUsed: (line: EntryLine) => boolean): void {
    for (const line of this.#lines) if (isUsed(line)) this.#used.add(line)
  }

  /** Lines that answered no call. */
  unused(): EntryLine[] {
    return this.#lines.filter((line) => !this.#used.has(line))
  }

  /** Seconds since a line was recorded, rounded up; 0 if no line is ever too old, which avoids parsing it. */
  #age(line: EntryLine): number {
    const { maxAge, now } = this.#options
    if (maxAge === Infinity) return 0
    return ageOf(line.read(), now())
  }

  /**
   * Makes sure that the lines for a key are found. The keys in the file avoid parsing all lines, but may be outdated: a
   * line was edited, or options or the rules of keys have changed. If a line has another key than the file says, or
   * none is found, the keys of all lines are computed, once.
   */
  async #check(key: string): Promise<void> {
    if (this.#rebuilding === undefined && !this.#checked.has(key)) {
      const lines = this.#byKey.get(shortKey(key)) ?? []
      const keys = await Promise.all(lines.map(async (line) => this.#options.keyOf(line.read())))
      if (keys.length > 0 && keys.every((one) => one === key)) this.#checked.add(key)
      else if (this.#lines.length > 0) this.#rebuilding ??= this.#rebuild()
    }
    await this.#rebuilding
  }

  async #rebuild(): Promise<void> {
    const keys = new Map<EntryLine, string>()
    const renamed = new Map<string, EntryLine>()
    for (const line of this.#lines) {
      const entry = line.read()
      const key = shortKey(await this.#options.keyOf(entry))
      keys.set(line, key)
      if (key !== line.key) renamed.set(line.text, EntryLine.of({ ...entry, key }))
    }
    this.#byKey = groupByKey(this.#lines, (line) => keys.get(line) ?? '')
    this.#renamed = renamed
  }
}

function groupByKey(lines: readonly EntryLine[], keyOf: (line: EntryLine) => string): Map<string, EntryLine[]> {
  const groups = Map.groupBy(lines, keyOf)
  for (const group of groups.values()) group.sort((left, right) => left.ordinal - right.ordinal)
  return groups
}
