import type { Core } from './core.ts'
import { publish, Warnings } from './diagnostics.ts'
import { Flights } from './flights.ts'
import { installGlobally } from './install.ts'
import { createInterceptor, type Interceptor } from './interceptor.ts'
import { type LlmCacheOptions, resolveOptions, type ResolvedOptions } from './options.ts'
import { createMatcher, mergeProviders } from './providers/match.ts'
import { localRow, PROVIDERS } from './providers/table.ts'
import { createIdentifier } from './request/identify.ts'
import { compileRules } from './request/rules.ts'
import { createScope, type ScopeDirectives } from './request/scope.ts'
import type { Entry } from './response/entry.ts'
import { HitHeads } from './response/hit-heads.ts'
import { Retries } from './retries.ts'
import { SampleTurns } from './samples.ts'
import { Counters, type Stats } from './stats.ts'
import { matches, MemoryStore } from './stores/memory.ts'
import type { EntryInfo, Filter } from './stores/store.ts'
import { Tiers } from './stores/tiered.ts'

/** One cache. Its state is its own: two caches in one process never see each other's entries or flights. */
export interface LlmCache {
  /**
   * For `dispatcher.compose(cache.interceptor)`; goes last there, which is outermost. Works with undici 7.27+ and 8,
   * whichever copy the app has.
   */
  readonly interceptor: Interceptor
  /**
   * Puts the cache above the global dispatchers of this process, undici's and the built-in fetch's, and keeps what is
   * there (a proxy, a mock agent, the app's own dispatcher) working underneath. Returns the undo. Dispatchers that are
   * set afterwards replace it.
   */
  install(): () => void
  /**
   * Runs `fn`; every call that starts inside, also deep in an SDK, follows the directives. A header of the call is
   * nearer; an outer scope is further.
   *
   * @throws TypeError naming a wrong directive.
   */
  with<Result>(directives: ScopeDirectives, fn: () => Result): Result
  /** Figures since the cache was made. */
  stats(): Stats
  /** What is stored: `for … of` walks memory, `for await … of` the second tier too. */
  entries(filter?: Filter): Iterable<EntryInfo> & AsyncIterable<EntryInfo>
  /** Takes one entry out by `x-llm-cache-key`; `true` if there was one. Gone from memory when this returns. */
  delete(key: string): Promise<boolean>
  /** Takes out what the filter picks (all by default); how many went. Gone from memory when this returns. */
  clear(filter?: Filter): Promise<number>
  /** Undoes `install`, drops memory and closes the second tier. From then on calls pass untouched. */
  close(): Promise<void>
}

/**
 * Makes a cache.
 *
 * @throws TypeError naming the path, what was expected and what came, for a wrong option or one that does not exist.
 */
export function createLlmCache(options?: LlmCacheOptions): LlmCache {
  return new Cache(createCore(resolveOptions(options)))
}

class Cache implements LlmCache {
  readonly interceptor: Interceptor
  readonly #core: Core
  readonly #installs = new Set<() => void>()

  constructor(core: Core) {
    this.#core = core
    this.interceptor = createInterceptor(core)
  }

  install(): () => void {
    const remove = installGlobally(this.interceptor)
    const uninstall = (): void => {
      if (this.#installs.delete(uninstall)) remove()
    }
    this.#installs.add(uninstall)
    return uninstall
  }

  with<Result>(directives: ScopeDirectives, fn: () => Result): Result {
    return this.#core.scope.run(directives, fn)
  }

  stats(): Stats {
    const { memory } = this.#core.tiers
    return this.#core.counters.snapshot(memory.count, memory.size)
  }

  entries(filter: Filter = {}): Iterable<EntryInfo> & AsyncIterable<EntryInfo> {
    const { tiers } = this.#core
    return {
      [Symbol.iterator]: () => tiers.memory.entries(filter),
      [Symbol.asyncIterator]: () => tiers.entries(filter),
    }
  }

  async delete(key: string): Promise<boolean> {
    return (await this.#core.clear({ key })) > 0
  }

  clear(filter: Filter = {}): Promise<number> {
    return this.#core.clear(filter)
  }

  async close(): Promise<void> {
    this.#core.closed = true
    for (const uninstall of this.#installs) uninstall()
    for (const flight of this.#core.flights) flight.clear()
    await this.#core.tiers.close()
  }
}

/** Puts the parts of one cache together. */
export function createCore(options: ResolvedOptions): Core {
  const counters = new Counters()
  const flights = new Flights()
  const heads = new HitHeads()
  const tiers = createTiers(options, counters)
  const local = options.hosts.map(localRow)
  return {
    options,
    match: createMatcher(mergeProviders([...local, ...PROVIDERS], options.providers)),
    identifier: createIdentifier({ ...options, identity: options.identity }),
    rule: compileRules(options.rules),
    scope: createScope(),
    tiers,
    flights,
    heads,
    retries: new Retries(),
    samples: new SampleTurns(),
    counters,
    warnings: new Warnings(),
    closed: false,
    clear(filter) {
      const now = Date.now()
      for (const flight of flights) if (matches(flight.target, filter, now)) flight.clear()
      heads.clear()
      return filter.key === undefined ? tiers.clear(filter) : clearKey(tiers, filter, filter.key)
    },
  }
}

/** An entry takes its parts along: what is wrong in it is wrong in them. */
async function clearKey(tiers: Tiers, filter: Filter, key: string): Promise<number> {
  const remove = (entry: Entry | undefined): Promise<unknown> => {
    const parts = entry !== undefined && matches(entry, filter, Date.now()) ? (entry.parts ?? []) : []
    return Promise.all(parts.map((part) => tiers.delete(part)))
  }
  // What memory holds goes before the first await.
  const found = tiers.peek(key)
  const removed = found instanceof Promise ? undefined : remove(found)
  const cleared = tiers.clear(filter)
  await (removed ?? remove(await found))
  return cleared
}

function createTiers(options: ResolvedOptions, counters: Counters): Tiers {
  const { maxSize, maxEntries } = options
  const memory = new MemoryStore({ maxSize, maxEntries, onEvict: () => counters.count('evictions') })
  return new Tiers(memory, options.store, {
    timeout: options.storeTimeout * 1000,
    onError: (error) => publish('undici-llm-cache:error', () => ({ where: 'store', reason: 'internal', error })),
  })
}
