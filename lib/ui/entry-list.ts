import { setImmediate as turnOfLoop } from 'node:timers/promises'
import type { EntryInfo } from '../stores/entry.ts'
import type { PageSource } from './page-source.ts'

/** By what entries can be sorted. */
export const SORTS = ['storedAt', 'expiresAt', 'hits', 'size', 'model', 'provider', 'namespace', 'tokens'] as const

/** One of {@link SORTS}. */
export type Sort = (typeof SORTS)[number]

/** Which entries, in which order. */
export interface EntryQuery {
  /** Part of a model's name, a tag, a key's beginning; `''`: all. */
  readonly search: string
  readonly namespace: string | undefined
  readonly sort: Sort
  readonly isDescending: boolean
}

/** Steps between two turns of the event loop: under 5 ms, also on a slow machine. */
const STEPS = 2000

/** Milliseconds that a list is kept for its next page. */
const KEPT = 30_000

/**
 * Lists entries for a page that shows some of them. A store of 100,000 is walked and sorted in small steps: the app whose
 * process this is never waits.
 */
export class EntryList {
  readonly #source: Pick<PageSource, 'entries'>
  #last: { readonly id: string; readonly list: Promise<readonly EntryInfo[]> } | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(source: Pick<PageSource, 'entries'>) {
    this.#source = source
  }

  /** The entries of a query. `isFresh`: not those of the page before. */
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
    let steps = 0
    for await (const entry of this.#source.entries(namespace === undefined ? {} : { namespace })) {
      if (wanted === '' || isFound(entry, wanted)) found.push(entry)
      if (++steps % STEPS === 0) await turnOfLoop()
    }
    const direction = isDescending ? -1 : 1
    return sortInSteps(found, (left, right) => direction * compare(valueOf(left, sort), valueOf(right, sort)))
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
 * Sorts in steps; equal items keep their order. `Array.sort` of 100,000 would take 80 ms at one go: so runs are sorted,
 * and merged.
 */
async function sortInSteps<T>(items: T[], order: (left: T, right: T) => number): Promise<readonly T[]> {
  let runs: T[][] = []
  for (let at = 0; at < items.length; at += STEPS) {
    runs.push(items.slice(at, at + STEPS).sort(order))
    await turnOfLoop()
  }
  while (runs.length > 1) {
    const merged: T[][] = []
    for (let at = 0; at < runs.length; at += 2) merged.push(await merge(runs[at] ?? [], runs[at + 1] ?? [], order))
    runs = merged
  }
  return runs[0] ?? []
}

async function merge<T>(left: readonly T[], right: readonly T[], order: (left: T, right: T) => number): Promise<T[]> {
  const merged: T[] = []
  let at = 0
  for (const item of left) {
    for (let next = right[at]; next !== undefined && order(next, item) < 0; next = right[++at]) merged.push(next)
    if (merged.push(item) % STEPS === 0) await turnOfLoop()
  }
  for (const item of right.slice(at)) merged.push(item)
  return merged
}
