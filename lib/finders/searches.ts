import { isPromiseLike } from '../base/promises.ts'
import type { Entry } from '../stores/entry.ts'
import { reportError } from '../telemetry/diagnostics.ts'
import type { Finder, FinderCall, Found, Search } from './finder.ts'

type None = Found & { readonly use: 'none' }

const NONE: None = Object.freeze({ use: 'none' })

/** The searches of a cache's finders for one call. */
export class Searches {
  readonly #searches: Search[] = []

  constructor(finders: readonly Finder[], call: FinderCall) {
    for (const finder of finders) {
      const search = attempt(() => finder.open(call), undefined)
      if (search !== undefined) this.#searches.push(search)
    }
  }

  /** Whether no finder applies to the call. */
  get isEmpty(): boolean {
    return this.#searches.length === 0
  }

  /** Asks the finders one after the other until one has a result. Never throws or rejects. */
  find(): Found | Promise<Found> {
    return this.#findFrom(0, NONE)
  }

  /** @param none the result if no finder has an answer, with the first reason that a finder gave */
  #findFrom(at: number, none: None): Found | Promise<Found> {
    const search = this.#searches[at]
    if (search === undefined) return none
    const found = attempt(() => search.find(), NONE)
    if (isPromiseLike(found)) return this.#findLater(found, at, none)
    return found.use === 'none' ? this.#findFrom(at + 1, none.detail === undefined ? found : none) : found
  }

  async #findLater(later: PromiseLike<Found>, at: number, none: None): Promise<Found> {
    let found: Found = NONE
    try {
      found = await later
    } catch (error) {
      reportError('finder', error)
    }
    return found.use === 'none' ? this.#findFrom(at + 1, none.detail === undefined ? found : none) : found
  }

  /** The entry to store instead of an answer: each finder gets the previous one's result. */
  settle(entry: Entry): Entry | undefined {
    let settled: Entry | undefined = entry
    for (const search of this.#searches) {
      if (settled !== undefined && search.settle !== undefined) settled = search.settle(settled)
    }
    return settled
  }

  /** The provider is about to be called. */
  began(): void {
    for (const search of this.#searches) attempt(() => search.began?.(), undefined)
  }

  /** That call has ended. */
  ended(): void {
    for (const search of this.#searches) attempt(() => search.ended?.(), undefined)
  }

  /** The answer is stored. */
  stored(entry: Entry): void {
    for (const search of this.#searches) attempt(() => search.stored?.(entry), undefined)
  }
}

/** Header fields that finders add to a hit under the call's own key. */
export function exactFields(finders: readonly Finder[], call: FinderCall): readonly string[] {
  return finders.flatMap((finder) => attempt(() => finder.exactFields?.(call), undefined) ?? [])
}

/** A failing finder costs a miss at worst. */
function attempt<T>(act: () => T, otherwise: T): T {
  try {
    return act()
  } catch (error) {
    reportError('finder', error)
    return otherwise
  }
}
