import type { Dispatcher } from 'undici'
import type { Core } from './core.ts'
import { publish } from './diagnostics.ts'
import { Flight } from './flight.ts'
import type { Match, RequestFacts } from './providers/provider.ts'
import type { Refusal } from './reasons.ts'
import type { CachePlan } from './request/plan.ts'
import type { Entry } from './response/entry.ts'
import { type Head, headerOf, storableHeaders } from './response/head.ts'
import { createJudge, type Verdict } from './response/judge.ts'
import type { LiveTape } from './response/tape.ts'

/** One provider call to be made, and what its answer will be stored as. */
export interface Trip {
  readonly key: string
  /** Callers with the same one may share the flight. */
  readonly flightKey: string
  readonly match: Match
  readonly facts: RequestFacts
  readonly plan: CachePlan
  /** Of the caller that makes the call. */
  readonly acceptEncoding: string
}

/** Makes the flight of one trip and enters it; `isShared`: others may join. It does not start the call. */
export function launch(core: Core, trip: Trip, isShared: boolean): Flight {
  const log = new TripLog(core, trip)
  const { options, flights } = core
  const flight = new Flight({
    key: trip.flightKey,
    target: log.target,
    maxEntrySize: options.maxEntrySize,
    onAbandon: options.onAbandon,
    now: () => performance.now(),
    judge: (head, onTurn) => log.judge(head, onTurn),
    store: (tape, verdict) => log.store(tape, verdict),
    retract: () => log.retract(),
    refused: (reason) => log.refused(reason),
    failed: (callers) => core.retries.failed(trip.key, callers),
    closed: (closed) => flights.close(closed),
    settled: (settled) => {
      flights.remove(settled)
      log.settled(settled.followers)
    },
    broken: (error) => publish('undici-llm-cache:error', () => ({ where: 'answer', reason: 'internal', error })),
  })
  flights.add(flight, isShared)
  return flight
}

/** Sends one flight's call on its way; what `dispatch` throws reaches the callers as undici's own errors do. */
export function send(flight: Flight, dispatch: Dispatcher['dispatch'], opts: Dispatcher.DispatchOptions): void {
  try {
    dispatch(opts, flight)
  } catch (error) {
    flight.fail(error)
  }
}

/** What a flight tells the rest of the cache. */
class TripLog {
  readonly target: {
    key: string
    provider: string
    model: string | undefined
    namespace: string
    tags: readonly string[]
    storedAt: number
  }
  readonly #core: Core
  readonly #trip: Trip
  readonly #startedAt = performance.now()
  #entry: Entry | undefined

  constructor(core: Core, trip: Trip) {
    this.#core = core
    this.#trip = trip
    const { key, match, facts, plan } = trip
    this.target = {
      key,
      provider: match.provider.id,
      model: facts.model,
      namespace: plan.namespace,
      tags: plan.tags,
      storedAt: Date.now(),
    }
  }

  judge(head: Head, onTurn: (verdict: Verdict) => void): ReturnType<typeof createJudge> | Refusal {
    if (!this.#trip.plan.write) return 'read-only'
    const { refuse, maxEntrySize } = this.#core.options
    const format = this.#trip.match.endpoint.format
    const header = (name: string): string | undefined => headerOf(head.headers, name)
    return createJudge({ format, header, refuse, maxSize: maxEntrySize, onTurn })
  }

  store(tape: LiveTape, verdict: Verdict & { store: true }): void {
    if (tape.head === undefined) return
    const { match, facts, plan, acceptEncoding } = this.#trip
    const { staleWhileRevalidate, staleIfError } = plan
    const storedAt = Date.now()
    const expiresAt = storedAt + plan.ttl * 1000
    const entry: Entry = {
      ...this.target,
      endpoint: match.pathname,
      stream: facts.stream,
      size: tape.size,
      storedAt,
      expiresAt,
      keptUntil: expiresAt + Math.max(staleWhileRevalidate, staleIfError) * 1000,
      usage: verdict.usage,
      duration: performance.now() - this.#startedAt,
      status: tape.head.status,
      statusText: tape.head.statusText,
      headers: storableHeaders(tape.head.headers),
      acceptEncoding,
      ...tape.bytes(facts.stream),
    }
    if (this.#entry === undefined) this.#core.counters.count('stores')
    this.#entry = entry
    this.#core.tiers.set(entry)
    publish('undici-llm-cache:store', () => ({ key: entry.key, provider: entry.provider, size: entry.size }))
  }

  retract(): void {
    if (this.#entry !== undefined) this.#core.tiers.retract(this.#entry)
    this.#entry = undefined
  }

  refused(reason: Refusal): void {
    const { key, provider } = this.target
    this.#core.counters.refuse(reason)
    publish('undici-llm-cache:refuse', () => ({ key, provider, reason }))
  }

  /** Followers paid nothing, if there was something to pay for. */
  settled(followers: number): void {
    if (this.#entry === undefined) return
    for (let i = 0; i < followers; i++) this.#core.counters.save(this.#entry)
  }
}
