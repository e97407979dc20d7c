export { createLlmCache, type LlmCache } from './cache.ts'
export type { CacheStatus, DiagnosticMessages } from './telemetry/diagnostics.ts'
export { LlmCacheError, type LlmCacheErrorCode } from './base/errors.ts'
export type { Dispatch, Interceptor } from './undici/dispatch.ts'
export type { LlmCacheOptions } from './options/options.ts'
export { formats } from './providers/built-in-formats.ts'
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
export type { BypassReason, Refusal } from './base/reasons.ts'
export type { Dialect } from './controls/body-controls.ts'
export type { IdentityRequest } from './key/identify.ts'
export type { Policy } from './controls/policy.ts'
export type { Rule } from './controls/rules.ts'
export type { ScopeDirectives } from './controls/scope.ts'
export type { Answer, Choice, Usage } from './providers/answer.ts'
export type { Entry, EntryMeta } from './stores/entry.ts'
export type { RefuseOptions } from './judge/judge.ts'
export type { ReplayMode } from './replay/replay.ts'
export type { Saved, Stats } from './telemetry/stats.ts'
export type { CacheStore, EntryInfo, Filter } from './stores/store.ts'
