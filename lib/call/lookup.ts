import type { Dispatcher } from 'undici'
import type { Asker } from './asker.ts'
import { Batch, isBatchable, type Known } from '../embeddings/batch.ts'
import type { Flight } from '../flight/flight.ts'
import type { Rescue } from '../flight/flight-hooks.ts'
import { assess, isFailing } from '../stores/freshness.ts'
import { startProviderCall, send } from './provider-call.ts'
import type { ProviderCall } from './store-answer.ts'
import type { Identified } from '../key/identify.ts'
import { type KeyScope, PLAIN_SCOPE } from '../key/key.ts'
import type { CachePlan } from '../controls/plan.ts'
import type { Entry } from '../stores/entry.ts'
import type { Access } from '../stores/store.ts'
import { detail } from '../replay/cache-status.ts'

/** How a provider call is told in the status fields, and what it may do. */
interface Lead {
  readonly status: 'MISS' | 'REFRESH'
  readonly parameters: readonly string[]
  /** A stale answer that stands in for a failure. */
  readonly fallback?: Entry | undefined
  /** Default the asker's own. */
  readonly dispatch?: Dispatcher['dispatch']
}

/** One call that uses the cache: lookup → replay, join a flight, or lead one. */
export class Lookup {
  readonly #asker: Asker
  readonly #identity: Identified
  readonly #plan: CachePlan
  readonly #key: string
  readonly #access: Access | undefined
  readonly #batch: Batch | undefined

  constructor(asker: Asker, identity: Identified, plan: CachePlan) {
    this.#asker = asker
    this.#identity = identity
    this.#plan = plan
    const variant = plan.samples > 1 ? this.#sample() : plan.variant
    const scope = scopeOf(plan, variant)
    this.#key = identity.key(scope)
    this.#access = asker.core.tiers.hasStore ? identity.access(scope) : undefined
    const { core, match } = asker
    if (core.options.embeddings === 'items' && isBatchable(match, plan)) {
      const { tiers, counters, options: limits } = core
      const itemKey = (item: Identified): string => item.key(scope)
      const call = { match, identity, plan, key: this.#key, keyOf: itemKey, access: this.#access }
      this.#batch = new Batch({ tiers, counters, limits, ...call })
    }
  }

  run(): void {
    const { core, reply } = this.#asker
    const { only, read, clear, retry } = this.#plan
    if (only && !read) return reply.gatewayTimeout(this.#key, this.#plan)
    // A batch looks for its texts one by one, under keys of theirs.
    core.flights.catchUp(this.#batch === undefined ? this.#key : undefined)
    if (clear) void core.clear({ key: this.#key })
    if (!read && !retry) return this.#lead({ status: 'REFRESH', parameters: ['fwd=request'] })
    this.#asker.proceed(core.tiers.get(this.#key, this.#access), (entry) => this.#found(entry))
  }

  #found(entry: Entry | undefined): void {
    const { core, reply } = this.#asker
    const plan = this.#plan
    const fresh = entry === undefined ? undefined : assess(entry, plan, Date.now())
    const isProvoked = plan.retry && !core.retries.explains(this.#key)
    if (entry !== undefined && (fresh?.use === 'hit' || fresh?.use === 'stale')) {
      if (isProvoked) return this.#lead({ status: 'REFRESH', parameters: ['fwd=request', detail('retry')] })
      if (fresh.use === 'hit') return reply.replay(entry, plan, 'HIT')
      if (fresh.revalidate) this.#revalidate()
      const why = detail(fresh.revalidate ? 'stale-while-revalidate' : 'max-stale')
      return reply.replay(entry, plan, 'STALE', ['hit', why])
    }
    const fallback = fresh?.use === 'fallback' ? entry : undefined
    const batch = isProvoked || this.#running() !== undefined ? undefined : this.#batch
    if (batch === undefined) return this.#weigh({ use: 'none' }, fallback)
    this.#asker.proceed(batch.lookUp(), (known) => this.#weigh(known, fallback))
  }

  #weigh(known: Known, fallback: Entry | undefined): void {
    const { reply, dispatch } = this.#asker
    if (known.use === 'all') return reply.replay(known.entry, this.#plan, 'HIT')
    if (this.#plan.only) return reply.gatewayTimeout(this.#key, this.#plan)
    const isPlain = known.use === 'none' || fallback !== undefined || this.#running() !== undefined
    if (isPlain) return this.#miss(fallback)
    const { call } = known
    this.#lead({ status: 'MISS', parameters: call.parameters, dispatch: call.over(dispatch) })
  }

  #running(): Flight | undefined {
    const { core, reply } = this.#asker
    const isOpen = core.options.coalesce && (this.#plan.join || this.#plan.retry)
    return isOpen ? core.flights.find(this.#key, reply.acceptEncoding, this.#plan.retry) : undefined
  }

  #miss(fallback: Entry | undefined): void {
    const { reply } = this.#asker
    const running = this.#running()
    if (running === undefined) return this.#lead({ status: 'MISS', parameters: ['fwd=miss'], fallback })
    const parameters = ['fwd=miss', 'collapsed']
    const decorate = reply.live({ status: 'COALESCED', key: this.#key, plan: this.#plan, parameters })
    running.attach(reply.caller, { decorate }, this.#rescue(fallback))
  }

  #lead({ status, parameters, fallback, dispatch = this.#asker.dispatch }: Lead): void {
    const { core, reply } = this.#asker
    const plan = this.#plan
    const isShared = status === 'MISS' && core.options.coalesce && (plan.join || plan.retry) && plan.write
    const flight = startProviderCall(core, this.#call(), isShared ? 'shared' : 'alone')
    const decorate = reply.live({ status, key: this.#key, plan, parameters })
    flight.attach(reply.caller, { decorate }, this.#rescue(fallback))
    send(flight, dispatch, this.#asker.upstream())
  }

  #revalidate(): void {
    const { core, dispatch } = this.#asker
    if (!this.#plan.write || core.flights.has(this.#key)) return
    send(startProviderCall(core, this.#call(), 'behind'), dispatch, this.#asker.upstream())
  }

  #call(): ProviderCall {
    const { match, reply } = this.#asker
    const { acceptEncoding } = reply
    const batch = this.#batch
    const settle = batch && ((entry: Entry) => batch.settle(entry))
    const call = {
      key: this.#key,
      match,
      facts: this.#identity.facts,
      plan: this.#plan,
      acceptEncoding,
      access: this.#access,
    }
    return settle === undefined ? call : { ...call, settle }
  }

  /** Fills first, then takes turns; a call that stores nothing takes turns among what is there. */
  #sample(): number {
    const { tiers, flights, samples } = this.#asker.core
    flights.catchUp()
    const identity = this.#identity
    const plan = this.#plan
    const isTaken = (variant: number): boolean => {
      const key = identity.key(scopeOf(plan, variant))
      return tiers.memory.has(key) || flights.has(key)
    }
    const variants = Array.from({ length: plan.samples }, (_, variant) => variant)
    const free = plan.write ? variants.find((variant) => !isTaken(variant)) : undefined
    if (free !== undefined) return free
    const taken = plan.write ? variants : variants.filter(isTaken)
    return taken[samples.next(identity.key(scopeOf(plan, 0))) % taken.length] ?? 0
  }

  #rescue(stale: Entry | undefined): Rescue | undefined {
    if (stale === undefined) return undefined
    return (failure) => {
      if ('status' in failure && !isFailing(failure.status)) return false
      const why = 'status' in failure ? [`fwd-status=${failure.status}`] : []
      const note = 'status' in failure ? 'stale-if-error' : `stale-if-error ${nameOf(failure.error)}`
      this.#asker.reply.replay(stale, this.#plan, 'STALE', ['fwd=stale', ...why, detail(note)])
      return true
    }
  }
}

function scopeOf({ namespace, share }: CachePlan, variant: number): KeyScope {
  const { anyModel, anyProvider, cacheKey } = share
  if (variant === 0 && namespace === '' && cacheKey === undefined && !anyModel && !anyProvider) return PLAIN_SCOPE
  const scope = { namespace, variant, anyModel, anyProvider }
  return cacheKey === undefined ? scope : { ...scope, cacheKey }
}

function nameOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.name
}
