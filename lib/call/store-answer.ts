import type { Refusal } from '../base/reasons.ts'
import type { CachePlan } from '../controls/plan.ts'
import type { Searches } from '../finders/searches.ts'
import { createJudge } from '../judge/judge.ts'
import type { Verdict } from '../judge/verdict.ts'
import type { Usage } from '../providers/answer.ts'
import type { Match, RequestFacts } from '../providers/provider.ts'
import type { LiveRecording } from '../replay/live-recording.ts'
import { plain } from '../replay/negotiate.ts'
import type { AskedParts, Entry } from '../stores/entry.ts'
import type { Access } from '../stores/store.ts'
import { storableHeaders } from '../stores/storable-headers.ts'
import { type DiagnosticMessages, publish } from '../telemetry/diagnostics.ts'
import type { ReadRequest } from '../telemetry/prompt-cache/advice.ts'
import { type Head, headerOf } from '../undici/head.ts'
import type { CacheContext } from './context.ts'

/** A provider call to make, and how to store its answer. */
export interface ProviderCall {
  readonly key: string
  /** The status for the caller that makes it; a background refresh has no caller. */
  readonly status: 'MISS' | 'REFRESH'
  readonly match: Match
  readonly facts: RequestFacts
  readonly plan: CachePlan
  /** `accept-encoding` of the caller that makes the call. */
  readonly acceptEncoding: string
  /** What a second tier may know of that caller. */
  readonly access: Access | undefined
  /** Why the call missed, in words; only with the option or header `explain`. */
  readonly missed?: string | undefined
  /**
   * What was read from the prompt, for advice on the provider's own cache; only while that channel has a subscriber.
   */
  readonly prompt?: ReadRequest | undefined
  /** Digests of the call's parts, kept with its answer; only with the option or header `explain`. */
  readonly asked?: AskedParts | undefined
  /** Called when the call has ended: with the entry, or with the reason why there is none. */
  readonly settled?: (entry: Entry | undefined, refusal: Refusal | undefined) => void
  /** The finders' searches, which may change the answer before it is stored. */
  readonly searches: Pick<Searches, 'settle' | 'stored' | 'began' | 'ended'>
}

/** Follows one provider call to its end: has its answer judged, stores it, counts it. */
export class AnswerKeeper {
  readonly target: {
    key: string
    provider: string
    model: string | undefined
    namespace: string
    tags: readonly string[]
    storedAt: number
  }
  readonly #context: CacheContext
  readonly #call: ProviderCall
  readonly #startedAt = performance.now()
  #arrival: { readonly storedAt: number; readonly duration: number } | undefined
  readonly #number: number
  #entry: Entry | undefined
  #refusal: Refusal | undefined
  /** See {@link Answer.cacheMiss}. */
  #cacheMiss: string | undefined

  constructor(context: CacheContext, call: ProviderCall) {
    this.#context = context
    this.#call = call
    this.#number = context.flights.next()
    const { key, match, facts, plan } = call
    this.target = {
      key,
      provider: match.provider.id,
      model: facts.model,
      namespace: plan.namespace,
      tags: plan.tags,
      storedAt: Date.now(),
    }
  }

  /** Notes when the last bytes arrived, for an answer that is judged later (within 10 ms). */
  arrived(): void {
    this.#arrival = this.#now()
  }

  judge(head: Head, onTurn: (verdict: Verdict) => void): ReturnType<typeof createJudge> | Refusal {
    if (!this.#call.plan.write) return 'read-only'
    if (this.#context.closed) return 'cleared'
    const { refuse, maxEntrySize } = this.#context.options
    const { match, facts } = this.#call
    const { format } = match.endpoint
    const header = (name: string): string | undefined => headerOf(head.headers, name)
    const { choices } = facts
    const doneIsOptional = match.provider.sendsNoDone
    return createJudge({ format, header, refuse, choices, doneIsOptional, maxSize: maxEntrySize, onTurn })
  }

  store(recording: LiveRecording, verdict: Verdict & { store: true }): Refusal | undefined {
    const { head } = recording
    if (head === undefined) return 'internal'
    const { tiers, flights, options } = this.#context
    const rival = tiers.memory.get(this.#call.key)
    // A refresh may be faster than the call whose answer it should replace.
    if (rival !== undefined && flights.isOfLaterCall(rival, this.#number)) return 'superseded'
    const { plan, asked, searches } = this.#call
    const whole = this.#entryOf(recording, head, verdict.usage)
    const readable = readableFrom(recording, whole, options.maxEntrySize, plan.rewrite !== undefined)
    if (readable === undefined) return 'malformed'
    const entry = searches.settle(asked === undefined ? readable : { ...readable, asked })
    if (entry === undefined) return
    this.#cacheMiss = verdict.cacheMiss
    this.#keep(entry)
    return undefined
  }

  /** The entry of an answer as received. */
  #entryOf(recording: LiveRecording, head: Head, usage: Usage | undefined): Entry {
    const { strings } = this.#context
    const { match, facts, plan, acceptEncoding } = this.#call
    const { staleWhileRevalidate, staleIfError } = plan
    const { storedAt, duration } = this.#arrival ?? this.#now()
    const expiresAt = storedAt + plan.ttl * 1000
    const { key, provider, model, namespace, tags } = this.target
    const { body, ends, gaps } = recording.bytes(facts.stream)
    const stored = (headers: readonly string[]): string[] =>
      storableHeaders(headers).map((text) => strings.intern(text))
    // Member by member: V8 keeps the members of a spread in an object of their own.
    return {
      key,
      provider,
      model,
      namespace,
      tags,
      endpoint: match.pathname,
      stream: facts.stream,
      size: recording.size,
      storedAt,
      expiresAt,
      keptUntil: expiresAt + Math.max(staleWhileRevalidate, staleIfError) * 1000,
      usage,
      duration,
      status: head.status,
      statusText: strings.intern(head.statusText),
      headers: stored(head.headers),
      rawHeaders: head.rawHeaders && stored(head.rawHeaders),
      acceptEncoding: strings.intern(acceptEncoding),
      body,
      ends,
      gaps,
    }
  }

  /** Stores an entry, replacing an earlier one of the same call, and notifies everyone who must know. */
  #keep(entry: Entry): void {
    const { tiers, flights, counters, rewriter, explainer } = this.#context
    const { access, match, plan, searches } = this.#call
    if (this.#entry === undefined) counters.count('stores')
    this.#entry = entry
    flights.stamp(entry, this.#number)
    tiers.set(entry, access)
    searches.stored(entry)
    if (plan.rewrite !== undefined) rewriter.prepare(entry, match.endpoint.format.id)
    explainer?.stored(entry)
    publish('undici-llm-cache:store', () => ({ key: entry.key, provider: entry.provider, size: entry.size }))
  }

  retract(): void {
    if (this.#entry !== undefined) this.#context.tiers.retract(this.#entry)
    this.#entry = undefined
  }

  refused(reason: Refusal): void {
    const { key, provider } = this.target
    this.#refusal = reason
    this.#context.counters.refuse(reason)
    this.#context.explainer?.refused(key, reason)
    publish('undici-llm-cache:refuse', () => ({ key, provider, reason }))
  }

  #told(): DiagnosticMessages['undici-llm-cache:call'] {
    const { key, provider, model } = this.target
    const { status, match, missed } = this.#call
    const { duration } = this.#arrival ?? this.#now()
    const { pathname: endpoint } = match
    const [usage, refusal] = [this.#entry?.usage, this.#refusal]
    const cacheMiss = this.#cacheMiss
    return { status, provider, endpoint, model, key, duration: duration / 1000, usage, refusal, missed, cacheMiss }
  }

  #now(): { storedAt: number; duration: number } {
    return { storedAt: Date.now(), duration: Math.ceil(performance.now() - this.#startedAt) }
  }

  #advise(usage: Usage | undefined): void {
    const { prompt } = this.#call
    const advice = prompt && this.#context.promptMisses.answered(prompt, usage)
    if (advice !== undefined) publish('undici-llm-cache:advice', () => advice)
  }

  /** Counts what the callers that joined the first one saved. */
  settled(followers: number): void {
    publish('undici-llm-cache:call', () => this.#told())
    this.#call.settled?.(this.#entry, this.#refusal)
    this.#call.searches.ended()
    if (this.#entry === undefined) return
    this.#advise(this.#entry.usage)
    this.#context.counters.spend(this.#entry, this.#cacheMiss)
    if (followers > 0) this.#context.counters.save(this.#entry, followers)
  }
}

/**
 * An answer stored before the end of its transport may lack the end of its content coding, so it is stored decoded. So
 * is one whose hits are rewritten.
 */
function readableFrom(
  recording: LiveRecording,
  whole: Entry,
  maxSize: number,
  isRewritten: boolean,
): Entry | undefined {
  if (!isRewritten && recording.ended && recording.error === undefined) return whole
  try {
    return plain(whole, maxSize)
  } catch {
    return undefined // what followed the marker is not of that coding
  }
}
