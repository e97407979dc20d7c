import type { CacheContext } from './context.ts'
import { type DiagnosticMessages, isHeard, publish } from '../telemetry/diagnostics.ts'
import { attributesOf, type Span } from '../telemetry/open-telemetry.ts'
import type { CallGroup } from '../telemetry/counters.ts'
import type { Match } from '../providers/provider.ts'
import type { BypassReason, CacheStatus } from '../base/reasons.ts'
import { type OpenRouterStatus, openRouterStatusHeaders } from '../controls/dialects/openrouter.ts'
import type { RewrittenHit } from '../convert/rewriter.ts'
import type { CachePlan } from '../controls/plan.ts'
import type { Rewrite } from '../controls/rewrite.ts'
import type { Caller } from '../replay/caller.ts'
import { negotiate } from '../replay/negotiate.ts'
import type { Entry } from '../stores/entry.ts'
import { type Head, headerOf } from '../undici/head.ts'
import type { HeadVariant } from '../replay/hit-heads.ts'
import { type Play, Replay, type ReplayMode, speedOf } from '../replay/replay.ts'
import { addDetail, addStatusFields, detail, detailText, isDetail } from '../replay/cache-status.ts'
import { StoredRecording } from '../replay/recording.ts'

/** How an answer was obtained, for its status fields. */
export interface Outcome {
  readonly status: CacheStatus
  /** Absent on BYPASS. */
  readonly key?: string
  /** Absent on BYPASS. */
  readonly plan?: CachePlan
  /** Parameters of `cache-status` (RFC 9211). */
  readonly parameters: readonly string[]
  /** More fields of ours: name, value, name, value … */
  readonly fields?: readonly string[] | undefined
}

/** How a stored answer was found. */
export interface FoundAs {
  readonly status: 'HIT' | 'STALE'
  /** Parameters of `cache-status`; the time to live is inserted after the first one. Default `hit`. */
  readonly parameters?: readonly string[] | undefined
  /** More fields of ours: name, value, name, value … */
  readonly fields?: readonly string[] | undefined
  /** When that was, in milliseconds since the epoch; default now. */
  readonly at?: number | undefined
}

type Answered = DiagnosticMessages['undici-llm-cache:answer']

/** Answers one caller, once, and counts it. */
export class Reply {
  readonly caller: Caller
  /** The caller's `accept-encoding`; `''` if it sent none. */
  acceptEncoding = ''
  model: string | undefined
  readonly #context: CacheContext
  readonly #match: Match
  readonly #startedAt = performance.now()
  readonly #span: Span | undefined
  #begun = false

  constructor(context: CacheContext, match: Match, caller: Caller) {
    this.#context = context
    this.#match = match
    this.#span = context.telemetry.activeSpan()
    this.caller = caller
  }

  /** Whether the source of the answer is decided. */
  get begun(): boolean {
    return this.#begun
  }

  /** Plays a stored answer. */
  replay(stored: Entry, plan: CachePlan, { status, parameters = HIT, fields, at = Date.now() }: FoundAs): void {
    const { options, counters, tiers } = this.#context
    const rewritten = plan.rewrite === undefined ? undefined : this.#rewrite(stored, plan.rewrite, fields)
    const entry = rewritten?.entry ?? negotiate(stored, this.acceptEncoding, options.maxEntrySize)
    const how = {
      status,
      key: entry.key,
      plan,
      parameters,
      fields: rewritten?.isHeadFresh === true ? (fields ?? []) : fields,
    }
    const recording = new StoredRecording(entry, this.#hitHead(entry, how, at), rewritten?.patch)
    this.#begun = true
    counters.hit(status === 'HIT' ? 'hits' : 'stale', entry, at)
    counters.waited('hit', performance.now() - this.#startedAt)
    tiers.hit(entry.key)
    new Replay(this.caller, recording, options.replay === 'instant' ? AT_ONCE : paced(options.replay)).pump()
  }

  #group(plan: CachePlan | undefined): CallGroup {
    return { model: this.model, namespace: plan?.namespace ?? '' }
  }

  /** Rewrites a stored answer. The result is decoded, so that every caller accepts it. */
  #rewrite(stored: Entry, how: Rewrite, fields: readonly string[] = []): RewrittenHit | undefined {
    const similarity = headerOf(fields, 'x-llm-cache-similarity') ?? '1'
    return this.#context.rewriter.rewrite(stored, this.#match.endpoint.format.id, how, similarity)
  }

  #hitHead(entry: Entry, how: Outcome & { readonly plan: CachePlan }, now: number): Head {
    const { heads } = this.#context
    const { dialect, detail } = how.plan
    const seen: HeadVariant = {
      // If another machine's clock is slightly ahead, the entry counts as new.
      ttl: Math.ceil((entry.expiresAt - Math.max(now, entry.storedAt)) / 1000),
      age: Math.max(0, Math.floor((now - entry.storedAt) / 1000)),
      dialect,
      detail,
    }
    this.#publish(how, entry)
    if (how.parameters !== HIT || how.fields !== undefined) return withHitFields(entry, how, seen)
    return heads.find(entry, seen) ?? heads.keep(entry, seen, withHitFields(entry, how, seen))
  }

  /** `only-if-cached` (RFC 9111 section 5.2.1.7): a miss is a 504. */
  gatewayTimeout(key: string, plan: CachePlan, parameters: readonly string[]): void {
    this.#begun = true
    this.#context.counters.answer('misses', this.#group(plan))
    const message = 'The answer is not in the cache, and the call may not go to the provider (only-if-cached).'
    const body = Buffer.from(JSON.stringify({ error: { message, type: 'only_if_cached', code: 'cache_miss' } }))
    // SDKs retry a 504 unless they are told not to, and a retry would find nothing either.
    const retry = ['x-should-retry', 'false']
    const headers = ['content-type', 'application/json', 'content-length', String(body.length), ...retry]
    const how: Outcome = { status: 'MISS', key, plan, parameters }
    this.caller.head(this.#tell({ status: 504, statusText: 'Gateway Timeout', headers }, how))
    this.caller.data(body)
    this.caller.end()
  }

  /**
   * Counts a call that goes to the provider or shares another's; returns a function that adds our fields to its head.
   */
  live(how: Outcome & { readonly status: 'MISS' | 'REFRESH' | 'COALESCED' }): (head: Head) => Head {
    this.#begun = true
    const { counters } = this.#context
    counters.answer(COUNTERS[how.status], this.#group(how.plan))
    return (head) => {
      counters.waited('miss', performance.now() - this.#startedAt)
      return this.#tell(head, how)
    }
  }

  /**
   * Counts a call that bypasses the cache; returns a function that adds our fields to its head. `note` names a wrong
   * control.
   */
  bypass(reason: BypassReason, note: string | undefined): (head: Head) => Head {
    const { counters, warnings } = this.#context
    this.#begun = true
    counters.bypass(reason)
    if (reason === 'control') {
      warnings.warn('LLM_CACHE_CONTROL', `A cache control could not be understood, the call went live: ${note}`)
    }
    const how: Outcome = {
      status: 'BYPASS',
      parameters: ['fwd=bypass', detail(note === undefined ? reason : `${reason}:${note}`)],
    }
    return (head) => this.#tell(head, how)
  }

  #tell(head: Head, how: Outcome): Head {
    this.#publish(how)
    return withCacheFields(head, how)
  }

  #publish(how: Outcome, stored?: Entry): void {
    if (this.#span === undefined && !isHeard('undici-llm-cache:answer')) return
    const message = this.#message(how, stored)
    publish('undici-llm-cache:answer', () => message)
    this.#span?.setAttributes(attributesOf(message))
  }

  #message({ status, key, plan, parameters }: Outcome, stored: Entry | undefined): Answered {
    const { provider, pathname } = this.#match
    const note = withNote(parameters, plan).find(isDetail)
    return {
      status,
      provider: provider.id,
      endpoint: pathname,
      model: this.model,
      key,
      detail: note === undefined ? undefined : detailText(note),
      duration: (performance.now() - this.#startedAt) / 1000,
      saved: stored && { time: stored.duration / 1000, usage: stored.usage },
    }
  }
}

const HIT: readonly string[] = Object.freeze(['hit'])

function asItIs(head: Head): Head {
  return head
}

const AT_ONCE: Play = Object.freeze({ decorate: asItIs })

function paced(mode: ReplayMode): Play {
  return { decorate: asItIs, speed: speedOf(mode) }
}

function withHitFields(entry: Entry, how: Outcome, { age, ttl }: HeadVariant): Head {
  const [first = 'hit', ...rest] = how.parameters
  return withCacheFields(entry, { ...how, parameters: [first, `ttl=${ttl}`, ...rest] }, { hit: true, age, ttl })
}

/** The head with our own fields. `found` has the age of a stored answer. */
function withCacheFields(head: Head, how: Outcome, found?: OpenRouterStatus): Head {
  const { status, key, plan, parameters, fields = [] } = how
  const extra = found === undefined ? [] : ['age', String(found.age), 'x-llm-cache-ttl', String(found.ttl)]
  if (plan?.dialect === 'openrouter' && !(found === undefined && saysOpenRouter(head))) {
    extra.push(...openRouterStatusHeaders(found ?? { hit: false, age: 0, ttl: plan.ttl }).flat())
  }
  extra.push(...fields)
  return addStatusFields(head, { status, key, parameters: withNote(parameters, plan), extra })
}

/** Whether a live answer has the status of OpenRouter's own cache. */
function saysOpenRouter({ headers }: Head): boolean {
  return headerOf(headers, 'x-openrouter-cache-status') !== undefined
}

function withNote(parameters: readonly string[], plan: CachePlan | undefined): readonly string[] {
  return plan?.detail === undefined ? parameters : addDetail(parameters, plan.detail)
}

const COUNTERS = { MISS: 'misses', REFRESH: 'refreshes', COALESCED: 'coalesced' } as const
