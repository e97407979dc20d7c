export { createLlmCache, type LlmCache } from './cache.ts'
export type { DiagnosticMessages } from './telemetry/diagnostics.ts'
export { LlmCacheError, type LlmCacheErrorCode } from './base/errors.ts'
export type { Dispatch, Interceptor } from './undici/dispatch.ts'
export type { LlmCacheOptions } from './options/options.ts'
export { formats } from './providers/built-in-formats.ts'
export type {
  AnswerEvent,
  Endpoint,
  ErrorShape,
  Format,
  ProviderRow,
  RequestFacts,
  RequestView,
} from './providers/provider.ts'
export type { Json, JsonObject } from './base/json.ts'
export type { BypassReason, Refusal, CacheStatus } from './base/reasons.ts'
export type { Dialect } from './controls/dialects/dialect.ts'
export type { IdentityRequest } from './key/identify.ts'
export type { Hosted } from './controls/hosted.ts'
export type { Policy } from './controls/policy.ts'
export type { Rewrite, RewriteOption } from './controls/rewrite.ts'
export type { Rule } from './controls/rules.ts'
export type { ScopeDirectives } from './controls/scope.ts'
export type { Answer, Choice, Usage } from './providers/answer.ts'
export type { Entry, EntryInfo, EntryMeta } from './stores/entry.ts'
export type { RefuseOptions } from './judge/verdict.ts'
export type { ReplayMode } from './replay/replay.ts'
export type { MetricsRegistry } from './telemetry/prometheus.ts'
export type { PromptAdvice } from './telemetry/prompt-cache/advice.ts'
export type { History, HistoryFigures, HistoryHour, HistoryOptions } from './telemetry/history.ts'
export type { FigureBatch, FigureKind, HourFigures } from './stores/figures.ts'
export type { GroupFigures, Latency, Minute, Saved, Spent, Stats, Tokens } from './telemetry/stats.ts'
export type { Access, Awaitable, CacheStore, RestoreRefusal } from './stores/store.ts'
export type { ImportRefusal } from './stores/record-lines.ts'
export type { StoredRecord } from './stores/codec.ts'
export type { Ui, UiOptions } from './ui/server.ts'
export type { TextSource } from './stores/text-lines.ts'
export type { ImportResult } from './stores/transfer.ts'
export type { Removal } from './stores/removal.ts'
export type { Filter } from './stores/filter.ts'
export type { SemanticOptions } from './semantic/semantic-options.ts'
