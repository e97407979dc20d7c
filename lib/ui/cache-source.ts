import type { CacheContext } from '../call/context.ts'
import type { Stats } from '../telemetry/stats.ts'
import type { PageSource } from './page-source.ts'
import { openEntry } from './store-source.ts'

/** The page's view of a cache. */
export function sourceOf(context: CacheContext, stats: () => Stats, isLive: boolean): PageSource {
  const { flights, options, tiers } = context
  return {
    isLive,
    stats,
    entries(filter) {
      flights.catchUp()
      return tiers.entries(filter)
    },
    entry: async (key, credential) =>
      options.store === undefined ? tiers.memory.peek(key) : openEntry(options.store, key, credential),
    clear: (filter) => context.clear(filter),
  }
}
