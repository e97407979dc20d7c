export { createLlmCache, type LlmCache } from './cache.ts'
export type { CacheStatus, DiagnosticMessages } from './diagnostics.ts'
export { LlmCacheError, type LlmCacheErrorCode } from './errors.ts'
export type { Dispatch, Interceptor } from './dispatch.ts'
export type { LlmCacheOptions } from './options.ts'
export { formats } from './providers/formats.ts'
export type {
  AnswerEvent,
  Endpoint,
  Format,
  Json,
  JsonObject,
  ProviderRow,
  RequestFacts,
  RequestView,
} from './providers/provider.ts'
export type { BypassReason, Refusal } from './reasons.ts'
export type { Dialect } from './request/body-control.ts'
export type { IdentityRequest } from './request/identify.ts'
export type { Policy } from './request/policy.ts'
export type { Rule } from './request/rules.ts'
export type { ScopeDirectives } from './request/scope.ts'
export type { Answer, Choice, Usage } from './response/answer.ts'
export type { Entry, EntryMeta } from './response/entry.ts'
export type { RefuseOptions } from './response/judge.ts'
export type { ReplayMode } from './response/replay.ts'
export type { Saved, Stats } from './stats.ts'
export type { CacheStore, EntryInfo, Filter } from './stores/store.ts'
