import type { Dispatcher } from 'undici'
import type { Core } from './core.ts'
import { type CacheStatus, publish } from './diagnostics.ts'
import { LlmCacheError } from './errors.ts'
import type { Rescue } from './flight.ts'
import { assess, isFailing } from './freshness.ts'
import { launch, send, type Trip } from './launch.ts'
import { type LegacyHandler, modernHandler } from './legacy.ts'
import type { Match } from './providers/provider.ts'
import type { BypassReason } from './reasons.ts'
import { type ReadBody, readBody } from './request/body.ts'
import { readControls } from './request/control.ts'
import type { Directives } from './request/directives.ts'
import { type OpenRouterStatus, openRouterStatusHeaders } from './request/dialects/openrouter.ts'
import { readHeaders, type RequestHeaders, reusableHeaders } from './request/headers.ts'
import type { Identified } from './request/identify.ts'
import { type CachePlan, earlyBypass, resolvePlan } from './request/plan.ts'
import { upstreamOptions } from './request/upstream.ts'
import { asError, Caller } from './response/caller.ts'
import { negotiate } from './response/coding.ts'
import type { Entry } from './response/entry.ts'
import type { Head } from './response/head.ts'
import { Live } from './response/live.ts'
import { Replay, speedOf } from './response/replay.ts'
import { detail, tell } from './response/status.ts'
import { EntryTape } from './response/tape.ts'

type Options = Dispatcher.DispatchOptions
/** undici's `dispatch`. */
export type Dispatch = Dispatcher['dispatch']

/** The interceptor of one cache, for `dispatcher.compose`. */
export type Interceptor = (dispatch: Dispatch) => Dispatch

/**
 * Makes the interceptor. It goes last in `compose`, which is outermost: above retry, redirect, dns and decompress. What is
 * no LLM call is passed on as it came, its body unread.
 */
export function createInterceptor(core: Core): Interceptor {
  return (dispatch) =>
    function llmCache(opts, handler) {
      const match = opts.method === 'POST' && !core.closed ? core.match(opts.origin, pathOf(opts)) : undefined
      if (match === undefined) return dispatch(opts, handler)
      // An iterator of headers can be walked only once, and undici will walk them again.
      const headers = reusableHeaders(opts.headers)
      const again = headers === opts.headers ? opts : ({ ...opts, headers } as Options) // a flat array, as undici takes it
      new Call(core, dispatch, again, handler, match).run()
      return true
    }
}

// undici.request keeps `query` apart from `path`, fetch does not.
function pathOf({ path, query }: Options): string {
  if (query === undefined || query === null) return path
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one ?? ''))
  }
  return `${path}?${search}`
}

/**
 * One matched call, top to bottom: directives → body → identity → plan → lookup → replay, join or lead. Each step is
 * synchronous where what it needs is at hand. Whatever breaks before an answer has begun makes it a live call.
 */
class Call {
  readonly #core: Core
  readonly #dispatch: Dispatch
  readonly #opts: Options
  readonly #match: Match
  readonly #caller: Caller
  readonly #scope: Directives
  #headers: RequestHeaders | undefined
  #body: unknown
  /** Whether the body is no longer what the caller passed: its `content-length` may be wrong then. */
  #isRebuilt = false
  #contentType: string | undefined
  #model: string | undefined
  #answered = false

  constructor(
    core: Core,
    dispatch: Dispatch,
    opts: Options,
    handler: Dispatcher.DispatchHandler | LegacyHandler,
    match: Match,
  ) {
    this.#core = core
    this.#dispatch = dispatch
    this.#opts = opts
    this.#match = match
    this.#body = opts.body
    this.#caller = new Caller(modernHandler(handler))
    // Read now: the caller's async context is gone once its body has been awaited.
    this.#scope = core.scope.current()
  }

  run(): void {
    this.#caller.start()
    if (this.#caller.done) return
    this.#try(() => this.#direct())
  }

  #direct(): void {
    const { options } = this.#core
    const headers = readHeaders(this.#opts.headers, this.#match.provider)
    this.#headers = headers
    const directives = readControls(headers.controls, { provider: this.#match.provider.id, dialects: options.dialects })
    const early = earlyBypass(directives, this.#scope)
    if (early !== undefined) return this.#bypass(early.reason, early.detail)
    if (this.#opts.upgrade || headers.get('expect') !== undefined) return this.#bypass('protocol')
    if (Number(headers.get('content-length') ?? 0) > options.maxRequestSize) return this.#bypass('body-too-large')
    const body = readBody(
      this.#opts.body,
      options.maxRequestSize,
      this.#caller,
      headers.get('content-type') !== undefined,
    )
    this.#then(body, (read) => this.#identify(read, headers, directives))
  }

  #identify(read: ReadBody, headers: RequestHeaders, directives: Directives): void {
    switch (read.kind) {
      case 'aborted':
        return
      case 'failed':
        return this.#caller.fail(asError(read.error))
      case 'passed':
        this.#body = read.body
        return this.#bypass(read.reason)
      case 'whole': {
        if (typeof this.#opts.body !== 'string' && !ArrayBuffer.isView(this.#opts.body)) this.#rebuild(read.bytes)
        if (headers.get('content-type') === undefined) this.#contentType = read.type
        const call = { match: this.#match, method: this.#opts.method, headers }
        const identified = this.#core.identifier.identify(call, read.bytes)
        return this.#then(identified, (identity) => this.#plan(identity, read.bytes, directives))
      }
      default:
        return read satisfies never
    }
  }

  #plan(identity: Identified, bytes: Uint8Array, header: Directives): void {
    const core = this.#core
    const { facts, control } = identity
    this.#model = facts.model
    if (identity.upstreamBody !== bytes) this.#rebuild(identity.upstreamBody)
    const { provider, pathname, origin } = this.#match
    const rule = core.rule({ provider: provider.id, model: facts.model, host: hostOf(origin), path: pathname })
    const plan = resolvePlan({
      header,
      scope: this.#scope,
      rule,
      body: control,
      facts,
      options: core.options,
      retryCount: this.#headers?.retryCount ?? 0,
    })
    if (!plan.use) return this.#bypass(plan.reason, plan.detail)
    const variant = plan.samples > 1 ? this.#sample(identity, plan) : plan.variant
    const key = keyOf(identity, plan, variant)
    if (plan.clear) void core.clear({ key })
    if (!plan.read && !plan.retry) return this.#lead(key, identity, plan, 'REFRESH', ['fwd=request'])
    this.#then(core.tiers.get(key), (entry) => this.#found(entry, key, identity, plan))
  }

  #found(entry: Entry | undefined, key: string, identity: Identified, plan: CachePlan): void {
    const fresh = entry === undefined ? undefined : assess(entry, plan, Date.now())
    const isProvoked = plan.retry && !this.#core.retries.explains(key)
    if (entry !== undefined && (fresh?.use === 'hit' || fresh?.use === 'stale')) {
      if (isProvoked) return this.#lead(key, identity, plan, 'REFRESH', ['fwd=request', detail('retry')])
      const isStale = fresh.use === 'stale'
      if (isStale && fresh.revalidate) this.#revalidate(key, identity, plan)
      const why = isStale ? [detail(fresh.revalidate ? 'stale-while-revalidate' : 'max-stale')] : []
      return this.#serve(entry, plan, isStale ? 'STALE' : 'HIT', ['hit'], why)
    }
    if (plan.only) return this.#gatewayTimeout(key, plan)
    this.#miss(key, identity, plan, fresh?.use === 'fallback' ? entry : undefined)
  }

  #miss(key: string, identity: Identified, plan: CachePlan, fallback: Entry | undefined): void {
    const { coalesce } = this.#core.options
    const rescue = fallback === undefined ? undefined : this.#rescue(fallback, plan)
    const isOpen = coalesce && (plan.join || plan.retry)
    const running = isOpen ? this.#core.flights.find(this.#flightKey(key), plan.retry) : undefined
    if (running === undefined) return this.#lead(key, identity, plan, 'MISS', ['fwd=miss'], rescue)
    this.#answered = true
    this.#core.counters.count('coalesced')
    const decorate = this.#decorator('COALESCED', key, plan, ['fwd=miss', 'collapsed'])
    running.attach(this.#caller, { decorate }, rescue)
  }

  #lead(
    key: string,
    identity: Identified,
    plan: CachePlan,
    status: 'MISS' | 'REFRESH',
    parameters: string[],
    rescue?: Rescue,
  ): void {
    this.#answered = true
    this.#core.counters.count(status === 'MISS' ? 'misses' : 'refreshes')
    const isShared = status === 'MISS' && this.#core.options.coalesce && (plan.join || plan.retry) && plan.write
    const flight = launch(this.#core, this.#trip(key, identity, plan), isShared)
    flight.attach(this.#caller, { decorate: this.#decorator(status, key, plan, parameters) }, rescue)
    send(flight, this.#dispatch, this.#upstream())
  }

  #revalidate(key: string, identity: Identified, plan: CachePlan): void {
    if (this.#core.flights.find(this.#flightKey(key), false) !== undefined) return
    send(launch(this.#core, this.#trip(key, identity, plan), true), this.#dispatch, this.#upstream())
  }

  #trip(key: string, identity: Identified, plan: CachePlan): Trip {
    const acceptEncoding = this.#headers?.get('accept-encoding') ?? ''
    return { key, flightKey: this.#flightKey(key), match: this.#match, facts: identity.facts, plan, acceptEncoding }
  }

  // Followers hear the leader's bytes: only callers that take the same codings may share them.
  #flightKey(key: string): string {
    return `${key} ${this.#headers?.get('accept-encoding') ?? ''}`
  }

  #sample(identity: Identified, plan: CachePlan): number {
    const { memory } = this.#core.tiers
    const taken = (variant: number): boolean => {
      const key = keyOf(identity, plan, variant)
      return memory.has(key) || this.#core.flights.find(this.#flightKey(key), false) !== undefined
    }
    for (let variant = 0; variant < plan.samples; variant++) if (!taken(variant)) return variant
    return this.#core.samples.next(keyOf(identity, plan, 0)) % plan.samples
  }

  #rescue(stale: Entry, plan: CachePlan): Rescue {
    return (failure) => {
      if ('status' in failure && !isFailing(failure.status)) return false
      if ('status' in failure) {
        this.#serve(stale, plan, 'STALE', ['fwd=stale', `fwd-status=${failure.status}`], [detail('stale-if-error')])
      } else {
        const code = 'code' in failure.error ? String(failure.error.code) : failure.error.name
        this.#serve(stale, plan, 'STALE', ['fwd=stale'], [detail(`stale-if-error ${code}`)])
      }
      return true
    }
  }

  #serve(stored: Entry, plan: CachePlan, status: 'HIT' | 'STALE', how: string[], why: string[]): void {
    const core = this.#core
    const entry = negotiate(stored, this.#headers?.get('accept-encoding'), core.options.maxEntrySize)
    const now = Date.now()
    const ttl = Math.ceil((entry.expiresAt - now) / 1000)
    const age = Math.max(0, Math.floor((now - entry.storedAt) / 1000))
    const extra = ['age', String(age), 'x-llm-cache-ttl', String(ttl)]
    const decorate = this.#decorator(status, entry.key, plan, [...how, `ttl=${ttl}`, ...why], extra, {
      hit: true,
      age,
      ttl,
    })
    this.#answered = true
    core.counters.count(status === 'HIT' ? 'hits' : 'stale')
    core.counters.save(entry)
    core.tiers.memory.hit(entry.key)
    const tape = new EntryTape(entry, decorate(entry))
    new Replay(this.#caller, tape, { decorate: (head) => head, speed: speedOf(core.options.replay) }).pump()
  }

  /** `only-if-cached` (RFC 9111 section 5.2.1.7): what is not here is a 504. */
  #gatewayTimeout(key: string, plan: CachePlan): void {
    this.#answered = true
    this.#core.counters.count('misses')
    const message = 'The answer is not in the cache, and the call may not go to the provider (only-if-cached).'
    const body = Buffer.from(JSON.stringify({ error: { message, type: 'only_if_cached', code: 'cache_miss' } }))
    const headers = ['content-type', 'application/json', 'content-length', String(body.length)]
    const decorate = this.#decorator('MISS', key, plan, [detail('only-if-cached')])
    this.#caller.head(decorate({ status: 504, statusText: 'Gateway Timeout', headers }))
    this.#caller.data(body)
    this.#caller.end()
  }

  #bypass(reason: BypassReason, note?: string): void {
    const { counters, warnings } = this.#core
    const told = note === undefined ? reason : `${reason}:${note}`
    this.#answered = true
    counters.bypass(reason)
    if (reason === 'control')
      warnings.warn('LLM_CACHE_CONTROL', `A cache control could not be understood, the call went live: ${note}`)
    const live = new Live(this.#caller, this.#decorator('BYPASS', undefined, undefined, ['fwd=bypass', detail(told)]))
    this.#dispatch(this.#upstream(), live)
  }

  #decorator(
    status: CacheStatus,
    key: string | undefined,
    plan: CachePlan | undefined,
    parameters: readonly string[],
    extra: readonly string[] = [],
    timing?: OpenRouterStatus,
  ): (head: Head) => Head {
    const noted = plan?.detail === undefined ? parameters : [...parameters, detail(plan.detail)]
    const dialect = plan?.dialect === 'openrouter' ? openRouterStatusHeaders(timing ?? missed(plan)).flat() : []
    return (head) => {
      publish('undici-llm-cache:answer', () => ({
        status,
        provider: this.#match.provider.id,
        endpoint: this.#match.pathname,
        model: this.#model,
        key,
        detail: noted.at(-1),
      }))
      return tell(head, { status, key, parameters: noted, extra: [...extra, ...dialect] })
    }
  }

  #rebuild(body: Uint8Array): void {
    this.#body = body
    this.#isRebuilt = true
  }

  #upstream(): Options {
    const hasControls = (this.#headers?.controls.length ?? 0) > 0
    return upstreamOptions(this.#opts, {
      provider: this.#match.provider.id,
      dialects: this.#core.options.dialects,
      hasControls,
      body: this.#body,
      isRebuilt: this.#isRebuilt,
      contentType: this.#contentType,
    })
  }

  #then<T>(value: T | PromiseLike<T>, next: (value: T) => void): void {
    if (!isPromiseLike(value)) return next(value)
    Promise.resolve(value)
      .then(next)
      .catch((error: unknown) => this.#broken(error))
  }

  #try(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#broken(error)
    }
  }

  /** Fails open: a call that has no answer yet goes live. */
  #broken(error: unknown): void {
    const reason = error instanceof LlmCacheError && error.code === 'ERR_LLM_CACHE_CALLBACK' ? 'callback' : 'internal'
    publish('undici-llm-cache:error', () => ({ where: 'request', reason, error }))
    this.#core.warnings.warn('LLM_CACHE_BROKEN', `A call went live because the cache failed inside (${reason})`)
    if (this.#caller.done) return
    if (this.#answered) return this.#caller.abort(asError(error))
    try {
      this.#bypass(reason)
    } catch (failure) {
      this.#caller.fail(asError(failure))
    }
  }
}

function keyOf(identity: Identified, { namespace, share }: CachePlan, variant: number): string {
  const { anyModel, anyProvider, cacheKey } = share
  return identity.key({ namespace, variant, anyModel, anyProvider, ...(cacheKey !== undefined && { cacheKey }) })
}

function hostOf(origin: string): string {
  return origin.slice(origin.indexOf('//') + 2)
}

function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

function missed(plan: CachePlan): OpenRouterStatus {
  return { hit: false, age: 0, ttl: plan.ttl }
}
