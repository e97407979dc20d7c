import type { CacheContext } from '../call/context.ts'
import { accessesOf } from '../key/typed-credential.ts'
import type { Entry } from '../stores/entry.ts'
import type { Stats } from '../telemetry/stats.ts'
import type { PageSource } from './page-source.ts'

/** What the page shows of a cache. `isLive`: calls go through it. */
export function sourceOf(core: CacheContext, stats: () => Stats, isLive: boolean): PageSource {
  const { flights, tiers } = core
  return {
    isLive,
    stats,
    entries(filter) {
      flights.catchUp()
      return tiers.entries(filter)
    },
    entry: (key, credential) => openEntry(core, key, credential),
    clear: (filter) => core.clear(filter),
  }
}

async function openEntry(
  { options, tiers }: CacheContext,
  key: string,
  credential?: string,
): Promise<Entry | undefined> {
  const { store } = options
  if (store === undefined) return tiers.memory.peek(key)
  for (const access of credential === undefined ? [undefined] : accessesOf(credential)) {
    const entry = await store.get(key, access)
    if (entry !== undefined) return entry
  }
  return undefined
}
