import type { RequestFacts } from '../providers/provider.ts'
import type { BypassReason } from '../base/reasons.ts'
import type { BodyControl } from './body-controls.ts'
import type { Dialect } from './dialects/dialect.ts'
import type { FastRouterControl } from './dialects/fastrouter.ts'
import { ORQ_DEFAULT_TTL } from './dialects/orq.ts'
import { type Directives, type Mode, NO_DIRECTIVES, type Share } from './directives.ts'
import { type Hosted, vetoUnder } from './hosted.ts'
import { isCovered, type Policy } from './policy.ts'
import { type Rewrite, type RewriteOption, rewriteOf, rewriteOfDialect } from './rewrite.ts'
import type { CompiledRule } from './rules.ts'
import { resolveSemantic, type SemanticDefaults, type SemanticPlan } from './semantic.ts'

/** Why a call bypasses the cache. */
export interface Bypass {
  readonly reason: BypassReason
  /** Name of the wrong control, for `cache-status`; never its value. */
  readonly detail?: string
}

/** A call that goes live, neither read nor stored. */
export interface BypassPlan extends Bypass {
  readonly use: false
}

/** How one call may use the cache. Durations are seconds. */
export interface CachePlan {
  readonly use: true
  /** Look the entry up. */
  readonly read: boolean
  /** Share a provider call with callers of the same key. */
  readonly join: boolean
  /** Store the answer. */
  readonly write: boolean
  /** Never call the provider: a miss is a 504. */
  readonly only: boolean
  /** Delete the entry first. */
  readonly clear: boolean
  /**
   * The call is an SDK's own retry, and `read` and `join` are `false` only for that reason. If the retry followed a
   * failure, both are allowed.
   */
  readonly retry: boolean
  readonly ttl: number
  readonly namespace: string
  readonly tags: readonly string[]
  readonly variant: number
  readonly samples: number
  /** Older entries are not accepted; `undefined`: any fresh one is. */
  readonly maxAge: number | undefined
  /** `Infinity`: any stale entry is accepted. */
  readonly maxStale: number
  readonly staleIfError: number
  readonly staleWhileRevalidate: number
  readonly share: Share
  /** A miss may be answered from the entry of the other form, stream or JSON. */
  readonly crossMode: boolean
  /** What is rewritten in a hit. */
  readonly rewrite: Rewrite | undefined
  readonly dialect: Dialect | undefined
  /** How the answer to another question may be used; `undefined`: not at all. */
  readonly semantic: SemanticPlan | undefined
  /** A miss says why. */
  readonly explain: boolean
  /** Controls that were accepted but have another effect here; for `cache-status`. */
  readonly detail: string | undefined
}

/** What to do with one call. */
export type Plan = BypassPlan | CachePlan

/** The options that apply if no layer decides. */
export interface PlanOptions {
  readonly ttl: number
  readonly policy: Policy
  readonly hosted: Hosted
  readonly staleIfError: number
  readonly staleWhileRevalidate: number
  readonly samples: number
  readonly retryAware: boolean
  readonly crossMode: boolean
  readonly rewrite?: RewriteOption
  readonly dialectAnswers: boolean
  readonly semantic?: SemanticDefaults
  readonly explain: boolean
}

/** The layers of controls of one call, nearest first, and what the call is. */
export interface PlanInput {
  readonly header: Directives
  readonly scope: Directives
  readonly rule: CompiledRule | undefined
  readonly body: BodyControl | undefined
  readonly facts: RequestFacts
  readonly options: PlanOptions
  /** The SDK's own count of retries (`x-stainless-retry-count`); 0 on a first try. */
  readonly retryCount: number
}

/**
 * Why a call bypasses the cache, if that is known before its body is read; {@link resolvePlan} gives the same result. A
 * call with mode `only` does not go live because of a control about storing.
 */
export function earlyBypass(header: Directives, scope: Directives): Bypass | undefined {
  if (header.problem !== undefined) return { reason: 'control', detail: header.problem }
  if (header.mode === 'bypass') return { reason: 'header' }
  const mode = header.mode ?? scope.mode
  if (mode === 'bypass') return { reason: 'scope' }
  if (mode === 'only') return undefined
  if (header.noStore === true && header.clear !== true) return { reason: 'no-store' }
  return (header.ttl ?? scope.ttl) === 0 ? { reason: 'ttl-0' } : undefined
}

/**
 * Merges the layers, member by member: header > body > scope > rule > option. Switching caching on and off has its own
 * order, that of OpenRouter's presets: rule off > header off > header on > rule on > policy.
 * https://openrouter.ai/docs/guides/features/response-caching
 *
 * orq's body control switches caching on. FastRouter's does not, which takes a `cache_key`; without one it sets the
 * time to live if the cache is on anyway, and nothing is shared.
 */
export function resolvePlan(input: PlanInput): Plan {
  return isPlain(input) ? plainPlan(input) : resolveLayers(input)
}

// Results of a pure function. Most calls have no controls, and making their plan would take 0.5 µs.
const plainPlans = new WeakMap<PlanOptions, CachePlan>()

/** Whether the options alone decide. */
function isPlain({ header, scope, rule, body, facts, options, retryCount }: PlanInput): boolean {
  const isSilent = header === NO_DIRECTIVES && scope === NO_DIRECTIVES && rule === undefined && body === undefined
  return isSilent && retryCount === 0 && facts.veto === undefined && isCovered(options.policy, facts, false)
}

function plainPlan(input: PlanInput): CachePlan {
  let plan = plainPlans.get(input.options)
  if (plan === undefined) plainPlans.set(input.options, (plan = Object.freeze(cachePlan(input, undefined))))
  return plan
}

function resolveLayers(input: PlanInput): Plan {
  const bypass = earlyBypass(input.header, input.scope) ?? lateBypass(input)
  const dialect = input.header.dialect ?? input.body?.dialect
  return bypass === undefined ? cachePlan(input, dialect) : { use: false, ...bypass }
}

function lateBypass(input: PlanInput): Bypass | undefined {
  const { header, scope, rule, body, facts, options } = input
  if (rule?.enabled === false) return { reason: 'rule' }
  if (body !== undefined && 'problem' in body) return { reason: 'control', detail: body.problem }
  const mode = header.mode ?? scope.mode
  // A call that can't be cached always misses. If it must not go live, it gets a 504.
  const veto = vetoOf(input)
  if (veto !== undefined && mode !== 'only') return { reason: veto }
  const asked = mode !== undefined || body?.dialect === 'orq' || rule?.enabled === true
  return isCovered(rule?.policy ?? options.policy, facts, asked) ? undefined : { reason: 'policy' }
}

function vetoOf({ scope, rule, facts, options }: PlanInput): BypassReason | undefined {
  return vetoUnder(scope.hosted ?? rule?.hosted ?? options.hosted, facts.veto)
}

function cachePlan(input: PlanInput, dialect: Dialect | undefined): CachePlan {
  const { header, scope, rule, body, options } = input
  const fastRouter = body !== undefined && isFastRouter(body) ? body : undefined
  const { plan: semantic, detail } = resolveSemantic({
    header: header.semantic,
    threshold: header.threshold,
    fastRouter,
    scope: scope.semantic,
    rule: rule?.semantic,
    defaults: options.semantic,
  })
  return {
    use: true,
    ...resolveAccess(input, header.mode ?? scope.mode ?? 'on'),
    ...resolveSample(input),
    ttl: resolveTtl(input),
    namespace: header.namespace ?? scope.namespace ?? rule?.namespace ?? '',
    tags: header.tags ?? scope.tags ?? rule?.tags ?? [],
    maxAge: header.maxAge,
    maxStale: header.maxStale ?? 0,
    staleIfError: header.staleIfError ?? options.staleIfError,
    staleWhileRevalidate: options.staleWhileRevalidate,
    share: resolveShare(header.cacheKey, fastRouter),
    crossMode: scope.crossMode ?? rule?.crossMode ?? options.crossMode,
    rewrite: resolveRewrite(input, dialect),
    dialect,
    explain: header.explain ?? scope.explain ?? options.explain,
    semantic,
    detail,
  }
}

type Access = Pick<CachePlan, 'read' | 'join' | 'write' | 'only' | 'clear' | 'retry'>

function resolveAccess(input: PlanInput, mode: Mode): Access {
  const { header, scope, options, retryCount } = input
  const only = mode === 'only'
  const changesNothing = only || mode === 'read-only'
  const clear = header.clear === true && !changesNothing
  const skip = clear || mode === 'refresh' || header.noCache === true
  // With `only`, a retry follows our own 504, not a provider's answer that it could want replaced.
  const isRetry = retryCount > 0 && !only && (scope.retryAware ?? options.retryAware)
  return {
    read: !skip && !isRetry && vetoOf(input) === undefined,
    join: !skip && !isRetry && !only,
    write: !changesNothing && header.noStore !== true,
    only,
    clear,
    retry: isRetry && !skip,
  }
}

/** A call that asks for a variant gets that sample. A variant wins over `samples` in any layer. */
function resolveSample({ header, scope, rule, options }: PlanInput): Pick<CachePlan, 'variant' | 'samples'> {
  for (const layer of [header, scope]) {
    if (layer.variant !== undefined) return { variant: layer.variant, samples: 1 }
    if (layer.samples !== undefined) return { variant: 0, samples: layer.samples }
  }
  return { variant: 0, samples: rule?.samples ?? options.samples }
}

/** The default of a dialect yields to a scope or a rule (OpenRouter: header > preset > default). */
function resolveTtl({ header, scope, rule, body, options }: PlanInput): number {
  const asked = header.ttl ?? (body !== undefined && 'ttl' in body ? body.ttl : undefined)
  const fallback = header.defaultTtl ?? (body?.dialect === 'orq' ? ORQ_DEFAULT_TTL : options.ttl)
  return asked ?? scope.ttl ?? rule?.ttl ?? fallback
}

/** A call in a gateway's dialect asks for that gateway's rewrite, which wins over a scope or a rule. */
function resolveRewrite({ scope, rule, options }: PlanInput, dialect: Dialect | undefined): Rewrite | undefined {
  const spoken = options.dialectAnswers ? rewriteOfDialect(dialect) : undefined
  return spoken ?? rewriteOf(scope.rewrite ?? rule?.rewrite ?? options.rewrite)
}

function resolveShare(cacheKey: string | undefined, body: FastRouterControl | undefined): Share {
  if (cacheKey === undefined) return NOT_SHARED
  return { anyModel: body?.filterOnModel === false, anyProvider: body?.filterOnProvider !== true, cacheKey }
}

const NOT_SHARED: Share = Object.freeze({ anyModel: false, anyProvider: false, cacheKey: undefined })

function isFastRouter(body: BodyControl): body is FastRouterControl {
  return body.dialect === 'fastrouter' && !('problem' in body)
}
