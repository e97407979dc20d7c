import { setTimeout as wait } from 'node:timers/promises'
import { Agent, getGlobalDispatcher, setGlobalDispatcher } from 'undici'
import { type CacheContext, createContext } from '../../../lib/call/context.ts'
import type { LlmCacheOptions } from '../../../lib/index.ts'
import type { Figures } from '../../../lib/telemetry/stats.ts'
import { createInterceptor } from '../../../lib/interceptor.ts'
import { resolveOptions } from '../../../lib/options/resolve-options.ts'
import { bodyOf, HUGE, makeCall } from './doors.ts'
import { type CallPlan, DOORS, planOf } from './plan.ts'
import { openProvider, type SoakProvider } from './provider.ts'
import { countResources, countTimers, grown, usedBytes } from './resources.ts'
import type { Outcome, Taker } from './taker.ts'
import { failsEarly, problemOf } from './verify.ts'

/** How long and how hard. */
export interface SoakSettings {
  readonly seed: number
  readonly seconds: number
  /** Callers at once; default 24. */
  readonly callers?: number
  /** Goes on past `seconds` until this holds of the figures, but at most 30 times as long. Default at once. */
  readonly until?: (stats: Figures) => boolean
  /** Told at half time. */
  readonly onProgress?: (report: Pick<SoakReport, 'calls' | 'problems'>) => void
}

/** What came of it. */
export interface SoakReport {
  readonly calls: number
  /** Each problem once, with the number of the first call that showed it and how many did. */
  readonly problems: readonly string[]
  readonly stats: Figures
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
/** Milliseconds in which the provider's thread tells what it has done. */
const HEARSAY = 200

/** Calls a misbehaving provider through the cache from every door, and looks at every answer and at what is left behind. */
export async function soak({ seed, seconds, callers = 24, until, onProgress }: SoakSettings): Promise<SoakReport> {
  const resources = countResources()
  const before = getGlobalDispatcher()
  const problems = new Problems()
  const unwatch = watchProcess(problems)
  const provider = await openProvider()
  const agent = new Agent()
  const context = createContext(resolveOptions({ ...OPTIONS, hosts: [provider.origin] }))
  setGlobalDispatcher(agent.compose(createInterceptor(context)))
  const crowd = new Crowd(seed, provider, context, problems)

  // Until what is compiled on the way no longer counts as memory.
  await crowd.run(callers, seconds / 4)
  await settle(crowd, provider, context, problems)
  await crowd.run(callers, seconds / 4)
  onProgress?.({ calls: crowd.calls, problems: problems.list() })
  const start = await settle(crowd, provider, context, problems)
  await crowd.run(callers, seconds / 2)
  const figures = (): Figures => context.counters.snapshot(context.tiers.memory.count, context.tiers.memory.size)
  for (let more = 0; until?.(figures()) === false && more < 60; more++) await crowd.run(callers, seconds / 2)
  const stats = figures()
  const end = await settle(crowd, provider, context, problems)
  if (end.bytes > start.bytes * (1 + GROWTH)) {
    problems.add(`memory has grown from ${start.bytes} to ${end.bytes} bytes`, crowd.calls)
  }
  // Each caller may have left one of its client's behind.
  if (end.timers > start.timers + callers) {
    problems.add(`${start.timers} timers have become ${end.timers}`, crowd.calls)
  }
  for (const door of crowd.barren()) problems.add(`${door}: no call was answered whole`, crowd.calls)

  setGlobalDispatcher(before)
  await context.tiers.close()
  await agent.destroy()
  await provider.close()
  unwatch()
  // Sockets close in the event loop's own time.
  for (let turns = 0; grown(resources, countResources()).length > 0 && turns < 50; turns++) await wait(20)
  for (const leak of grown(resources, countResources())) problems.add(`is left behind: ${leak}`, crowd.calls)
  const bytes = { start: start.bytes, end: end.bytes }
  return { calls: crowd.calls, problems: problems.list(), stats, bytes }
}

/** What a process holds where nothing is under way. */
interface Weight {
  readonly bytes: number
  readonly timers: number
}

/** Waits until nothing is under way, empties the cache and weighs the process. */
async function settle(
  crowd: Crowd,
  provider: SoakProvider,
  context: CacheContext,
  problems: Problems,
): Promise<Weight> {
  if (!(await provider.drained(PATIENCE))) problems.add('a provider call stays open', crowd.calls)
  for (let turns = 0; context.flights.size > 0 && turns < 50; turns++) await wait(20)
  if (context.flights.size > 0) problems.add('a flight outlives its callers', crowd.calls)
  await context.clear({})
  const { count, size } = context.tiers.memory
  if (count > 0 || size > 0) problems.add(`${count} entries of ${size} bytes survive a clear`, crowd.calls)
  return { bytes: await usedBytes(), timers: countTimers() }
}

/** Many callers. */
class Crowd {
  calls = 0
  readonly #seed: number
  readonly #provider: SoakProvider
  readonly #context: CacheContext
  readonly #problems: Problems
  readonly #fruitful = new Set<string>()

  constructor(seed: number, provider: SoakProvider, context: CacheContext, problems: Problems) {
    this.#seed = seed
    this.#provider = provider
    this.#context = context
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

  /** Doors that never gave a whole answer. */
  barren(): string[] {
    return DOORS.filter((door) => !this.#fruitful.has(door))
  }

  async #call(plan: CallPlan): Promise<void> {
    const start = performance.now()
    const { over, stop } = timeout(PATIENCE)
    const call = makeCall(this.#provider.origin, plan)
    const outcome = await Promise.race([call.outcome, over])
    stop()
    const problem = outcome === undefined ? hangOf(plan, call.taker) : await this.#look(plan, outcome, start)
    if (problem !== undefined) this.#problems.add(`${plan.door}: ${problem}`, plan.serial)
    if (outcome?.status === 200 && outcome.end === 'whole') this.#fruitful.add(plan.door)
    // Added up here: the memory tier's own count is what is put to the test.
    let size = 0
    for (const entry of this.#context.tiers.memory.entries()) size += entry.size
    if (size > OPTIONS.maxSize + OPTIONS.maxEntrySize) this.#problems.add('maxSize is exceeded', plan.serial)
  }

  async #look(plan: CallPlan, outcome: Outcome, start: number): Promise<string | undefined> {
    if (!failsEarly(plan, outcome)) return problemOf(plan, outcome)
    await wait(HEARSAY)
    const isShared = this.#provider.hasHarmed(bodyOf(plan), performance.now() - start + HEARSAY)
    return isShared ? undefined : 'fails before its head though the provider did not'
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
