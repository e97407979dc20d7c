import { reportError, Warnings } from '../telemetry/diagnostics.ts'
import { Flights } from '../flight/flights.ts'
import type { ResolvedOptions } from '../options/options.ts'
import { isPromiseLike } from '../base/promises.ts'
import { createMatcher, type Matcher, mergeProviders } from '../providers/match.ts'
import { PROVIDERS } from '../providers/hosts.ts'
import { localRow } from '../providers/hosts/local.ts'
import { createIdentifier, type Identifier } from '../key/identify.ts'
import { type Classifiers, createClassifiers } from '../request/header-kind.ts'
import { compileRules, type RuleFinder } from '../controls/rules.ts'
import { createScope, type Scope } from '../controls/scope.ts'
import type { Finder } from '../finders/finder.ts'
import type { Explainer } from '../explain/explainer.ts'
import { createFinders } from './finders.ts'
import { Rewriter } from '../convert/rewriter.ts'
import { HitHeads } from '../replay/hit-heads.ts'
import { Retries } from './retries.ts'
import { embedderRows } from '../semantic/embedder-server.ts'
import { SemanticFinder } from '../semantic/semantic-finder.ts'
import { SampleTurns } from './sample-turns.ts'
import { Counters } from '../telemetry/counters.ts'
import { DurableFigures } from '../telemetry/durable-figures.ts'
import { InsideCounters } from '../telemetry/inside-counts.ts'
import { OpenTelemetry } from '../telemetry/open-telemetry.ts'
import { RepeatedMisses } from '../telemetry/prompt-cache/advice.ts'
import type { Stats } from '../telemetry/stats.ts'
import { UnmatchedCalls } from '../telemetry/unmatched-calls.ts'
import { errorWords } from '../stores/error-words.ts'
import { MemoryStore } from '../stores/memory.ts'
import { matches, type Filter } from '../stores/filter.ts'
import { atExit, beforeExit } from '../stores/at-exit.ts'
import { isRemoved, type Removal } from '../stores/removal.ts'
import type { CacheStore } from '../stores/store.ts'
import { Tiers } from '../stores/tiers.ts'
import { StringPool } from '../base/string-pool.ts'

/** The parts of one cache, used by each of its calls. */
export interface CacheContext {
  readonly options: ResolvedOptions
  readonly match: Matcher
  readonly classifierOf: Classifiers
  readonly identifier: Identifier
  readonly rule: RuleFinder | undefined
  readonly scope: Scope
  readonly tiers: Tiers
  readonly finders: readonly Finder[]
  /** The finders that add fields to a hit under the call's own key. */
  readonly exactFinders: readonly Finder[]
  /** The semantic finder, if the option `semantic` is set. */
  readonly semantic: SemanticFinder | undefined
  readonly flights: Flights
  readonly heads: HitHeads
  readonly rewriter: Rewriter
  readonly strings: StringPool
  readonly retries: Retries
  readonly samples: SampleTurns
  readonly counters: Counters
  /** Only with a store that keeps figures. */
  readonly figures: DurableFigures | undefined
  readonly warnings: Warnings
  readonly unmatched: UnmatchedCalls
  readonly inside: InsideCounters
  readonly promptMisses: RepeatedMisses
  /** Created at the first miss that is to be explained. */
  explainer: Explainer | undefined
  readonly telemetry: OpenTelemetry
  closed: boolean
  /** Stops listening for the end of the process, when a cache with a second tier stores what is left. */
  readonly letGo: () => void
  /** All figures of this cache. */
  stats(): Stats
  /** Removes entries. Matching answers that are still in progress are not stored. */
  clear(filter: Filter): Promise<number>
}

/** Creates the parts of one cache. */
export function createContext(options: ResolvedOptions): CacheContext {
  const counters = new Counters()
  const flights = new Flights()
  const heads = new HitHeads()
  const warnings = new Warnings()
  const tiers = createTiers(options, counters, warnings, (key) => {
    context.explainer?.evicted(key)
    // The second tier still has the entry.
    if (!tiers.hasStore) semantic?.evicted(key)
  })
  const semantic = options.semantic && new SemanticFinder(options.semantic)
  const finders = createFinders(options, counters, tiers, semantic)
  const figures = tiers.keepsFigures ? new DurableFigures(counters, tiers) : undefined
  const local = options.hosts.map(localRow)
  const rows = [...local, ...PROVIDERS, ...embedderRows(options.semantic?.embed)]
  const match = createMatcher(mergeProviders(rows, options.providers))
  const context: CacheContext = {
    options,
    match,
    classifierOf: createClassifiers(options.ignoreHeaders),
    identifier: createIdentifier({ ...options, identity: options.identity }),
    rule: compileRules(options.rules),
    scope: createScope(),
    tiers,
    finders,
    exactFinders: finders.filter(({ exactFields }) => exactFields !== undefined),
    semantic,
    flights,
    heads,
    rewriter: new Rewriter(options),
    strings: new StringPool(),
    retries: new Retries(),
    samples: new SampleTurns(),
    counters,
    figures,
    warnings,
    unmatched: new UnmatchedCalls(match, warnings),
    inside: new InsideCounters(),
    promptMisses: new RepeatedMisses(),
    explainer: undefined,
    telemetry: new OpenTelemetry(() => context.stats()),
    closed: false,
    letGo: options.store === undefined ? nothing : watchEnd(options.store, flights, figures),
    stats: () => statsOf(context),
    clear: (filter) => clear(context, filter),
  }
  options.store?.watch?.((removal) => forget(context, removal))
  return context
}

function statsOf({ flights, counters, tiers, unmatched, inside, semantic }: CacheContext): Stats {
  flights.catchUp()
  const figures = counters.snapshot(tiers.memory.count, tiers.memory.size)
  const matching = semantic === undefined ? {} : { semantic: semantic.stats() }
  return { ...figures, ...unmatched.snapshot(), ...inside.snapshot(), ...matching }
}

function clear({ flights, heads, tiers, explainer, semantic }: CacheContext, filter: Filter): Promise<number> {
  const now = Date.now()
  flights.catchUp()
  for (const flight of flights) if (matches(flight.target, filter, now)) flight.clear()
  heads.clear()
  explainer?.cleared(filter, now)
  semantic?.forget({ filter, at: now })
  return filter.key === undefined ? tiers.clear(filter) : clearKey(tiers, filter, filter.key)
}

/** Applies a removal by another process. */
function forget({ flights, heads, tiers, explainer, semantic }: CacheContext, removal: Removal): void {
  for (const flight of flights) if (isRemoved(flight.target, removal)) flight.clear()
  heads.clear()
  tiers.forget(removal)
  semantic?.forget(removal)
  explainer?.removed(removal)
}

const nothing = (): void => undefined

/** Sets up what happens when the process ends; returns a function that cancels this. */
function watchEnd(store: CacheStore, flights: Flights, figures: DurableFigures | undefined): () => void {
  const letGo = atExit('answers', () => {
    flights.catchUp()
    figures?.writeAtExit()
  })
  if (figures === undefined || store.writesAtExit === true) return letGo
  const undo = beforeExit(() => {
    flights.catchUp()
    figures.beforeExit()
  })
  return () => {
    undo()
    letGo()
  }
}

/** Removes an entry and the entries of its items: if one is wrong, so is the other. */
async function clearKey(tiers: Tiers, filter: Filter, key: string): Promise<number> {
  const remove = (items: readonly string[]): Promise<unknown> => Promise.all(items.map((item) => tiers.delete(item)))
  // Read before the entry is removed. Memory answers synchronously: its items are gone before the first await.
  const found = tiers.itemKeys({ ...filter, key })
  const removed = isPromiseLike(found) ? undefined : remove(found)
  const cleared = tiers.clear(filter)
  await (removed ?? remove(await found))
  return cleared
}

const NOTICES = {
  'no-secret':
    "Calls without an API key on the wire (SigV4, a local server) have nothing to seal their answers under: those stay in memory. With the store's option encryption: { key } they are stored too.",
  rotating:
    'The credential of a call is one that is replaced within a day; answers are stored under it and not found again with the next one. The option `identity`, with encryption: { key } of the store, says who shares them instead.',
} as const

function createTiers(
  options: ResolvedOptions,
  counters: Counters,
  warnings: Warnings,
  onEvict: (key: string) => void,
): Tiers {
  const { maxSize, maxEntries } = options
  const evicted = (key: string): void => {
    counters.count('evictions')
    onEvict(key)
  }
  const memory = new MemoryStore({ maxSize, maxEntries, onEvict: evicted })
  return new Tiers(memory, options.store, {
    timeout: options.storeTimeout * 1000,
    onError: (error) => {
      reportError('store', error)
      warnings.warn(
        'LLM_CACHE_STORE',
        `The store fails (${errorWords(error)}); calls go on without it until it is back`,
      )
    },
    onNotice: (notice) => warnings.warn('LLM_CACHE_STORE', NOTICES[notice]),
  })
}
