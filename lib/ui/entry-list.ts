import { createPauses } from '../base/pauses.ts'
import type { EntryInfo } from '../stores/entry.ts'
import type { PageSource } from './page-source.ts'

/** What entries can be sorted by. */
export const SORTS = ['storedAt', 'expiresAt', 'hits', 'size', 'model', 'provider', 'namespace', 'tokens'] as const

/** One of {@link SORTS}. */
export type Sort = (typeof SORTS)[number]

/** Which entries, in which order. */
export interface EntryQuery {
  /** A part of the model's or provider's name, a tag, or the beginning of a key; `''` finds all. */
  readonly search: string
  readonly namespace: string | undefined
  readonly sort: Sort
  readonly isDescending: boolean
}

/** Items that are sorted in one step, which takes a millisecond. */
const RUN = 1000

/** Milliseconds that a list is kept, so that its next page needs no new read. */
const KEPT = 30_000

/**
 * Lists entries, sorted, for the page. Reads and sorts 100,000 entries in small steps, since the app runs in the same
 * process and must not be blocked.
 */
export class EntryList {
  readonly #source: Pick<PageSource, 'entries'>
  #last: { readonly id: string; readonly list: Promise<readonly EntryInfo[]> } | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(source: Pick<PageSource, 'entries'>) {
    this.#source = source
  }

  /**
   * The entries of a query.
   *
   * @param isFresh whether to read the store again even if the list is known
   */
  async find(query: EntryQuery, isFresh: boolean): Promise<readonly EntryInfo[]> {
    const id = JSON.stringify(query)
    if (this.#last?.id !== id || isFresh) this.#last = { id, list: this.#list(query) }
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.drop(), KEPT).unref()
    const { list } = this.#last
    try {
      return await list
    } catch (error) {
      this.drop()
      throw error
    }
  }

  /** Forgets the list. */
  drop(): void {
    clearTimeout(this.#timer)
    this.#last = undefined
  }

  async #list({ search, namespace, sort, isDescending }: EntryQuery): Promise<readonly EntryInfo[]> {
    const found: EntryInfo[] = []
    const wanted = search.toLowerCase()
    const pause = createPauses()
    for await (const entry of this.#source.entries(namespace === undefined ? {} : { namespace })) {
      if (wanted === '' || isFound(entry, wanted)) found.push(entry)
      const wait = pause()
      if (wait !== undefined) await wait
    }
    const direction = isDescending ? -1 : 1
    const order: Order<EntryInfo> = (left, right) => direction * compare(valueOf(left, sort), valueOf(right, sort))
    return sortInSteps(found, order, pause)
  }
}

function isFound({ key, model = '', provider, tags }: EntryInfo, wanted: string): boolean {
  return (
    model.toLowerCase().includes(wanted) ||
    provider.includes(wanted) ||
    key.startsWith(wanted) ||
    tags.some((tag) => tag.toLowerCase() === wanted)
  )
}

function valueOf(entry: EntryInfo, sort: Sort): number | string {
  if (sort === 'tokens') return (entry.usage?.inputTokens ?? 0) + (entry.usage?.outputTokens ?? 0)
  return entry[sort] ?? ''
}

function compare(left: number | string, right: number | string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/**
 * Sorts in steps; equal items keep their order. One `Array.sort` of 100,000 items would block for 80 ms, so short runs
 * are sorted and then merged.
 */
async function sortInSteps<T>(items: readonly T[], order: Order<T>, pause: Pauses): Promise<readonly T[]> {
  let runs: T[][] = []
  for (let at = 0; at < items.length; at += RUN) {
    runs.push(items.slice(at, at + RUN).sort(order))
    await pause()
  }
  while (runs.length > 1) {
    const merged: T[][] = []
    for (let at = 0; at < runs.length; at += 2)
      merged.push(await merge(runs[at] ?? [], runs[at + 1] ?? [], order, pause))
    runs = merged
  }
  return runs[0] ?? []
}

type Order<T> = (left: T, right: T) => number
type Pauses = ReturnType<typeof createPauses>

/** Merges two sorted runs. Equal items of the left run come first. */
async function merge<T>(left: readonly T[], right: readonly T[], order: Order<T>, pause: Pauses): Promise<T[]> {
  const merged: T[] = []
  let [l, r] = [0, 0]
  while (l < left.length || r < right.length) {
    const [one, other] = [left[l], right[r]]
    const isLeft = other === undefined || (one !== undefined && order(one, other) <= 0)
    const next = isLeft ? one : other
    if (next !== undefined) merged.push(next)
    if (isLeft) l++
    else r++
    const wait = pause()
    if (wait !== undefined) await wait
  }
  return merged
}
