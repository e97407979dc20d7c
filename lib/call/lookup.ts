import { Searches, exactFields } from '../finders/searches.ts'
import type { Flight } from '../flight/flight.ts'
import type { Rescue } from '../flight/flight-hooks.ts'
import type { Identified } from '../key/identified-call.ts'
import type { CachePlan } from '../controls/plan.ts'
import type { Explanation } from '../explain/explainer.ts'
import { addDetail, detail } from '../replay/cache-status.ts'
import type { Entry } from '../stores/entry.ts'
import { assess, isFailing } from '../stores/freshness.ts'
import type { Asker } from './asker.ts'
import { decide, type Decision, type Known } from './decision.ts'
import { explainMiss, keptAsked } from './explain-miss.ts'
import { LookupCall } from './lookup-call.ts'
import { dispatchTo } from '../undici/dispatch.ts'
import { startProviderCall } from './provider-call.ts'
import { isChecked, recheck } from './recheck.ts'
import type { ProviderCall } from './store-answer.ts'

/** One call that uses the cache: looks its entry up, decides, then replays an answer, joins a flight or leads one. */
export class Lookup {
  readonly #asker: Asker
  readonly #identity: Identified
  readonly #plan: CachePlan
  readonly #call: LookupCall
  readonly #known: { -readonly [Name in keyof Known]: Known[Name] }
  #searches: Searches | undefined
  /** When the entry was looked at. */
  #lookedAt: number | undefined

  constructor(asker: Asker, identity: Identified, plan: CachePlan) {
    this.#asker = asker
    this.#identity = identity
    this.#plan = plan
    this.#call = new LookupCall(asker, identity, plan)
    this.#known = {
      plan,
      coalesce: asker.context.options.coalesce !== false,
      freshness: undefined,
      entry: undefined,
      isProvoked: false,
      running: undefined,
      found: undefined,
    }
  }

  run(): void {
    const { context } = this.#asker
    const { key } = this.#call
    context.flights.catchUp(key)
    if (this.#plan.clear) void context.clear({ key })
    // Running provider calls are looked up after the entry.
    this.#act(decide(this.#known))
  }

  #go(): void {
    this.#known.running = this.#running()
    this.#act(decide(this.#known))
  }

  #act(decision: Decision): void {
    const { context, reply } = this.#asker
    switch (decision.step) {
      case 'look':
        return this.#asker.proceed(context.tiers.get(this.#call.key, this.#call.access), (entry) => this.#looked(entry))
      case 'search':
        return this.#search()
      case 'serve':
        return this.#serve(decision)
      case 'join':
        return this.#join(decision.flight, decision.fallback)
      case 'lead':
        return this.#lead(decision)
      case 'timeout':
        return reply.gatewayTimeout(this.#call.key, this.#plan, withReason([ONLY_IF_CACHED], this.#explain()))
      default:
        return decision satisfies never
    }
  }

  #looked(entry: Entry | undefined): void {
    this.#known.isProvoked = this.#plan.retry && !this.#asker.context.retries.explains(this.#call.key)
    this.#see(entry)
  }

  #see(entry: Entry | undefined): void {
    const now = Date.now()
    this.#lookedAt = now
    this.#known.entry = entry
    this.#known.freshness = entry === undefined ? NONE : assess(entry, this.#plan, now)
    this.#go()
  }

  #search(): void {
    const searches = this.#opened()
    // An answer to another call has just been judged, and a finder may have stored a part of it under this key.
    const entry = this.#asker.context.tiers.memory.get(this.#call.key)
    if (entry !== undefined && entry !== this.#known.entry) return this.#see(entry)
    this.#asker.proceed(searches.find(), (found) => {
      this.#known.found = found
      this.#go()
    })
  }

  /** Opens the searches. Finders read and write other keys, so pending answers are judged first. */
  #opened(): Searches {
    const { context } = this.#asker
    this.#searches ??= new Searches(context.finders, this.#call)
    if (!this.#searches.isEmpty) context.flights.catchUp()
    return this.#searches
  }

  #running(): Flight | undefined {
    const { context, reply } = this.#asker
    const mayJoin = context.options.coalesce && (this.#plan.join || this.#plan.retry)
    return mayJoin ? context.flights.find(this.#call.key, reply.acceptEncoding, this.#plan.retry) : undefined
  }

  #serve({ entry, status, parameters, revalidate, fields }: Decision & { step: 'serve' }): void {
    const { context, reply } = this.#asker
    if (revalidate) this.#revalidate()
    const isExact = entry === this.#known.entry
    const more = isExact && context.exactFinders.length > 0 ? exactFields(context.exactFinders, this.#call) : fields
    const at = isExact ? this.#lookedAt : undefined // a finder may have taken its time
    reply.replay(entry, this.#plan, { status, parameters, fields: more, at })
    if (status === 'HIT' && isExact && context.options.revalidateShare > 0) this.#recheck(entry)
  }

  #recheck(entry: Entry): void {
    const { context, dispatch } = this.#asker
    const { key } = this.#call
    if (!isChecked(context, { key, facts: this.#identity.facts, plan: this.#plan }, entry)) return
    recheck(context, this.#providerCall('REFRESH'), entry, dispatch, this.#asker.upstream())
  }

  #join(flight: Flight, fallback: Entry | undefined): void {
    const { reply } = this.#asker
    const parameters = ['fwd=miss', 'collapsed']
    const decorate = reply.live({ status: 'COALESCED', key: this.#call.key, plan: this.#plan, parameters })
    flight.attach(reply.caller, { decorate }, this.#rescue(fallback))
  }

  #lead({ status, parameters, shared, fallback, call }: Decision & { step: 'lead' }): void {
    const { context, reply, dispatch } = this.#asker
    const why = status === 'MISS' ? this.#explain() : undefined
    const flight = startProviderCall(context, this.#providerCall(status, why), shared ? 'shared' : 'alone')
    const told = withReason(parameters, why)
    const decorate = reply.live({ status, key: this.#call.key, plan: this.#plan, parameters: told })
    flight.attach(reply.caller, { decorate }, this.#rescue(fallback))
    dispatchTo(call === undefined ? dispatch : call.over(dispatch), this.#asker.upstream(), flight)
  }

  #revalidate(): void {
    const { context, dispatch } = this.#asker
    if (!this.#plan.write || context.flights.has(this.#call.key)) return
    dispatchTo(dispatch, this.#asker.upstream(), startProviderCall(context, this.#providerCall('REFRESH'), 'behind'))
  }

  /** Why the call missed, if an explanation is asked for. */
  #explain(): Explanation | undefined {
    return this.#plan.explain ? explainMiss(this.#asker, this.#call, this.#known.entry) : undefined
  }

  #providerCall(status: ProviderCall['status'], why?: Explanation): ProviderCall {
    const { match, reply } = this.#asker
    const { facts } = this.#identity
    const { acceptEncoding } = reply
    const { key, access } = this.#call
    return {
      key,
      status,
      match,
      facts,
      plan: this.#plan,
      acceptEncoding,
      access,
      searches: this.#opened(),
      missed: why?.text,
      prompt: this.#asker.prompt?.(),
      asked: this.#plan.explain ? keptAsked(this.#call) : undefined,
    }
  }

  #rescue(stale: Entry | undefined): Rescue | undefined {
    if (stale === undefined) return undefined
    return (failure) => {
      if ('status' in failure && !isFailing(failure.status)) return false
      const why = 'status' in failure ? [`fwd-status=${failure.status}`] : []
      const note = 'status' in failure ? 'stale-if-error' : `stale-if-error ${nameOf(failure.error)}`
      const parameters = ['fwd=stale', ...why, detail(note)]
      this.#asker.reply.replay(stale, this.#plan, { status: 'STALE', parameters })
      return true
    }
  }
}

const ONLY_IF_CACHED = detail('only-if-cached')

function withReason(parameters: readonly string[], why: Explanation | undefined): readonly string[] {
  return why?.told === undefined ? parameters : addDetail(parameters, why.told)
}

const NONE = Object.freeze({ use: 'none' as const })

function nameOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.name
}
