import { AsyncLocalStorage } from 'node:async_hooks'
import type { Finder, FinderCall, Found, Search } from '../finders/finder.ts'
import { reportError } from '../telemetry/diagnostics.ts'
import type { Entry } from '../stores/entry.ts'
import { SemanticFigures, type SemanticStats } from '../telemetry/semantic-figures.ts'
import type { Removal } from '../stores/removal.ts'
import type { AskedQuestion, QuestionMatcher, RejectedMatch } from './question-matcher.ts'
import type { ResolvedSemanticOptions } from './semantic-options.ts'

const SIMILAR_TO_ITSELF: readonly string[] = Object.freeze(['x-llm-cache-similarity', '1'])
const NOTHING: readonly string[] = Object.freeze([])

/**
 * Answers a question with the answer to another one of the same meaning. Its code is loaded by the first call that may
 * be answered so. Only misses are searched for, and nothing is embedded before there is something to compare with.
 */
export class SemanticFinder implements Finder {
  readonly name = 'semantic'
  readonly #options: ResolvedSemanticOptions
  readonly #figures = new SemanticFigures()
  /**
   * The embedder may call through this cache. The `cache.with` scope of the call that loads it must not apply there.
   */
  readonly #outside = AsyncLocalStorage.snapshot()
  #matcher: QuestionMatcher | undefined
  #loading: Promise<QuestionMatcher> | undefined

  constructor(options: ResolvedSemanticOptions) {
    this.#options = options
  }

  open(call: FinderCall): Search | undefined {
    if (call.plan.semantic === undefined || call.match.endpoint.format.conversation === undefined) return undefined
    return new SemanticSearch(() => this.#matcher ?? this.#load(), call)
  }

  exactFields({ plan }: FinderCall): readonly string[] {
    return plan.semantic?.mode === 'on' ? SIMILAR_TO_ITSELF : NOTHING
  }

  stats(): SemanticStats {
    return this.#figures.snapshot()
  }

  /**
   * See `LlmCache.reject`. Resolves to the entry to remove and the pair to remember; `undefined` for anything but a
   * match id.
   */
  async reject(matchId: string): Promise<RejectedMatch | undefined> {
    return (await this.#load()).reject(matchId)
  }

  /** Whether two answers say the same by their vectors; see `QuestionMatcher.isSimilar`. */
  async isSimilar(a: string, b: string): Promise<boolean> {
    return (await this.#load()).isSimilar(a, b)
  }

  /** Forgets the questions of entries that were removed from every tier. */
  forget(removal: Removal): void {
    this.#matcher?.forget(removal)
  }

  /** Forgets the question of an entry whose only copy was evicted. */
  evicted(key: string): void {
    this.#matcher?.evicted(key)
  }

  /** Resolves when the questions of all answers stored so far have been sent to the store. */
  async settled(): Promise<void> {
    await (await this.#loading)?.settled()
  }

  #load(): Promise<QuestionMatcher> {
    this.#loading ??= import('./question-matcher.ts').then(({ QuestionMatcher }) => {
      this.#matcher = this.#outside(() => new QuestionMatcher(this.#options, this.#figures))
      return this.#matcher
    })
    return this.#loading
  }
}

/** The search for one call. Its question is read once, for the search and for learning. */
class SemanticSearch implements Search {
  readonly #matcher: () => QuestionMatcher | Promise<QuestionMatcher>
  readonly #call: FinderCall
  /** `null`: not read yet. */
  #asked: AskedQuestion | undefined | null = null

  constructor(matcher: () => QuestionMatcher | Promise<QuestionMatcher>, call: FinderCall) {
    this.#matcher = matcher
    this.#call = call
  }

  find(): Found | Promise<Found> {
    const matcher = this.#matcher()
    return 'then' in matcher ? matcher.then((loaded) => this.#find(loaded)) : this.#find(matcher)
  }

  stored(entry: Entry): void {
    const matcher = this.#matcher()
    // Synchronous if possible: the next call must see that the vector is being computed.
    if ('then' in matcher)
      matcher.then((loaded) => this.#learn(loaded, entry)).catch((error: unknown) => reportError('finder', error))
    else this.#learn(matcher, entry)
  }

  #find(matcher: QuestionMatcher): Found | Promise<Found> {
    const asked = this.#read(matcher)
    return asked === undefined ? { use: 'none' } : matcher.find(asked)
  }

  #learn(matcher: QuestionMatcher, entry: Entry): void {
    const asked = this.#read(matcher)
    if (asked !== undefined) matcher.learn(asked, entry)
  }

  #read(matcher: QuestionMatcher): AskedQuestion | undefined {
    if (this.#asked === null) this.#asked = matcher.read(this.#call)
    return this.#asked
  }
}
