import { bindMethods } from './base/bind-methods.ts'
import { checkMembers } from './base/check.ts'
import { LlmCacheError } from './base/errors.ts'
import { keepAlive } from './base/promises.ts'
import { type CacheContext, createContext } from './call/context.ts'
import type { Interceptor } from './undici/dispatch.ts'
import { checkFilter, checkKey, type Filter } from './stores/filter.ts'
import { installGlobally } from './undici/install.ts'
import { createInterceptor } from './interceptor.ts'
import type { LlmCacheOptions } from './options/options.ts'
import { resolveOptions } from './options/resolve-options.ts'
import type { ScopeDirectives } from './controls/scope.ts'
import { type MetricsRegistry, PrometheusMetrics } from './telemetry/prometheus.ts'
import type { History, HistoryOptions } from './telemetry/history.ts'
import type { Stats } from './telemetry/stats.ts'
import type { EntryInfo } from './stores/entry.ts'
import type { Ui, UiOptions } from './ui/server.ts'
import type { TextSource } from './stores/text-lines.ts'
import type { ImportResult } from './stores/transfer.ts'

/** A cache. It has its own state: two caches in one process never see each other's entries or flights. */
export interface LlmCache {
  /**
   * For `dispatcher.compose(cache.interceptor)`, where it must be the last argument, which is outermost. Works with
   * undici 7.27+ and 8, whichever copy the app has.
   */
  readonly interceptor: Interceptor
  /**
   * Composes the cache onto the global dispatchers of this process, those of undici and of the built-in fetch. Existing
   * dispatchers (a proxy, a mock agent, the app's own) keep working underneath. Returns a function that undoes this.
   * Dispatchers that are set later replace the cache.
   */
  install(): () => void
  /**
   * Runs `fn` with directives for every call that starts inside it, even deep within an SDK. A header of the call
   * itself wins over them, and they win over an outer `with`.
   *
   * @throws TypeError naming a wrong directive.
   */
  with<Result>(directives: ScopeDirectives, fn: () => Result): Result
  /** Figures since the cache was created. */
  stats(): Stats
  /**
   * Hourly figures of all processes that share the store, for up to 30 days. This process's are written once a minute,
   * at each flush and when the process ends.
   *
   * @throws LlmCacheError (rejects) with code `ERR_LLM_CACHE_STORE` without a store that keeps figures (SQLite and
   * Redis do, Keyv does not), or if it can't be read. TypeError naming a wrong option.
   */
  history(options?: HistoryOptions): Promise<History>
  /**
   * The figures in Prometheus's text format, made by the package `prom-client`. With your own `Registry`: all metrics
   * of that registry, including these figures.
   *
   * @throws LlmCacheError with code `ERR_LLM_CACHE_PACKAGE` if prom-client is not installed.
   */
  metrics(registry?: MetricsRegistry): Promise<string>
  /**
   * The stored entries: `for … of` reads memory, `for await … of` the second tier as well.
   *
   * @throws TypeError naming a wrong or unknown member of the filter; `delete` and `clear` reject with one.
   */
  entries(filter?: Filter): Iterable<EntryInfo> & AsyncIterable<EntryInfo>
  /**
   * Removes one entry by its `x-llm-cache-key`. Resolves to whether there was one. It is gone from memory as soon as
   * this returns.
   */
  delete(key: string): Promise<boolean>
  /**
   * Removes the entries that match the filter, by default all. Resolves to their number. They are gone from memory as
   * soon as this returns.
   */
  clear(filter?: Filter): Promise<number>
  /**
   * Reports a wrong match by the id in its `x-llm-cache-match`. The entry is removed, and the two questions are never
   * paired again; with SQLite and Redis in no instance. Resolves to `false` for anything but a match id, and without
   * the option `semantic`.
   */
  reject(matchId: string): Promise<boolean>
  /**
   * Resolves when every answer stored so far would survive the end of the process. Serverless functions should await it
   * before they return. Without a second tier it resolves at once.
   *
   * @throws LlmCacheError (rejects) with code `ERR_LLM_CACHE_STORE` if an answer since the last flush, or a removal,
   * did not reach the second tier.
   */
  flush(): Promise<void>
  /**
   * The entries that match the filter (default all) as JSON Lines, each with its line end: for a file, or another
   * cache's `import`. Entries of a second tier stay sealed. Without a second tier, memory's entries are written
   * unencrypted.
   *
   * @throws TypeError naming a wrong or unknown member of the filter.
   */
  export(filter?: Filter): AsyncIterable<string>
  /**
   * Reads an export: text in chunks (a file's stream), in lines (`readline`) or as a whole. Lines that can't be
   * imported are skipped and listed in the result. A sealed entry can be used by calls with the credential, or by a
   * store with the key, that it was sealed under.
   *
   * @throws TypeError (rejects) for anything but text or bytes.
   */
  import(source: TextSource): Promise<ImportResult>
  /**
   * Opens a page on 127.0.0.1 that shows figures, entries, live calls and why they miss. Whoever has its URL can read
   * it, and can delete entries only with `allowClear`. It stays open until it or the cache is closed.
   *
   * @throws TypeError (rejects) naming a wrong or unknown option; Error if the cache is closed.
   */
  ui(options?: UiOptions): Promise<Ui>
  /** Undoes `install`, empties memory and closes the second tier. From then on calls pass through untouched. */
  close(): Promise<void>
}

/**
 * Creates a cache.
 *
 * @throws TypeError naming the path, what was expected and what came, for a wrong or unknown option.
 */
export function createLlmCache(options?: LlmCacheOptions): LlmCache {
  return bindMethods<LlmCache>(new Cache(createContext(resolveOptions(options))))
}

const UNREACHABLE =
  'install() runs in a sandbox whose fetch it can not reach, so nothing is cached. Start the process with ' +
  'NODE_OPTIONS="--import undici-llm-cache/register", or drop --disallow-code-generation-from-strings'

const NO_HISTORY = 'history() needs a store that keeps figures: sqliteStore and redisStore do'

// Metadata may be large as well: the keys of a batch's texts.
const MEBIBYTE = 1024 * 1024

class Cache implements LlmCache {
  readonly interceptor: Interceptor
  readonly #context: CacheContext
  readonly #installs = new Set<() => void>()
  readonly #metrics: PrometheusMetrics
  readonly #pages = new Set<Ui>()

  constructor(context: CacheContext) {
    this.#context = context
    this.interceptor = createInterceptor(context)
    this.#metrics = new PrometheusMetrics(() => context.stats())
  }

  install(): () => void {
    const remove = installGlobally(this.interceptor, () => this.#context.warnings.warn('LLM_CACHE_REALM', UNREACHABLE))
    const unwatch = this.#context.unmatched.watch()
    const uninstall = (): void => {
      if (!this.#installs.delete(uninstall)) return
      remove()
      unwatch()
    }
    this.#installs.add(uninstall)
    return uninstall
  }

  with<Result>(directives: ScopeDirectives, fn: () => Result): Result {
    return this.#context.scope.run(directives, fn)
  }

  stats(): Stats {
    return this.#context.stats()
  }

  async history(options: HistoryOptions = {}): Promise<History> {
    const { HISTORY_CHECKS, historyOf, sinceOf } = await import('./telemetry/history.ts')
    checkMembers(options, HISTORY_CHECKS, 'history')
    const { figures, flights } = this.#context
    if (figures === undefined) throw new LlmCacheError('ERR_LLM_CACHE_STORE', NO_HISTORY)
    flights.catchUp()
    return historyOf(await figures.read(sinceOf(options, Date.now())))
  }

  async metrics(registry?: MetricsRegistry): Promise<string> {
    return this.#metrics.text(registry)
  }

  entries(filter: Filter = {}): Iterable<EntryInfo> & AsyncIterable<EntryInfo> {
    const { flights, tiers } = this.#context
    checkFilter(filter)
    return {
      [Symbol.iterator]() {
        flights.catchUp()
        return tiers.memory.entries(filter)
      },
      [Symbol.asyncIterator]() {
        flights.catchUp()
        return tiers.entries(filter)
      },
    }
  }

  async delete(key: string): Promise<boolean> {
    checkKey(key)
    return (await this.#context.clear({ key })) > 0
  }

  async reject(matchId: string): Promise<boolean> {
    const rejected = await this.#context.semantic?.reject(matchId)
    if (rejected === undefined) return false
    const { key, pair } = rejected
    await Promise.all([this.#context.tiers.reject(pair), this.#context.clear({ key })])
    return true
  }

  async clear(filter: Filter = {}): Promise<number> {
    checkFilter(filter)
    return this.#context.clear(filter)
  }

  export(filter: Filter = {}): AsyncIterable<string> {
    checkFilter(filter)
    return this.#export(filter)
  }

  async *#export(filter: Filter): AsyncGenerator<string> {
    const { flights, tiers } = this.#context
    flights.catchUp()
    const { clearRecord, exportLines } = await import('./stores/transfer.ts')
    yield* exportLines(tiers.records(filter, clearRecord))
  }

  async import(source: TextSource): Promise<ImportResult> {
    const { options, tiers } = this.#context
    const { entryOfClear, importLines } = await import('./stores/transfer.ts')
    return importLines(source, 2 * options.maxEntrySize + MEBIBYTE, (record) => tiers.restore(record, entryOfClear))
  }

  async ui(options: UiOptions = {}): Promise<Ui> {
    const { checkUiOptions, serveUi } = await import('./ui/server.ts')
    const { sourceOf } = await import('./ui/cache-source.ts')
    checkUiOptions(options)
    const ui = await serveUi(
      sourceOf(this.#context, () => this.stats(), true),
      options,
    )
    // Here and not before: it may have been closed while the server was starting.
    if (this.#context.closed) {
      await ui.close()
      throw new Error('cache.ui(): the cache is closed')
    }
    const page: Ui = {
      url: ui.url,
      close: () => {
        this.#pages.delete(page)
        return ui.close()
      },
    }
    this.#pages.add(page)
    return page
  }

  flush(): Promise<void> {
    return keepAlive(async () => {
      this.#context.flights.catchUp()
      await this.#context.semantic?.settled()
      await Promise.all([this.#context.tiers.flush(), this.#context.figures?.flush()])
    })
  }

  close(): Promise<void> {
    return keepAlive(() => this.#close())
  }

  async #close(): Promise<void> {
    this.#context.flights.catchUp()
    this.#context.closed = true
    this.#context.letGo()
    for (const uninstall of this.#installs) uninstall()
    for (const flight of this.#context.flights) flight.clear()
    await Promise.all([...this.#pages].map((page) => page.close()))
    await this.#context.semantic?.settled()
    await this.#context.figures?.close()
    await this.#context.tiers.close()
  }
}
