import { accessesOf } from '../key/typed-credential.ts'
import type { Entry } from '../stores/entry.ts'
import type { CacheStore } from '../stores/store.ts'
import { FIGURES_KEPT } from '../stores/figures.ts'
import { historyOf } from '../telemetry/history.ts'
import type { PageSource, PageStats } from './page-source.ts'
import { figuresOf } from './store-figures.ts'

/** Milliseconds that figures are kept, since each needs a read of the whole store. */
const KEPT = 15_000

/** The page's view of a store that no cache of this process uses. */
export function sourceOfStore(store: CacheStore): PageSource {
  let figures: { readonly at: number; readonly stats: Promise<PageStats> } | undefined
  const source: PageSource = {
    isLive: false,
    stats() {
      if (figures === undefined || performance.now() - figures.at > KEPT) {
        figures = { at: performance.now(), stats: readStats(store) }
      }
      return figures.stats
    },
    async *entries(filter) {
      yield* store.entries(filter)
    },
    entry: (key, credential) => openEntry(store, key, credential),
    async clear(filter) {
      figures = undefined
      return store.clear(filter)
    },
  }
  return source
}

/** The figures that a store keeps, which include misses and removed entries. Otherwise, figures from its entries. */
async function readStats(store: CacheStore): Promise<PageStats> {
  const [ofEntries, figures] = await Promise.all([
    figuresOf(store.entries({})),
    store.figures?.(Date.now() - FIGURES_KEPT) ?? [],
  ])
  if (figures.length === 0) return ofEntries
  const { hours, ...history } = historyOf(figures)
  return {
    ...ofEntries,
    ...history,
    hours: hours.map(({ at, hits, stale, coalesced, misses, refreshes }) => ({
      at,
      hits: hits + stale + coalesced,
      misses: misses + refreshes,
    })),
  }
}

/** The entry under a key; `undefined` if there is none, or this credential does not open it. */
export async function openEntry(store: CacheStore, key: string, credential?: string): Promise<Entry | undefined> {
  for (const access of credential === undefined ? [undefined] : accessesOf(credential)) {
    const entry = await store.get(key, access)
    if (entry !== undefined) return entry
  }
  return undefined
}
