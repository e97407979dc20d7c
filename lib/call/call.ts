import type { Dispatcher } from 'undici'
import { asError, LlmCacheError } from '../base/errors.ts'
import { isPromiseLike } from '../base/promises.ts'
import type { BypassReason } from '../base/reasons.ts'
import type { Directives } from '../controls/directives.ts'
import { readControls } from '../controls/header-controls.ts'
import { earlyBypass, resolvePlan } from '../controls/plan.ts'
import type { Identified } from '../key/identified-call.ts'
import type { Match } from '../providers/provider.ts'
import { Caller } from '../replay/caller.ts'
import { PassThrough } from '../replay/pass-through.ts'
import { mentions, readBody } from '../request/body.ts'
import { readHeaders, type RequestHeaders } from '../request/headers.ts'
import type { ReadBody, WholeBody } from '../request/read-body.ts'
import { upstreamOptions } from '../request/upstream.ts'
import { isHeard, publish } from '../telemetry/diagnostics.ts'
import type { ReadRequest } from '../telemetry/prompt-cache/advice.ts'
import { type Dispatch, dispatchTo } from '../undici/dispatch.ts'
import { type LegacyHandler, modernHandler } from '../undici/legacy-handlers.ts'
import type { Asker } from './asker.ts'
import type { CacheContext } from './context.ts'
import { Lookup } from './lookup.ts'
import { readPrompt } from './read-prompt.ts'
import { Reply } from './reply.ts'

/** undici's options of one call. */
export type CallOptions = Dispatcher.DispatchOptions

/**
 * One matched call from start to end: directives, body, identity, plan, lookup. Each step is synchronous if nothing has
 * to be waited for. If a step fails before the answer has begun, the call goes live.
 */
export class Call implements Asker {
  readonly context: CacheContext
  readonly match: Match
  readonly reply: Reply
  prompt: (() => ReadRequest | undefined) | undefined = undefined
  readonly dispatch: Dispatch
  readonly #opts: CallOptions
  readonly #scope: Directives
  #headers: RequestHeaders | undefined
  #body: unknown
  /** The same, once it was read whole. */
  #whole: WholeBody | undefined
  /** Whether the body is no longer what the caller passed. Then its `content-length` may be wrong. */
  #isRebuilt = false
  #contentType: string | undefined

  constructor(
    context: CacheContext,
    dispatch: Dispatch,
    opts: CallOptions,
    handler: Dispatcher.DispatchHandler | LegacyHandler,
    match: Match,
  ) {
    this.context = context
    this.dispatch = dispatch
    this.#opts = opts
    this.match = match
    this.#body = opts.body
    this.reply = new Reply(context, match, new Caller(modernHandler(handler)))
    // Read at once, since the caller's async context is lost when the body is awaited.
    this.#scope = context.scope.current()
  }

  run(): void {
    this.reply.caller.start()
    if (this.reply.caller.done) return
    try {
      this.#direct()
    } catch (error) {
      this.#broken(error)
    }
  }

  #direct(): void {
    const { options } = this.context
    const { provider } = this.match
    const headers = readHeaders(this.#opts.headers, this.context.classifierOf(provider))
    this.#headers = headers
    this.reply.acceptEncoding = headers.get('accept-encoding') ?? ''
    const directives = readControls(headers.controls, { provider: provider.id, dialects: options.dialects })
    if (this.#opts.upgrade || headers.get('expect') !== undefined) return this.#bypass('protocol')
    const length = Number(headers.get('content-length') ?? 0)
    if (length > options.maxRequestSize) return this.#bypass('body-too-large')
    const isTyped = headers.get('content-type') !== undefined
    const body = readBody(this.#opts.body, options.maxRequestSize, this.reply.caller, isTyped)
    this.proceed(body, (read) => this.#identify(read, headers, directives))
  }

  #identify(read: ReadBody, headers: RequestHeaders, directives: Directives): void {
    switch (read.kind) {
      case 'aborted':
        return
      case 'passed':
        this.#body = read.body
        return this.#bypass(read.reason)
      case 'whole': {
        this.#whole = read
        const early = earlyBypass(directives, this.#scope)
        // A control in the body must be removed even if the call bypasses the cache.
        if (early !== undefined && !mentions(read.body, '"cache"')) return this.#bypass(early.reason, early.detail)
        const call = { match: this.match, method: this.#opts.method, headers: this.#typed(headers, read.type) }
        const identified = this.context.identifier.identify(call, read.body)
        return this.proceed(identified, (identity) => this.#plan(identity, read.body, directives))
      }
      default:
        return read satisfies never
    }
  }

  /** A FormData or Blob body has a content type of its own. */
  #typed(headers: RequestHeaders, type: string | undefined): RequestHeaders {
    if (type === undefined || headers.get('content-type') !== undefined) return headers
    this.#contentType = type
    return readHeaders(this.upstream().headers, this.context.classifierOf(this.match.provider))
  }

  #plan(identity: Identified, body: string | Uint8Array, header: Directives): void {
    const context = this.context
    const { facts, control } = identity
    this.reply.model = facts.model
    if (identity.upstreamBody !== body) this.#rebuild(identity.upstreamBody)
    const { provider, pathname, origin } = this.match
    const rule = context.rule?.({ provider: provider.id, model: facts.model, host: hostOf(origin), path: pathname })
    const plan = resolvePlan({
      header,
      scope: this.#scope,
      rule,
      body: control,
      facts,
      options: context.options,
      retryCount: this.#headers?.retryCount ?? 0,
    })
    if (!plan.use) return this.#bypass(plan.reason, plan.detail)
    if (isHeard('undici-llm-cache:advice')) {
      const { match } = this
      this.prompt = () => readPrompt({ match, model: facts.model, headers: this.#headers, body })
    }
    new Lookup(this, identity, plan).run()
  }

  #bypass(reason: BypassReason, note?: string): void {
    const pass = new PassThrough(this.reply.caller, this.reply.bypass(reason, note))
    dispatchTo(this.dispatch, this.upstream(), pass)
  }

  #rebuild(body: string | Uint8Array): void {
    this.#body = body
    this.#whole = undefined
    this.#isRebuilt = true
  }

  /** The call as sent to the provider: without this package's headers, and with the body that was read. */
  upstream(): CallOptions {
    const hasControls = (this.#headers?.controls.length ?? 0) > 0
    return upstreamOptions(this.#opts, {
      provider: this.match.provider.id,
      dialects: this.context.options.dialects,
      hasControls,
      body: this.#whole === undefined ? this.#body : toSend(this.#whole, this.#headers),
      isRebuilt: this.#isRebuilt,
      contentType: this.#contentType,
    })
  }

  proceed<T>(value: T | Promise<T>, next: (value: T) => void): void {
    if (!isPromiseLike(value)) return next(value)
    // No `await`: an async function leaves 0.5 kB of garbage for each call.
    value.then(
      (awaited) => this.#resume(awaited, next),
      (error: unknown) => this.#broken(error),
    )
  }

  #resume<T>(value: T, next: (value: T) => void): void {
    // A caller that has left needs no provider call.
    if (this.reply.caller.done) return
    try {
      next(value)
    } catch (error) {
      this.#broken(error)
    }
  }

  /** Fails open: a call without an answer so far goes live. */
  #broken(error: unknown): void {
    const reason = error instanceof LlmCacheError && error.code === 'ERR_LLM_CACHE_CALLBACK' ? 'callback' : 'internal'
    publish('undici-llm-cache:error', () => ({ where: 'request', reason, error }))
    this.context.warnings.warn('LLM_CACHE_BROKEN', `A call went live because of an error in the cache (${reason})`)
    if (this.reply.caller.done) return
    if (this.reply.begun) return this.reply.caller.breakOff(asError(error))
    try {
      this.#bypass(reason)
    } catch (failure) {
      this.reply.caller.fail(asError(failure))
    }
  }
}

/**
 * The body to send. One with `content-length`, as fetch sends it, is sent whole, so that a proxy or a retry handler
 * below can send it again.
 */
function toSend({ body, sent }: WholeBody, headers: RequestHeaders | undefined): unknown {
  return sent !== body && Number(headers?.get('content-length')) === body.length ? body : sent
}

function hostOf(origin: string): string {
  return origin.slice(origin.indexOf('//') + 2)
}
