import { setTimeout as wait } from 'node:timers/promises'
import { Agent, getGlobalDispatcher, setGlobalDispatcher } from 'undici'
import { createLlmCache, type LlmCache, type LlmCacheOptions, type Stats } from '../../lib/index.ts'
import { HUGE, makeCall } from './doors.ts'
import { type CallPlan, planOf } from './plan.ts'
import { openProvider, type SoakProvider } from './provider.ts'
import { countResources, grown, usedBytes } from './resources.ts'
import type { Taker } from './taker.ts'
import { problemOf } from './verify.ts'

/** How long and how hard. */
export interface SoakSettings {
  readonly seed: number
  readonly seconds: number
  /** Callers at once; default 24. */
  readonly callers?: number
  /** Told now and then. */
  readonly onProgress?: (report: Pick<SoakReport, 'calls' | 'problems'>) => void
}

/** What came of it. */
export interface SoakReport {
  readonly calls: number
  /** Each problem once, with the number of the first call that showed it and how many did. */
  readonly problems: readonly string[]
  readonly stats: Stats
  /** Bytes in use after the warm-up and at the end, both after garbage collection and with an empty cache. */
  readonly bytes: { readonly start: number; readonly end: number }
}

// Small bounds, so that everything runs into them.
const OPTIONS = {
  ttl: 1,
  staleWhileRevalidate: 1,
  staleIfError: 2,
  maxSize: 400_000,
  maxEntrySize: 50_000,
  maxRequestSize: HUGE / 2,
} as const satisfies LlmCacheOptions

const PATIENCE = 20_000
const GROWTH = 0.1

/** Calls a misbehaving provider through the cache from every door, and looks at every answer and at what is left behind. */
export async function soak({ seed, seconds, callers = 24, onProgress }: SoakSettings): Promise<SoakReport> {
  const resources = countResources()
  const before = getGlobalDispatcher()
  const problems = new Problems()
  const unwatch = watchProcess(problems)
  const provider = await openProvider()
  const agent = new Agent()
  const cache = createLlmCache({ ...OPTIONS, hosts: [provider.origin] })
  setGlobalDispatcher(agent.compose(cache.interceptor))
  const crowd = new Crowd(seed, provider, cache, problems)

  await crowd.run(callers, seconds / 2)
  onProgress?.({ calls: crowd.calls, problems: problems.list() })
  const start = await settle(crowd, provider, cache, problems)
  await crowd.run(callers, seconds / 2)
  const stats = cache.stats()
  const end = await settle(crowd, provider, cache, problems)
  if (end > start * (1 + GROWTH)) problems.add(`memory has grown from ${start} to ${end} bytes`, crowd.calls)

  setGlobalDispatcher(before)
  await cache.close()
  await agent.destroy()
  await provider.close()
  unwatch()
  // Sockets close in the event loop's own time.
  for (let turns = 0; grown(resources, countResources()).length > 0 && turns < 50; turns++) await wait(20)
  for (const leak of grown(resources, countResources())) problems.add(`is left behind: ${leak}`, crowd.calls)
  return { calls: crowd.calls, problems: problems.list(), stats, bytes: { start, end } }
}

/** Waits until nothing is under way, asks for each prompt once more, empties the cache and weighs the process. */
async function settle(crowd: Crowd, provider: SoakProvider, cache: LlmCache, problems: Problems): Promise<number> {
  if (!(await provider.drained(PATIENCE))) problems.add('a provider call stays open', crowd.calls)
  await crowd.probe()
  await provider.drained(PATIENCE)
  await cache.clear()
  const { entries, size } = cache.stats()
  if (entries > 0 || size > 0) problems.add(`${entries} entries of ${size} bytes survive a clear`, crowd.calls)
  return usedBytes()
}

/** Many callers. */
class Crowd {
  calls = 0
  readonly #seed: number
  readonly #provider: SoakProvider
  readonly #cache: LlmCache
  readonly #problems: Problems

  constructor(seed: number, provider: SoakProvider, cache: LlmCache, problems: Problems) {
    this.#seed = seed
    this.#provider = provider
    this.#cache = cache
    this.#problems = problems
  }

  /** So many at once, for so many seconds. */
  async run(callers: number, seconds: number): Promise<void> {
    const until = performance.now() + seconds * 1000
    const work = async (): Promise<void> => {
      while (performance.now() < until) await this.#call(planOf(this.#seed, this.calls++))
    }
    await Promise.all(Array.from({ length: callers }, work))
  }

  /** Asks for prompts that may have flights left: such a call would be told `COALESCED`. */
  async probe(): Promise<void> {
    for (let serial = 0; serial < 200; serial++) {
      const { prompt, stream } = planOf(this.#seed, serial)
      // Callers share a flight where they take the same codings: fetch takes some, request none.
      for (const door of ['request', 'built-in fetch'] as const) {
        const quiet = { door, body: 'json', trouble: { kind: 'none' }, reader: { kind: 'whole' } } as const
        const outcome = await this.#call({ serial, prompt, stream, ...quiet })
        if (outcome === 'COALESCED') this.#problems.add('a flight outlives its callers', serial)
      }
    }
  }

  async #call(plan: CallPlan): Promise<string | undefined> {
    const { over, stop } = timeout(PATIENCE)
    const call = makeCall(this.#provider.origin, plan)
    const outcome = await Promise.race([call.outcome, over])
    stop()
    const problem = outcome === undefined ? hangOf(plan, call.taker) : problemOf(plan, outcome)
    if (problem !== undefined) this.#problems.add(`${plan.door}: ${problem}`, plan.serial)
    const { size } = this.#cache.stats()
    if (size > OPTIONS.maxSize + OPTIONS.maxEntrySize) this.#problems.add('maxSize is exceeded', plan.serial)
    return outcome?.cache
  }
}

const HAS_UNDICI_6 = process.versions.undici?.startsWith('6.') === true

/**
 * Node 22's fetch (undici 6) forgets a reader whose signal aborts after the end of a compressed answer and before its own
 * decoding of it: at `onComplete` it stops listening for the abort. Any dispatcher that answers so shows it.
 */
function hangOf({ door, reader }: CallPlan, { coding }: Taker): string | undefined {
  const isForgetful = HAS_UNDICI_6 && (door === 'built-in fetch' || door === 'openai')
  return isForgetful && reader.kind === 'aborts' && coding === 'gzip' ? undefined : 'hangs'
}

function timeout(milliseconds: number): { over: Promise<undefined>; stop: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => resolve(undefined), milliseconds)
  return { over: promise, stop: () => clearTimeout(timer) }
}

/** Problems by their words: one that a thousand calls have is one. */
class Problems {
  readonly #first = new Map<string, number>()
  readonly #counts = new Map<string, number>()

  add(problem: string, serial: number): void {
    if (!this.#first.has(problem)) this.#first.set(problem, serial)
    this.#counts.set(problem, (this.#counts.get(problem) ?? 0) + 1)
  }

  list(): string[] {
    return [...this.#first].map(
      ([problem, serial]) => `${problem} (first: call ${serial}; ${this.#counts.get(problem)} times)`,
    )
  }
}

function watchProcess(problems: Problems): () => void {
  const onRejection = (reason: unknown): void => problems.add(`an unhandled rejection: ${String(reason)}`, -1)
  const onWarning = ({ name }: Error): void => {
    if (name === 'MaxListenersExceededWarning') problems.add('a listener leaks', -1)
  }
  process.on('unhandledRejection', onRejection)
  process.on('warning', onWarning)
  return () => {
    process.off('unhandledRejection', onRejection)
    process.off('warning', onWarning)
  }
}
