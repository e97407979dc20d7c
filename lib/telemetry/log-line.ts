import { showCount, showDollars, showPlain, showSeconds } from '../base/units.ts'
import type { Usage } from '../providers/answer.ts'
import type { DiagnosticMessages } from './diagnostics.ts'
import { adviceOf } from './inside-counts.ts'
import type { PromptAdvice } from './prompt-cache/advice.ts'
import { priceOf } from './prices.ts'
import type { Stats } from './stats.ts'

/** One line of the log, about one call. */
export interface LogLine {
  /**
   * `HIT`, `MISS` …, or `UNMATCHED` for a call that did not get to the cache, `ADVICE` on the provider's own prompt
   * cache, `ERROR` for what broke inside.
   */
  readonly status: string
  readonly provider?: string
  readonly model?: string | undefined
  /** Path of the endpoint. */
  readonly endpoint?: string
  readonly key?: string | undefined
  /** Host of a call that did not get to the cache. */
  readonly host?: string
  /** Seconds to the last byte of a provider call, otherwise to the head of the answer. */
  readonly duration?: number
  /** Seconds that a provider call would have taken. */
  readonly savedTime?: number
  readonly inputTokens?: number
  readonly outputTokens?: number
  /** Input tokens that the provider had in its own cache, if it reports them. */
  readonly cachedTokens?: number
  /** US dollars that the call cost, or would have cost; absent if no price is known. */
  readonly cost?: number
  /** Why the call was bypassed, not stored or not matched; or a note on how it was served. */
  readonly detail?: string | undefined
}

/** The line of an answer; `undefined` if its own provider call will get a line when it ends. */
export function lineOfAnswer(message: DiagnosticMessages['undici-llm-cache:answer']): LogLine | undefined {
  const { saved, detail, ...call } = message
  // A provider call gets its line when it ends.
  const isAhead = (call.status === 'MISS' || call.status === 'REFRESH') && detail?.startsWith('only-if-cached') !== true
  if (isAhead) return undefined
  return { ...call, ...(saved && { savedTime: saved.time, ...spent(call, saved.usage) }), detail }
}

/** The line of a provider call that has ended. */
export function lineOfCall(message: DiagnosticMessages['undici-llm-cache:call']): LogLine {
  const { usage, refusal, missed, cacheMiss, ...call } = message
  const provider = cacheMiss && `provider's cache missed: ${cacheMiss}`
  const notes = [missed, refusal && `not stored: ${refusal}`, provider].filter((note) => note !== undefined)
  return { ...call, ...spent(call, usage), ...(notes.length > 0 && { detail: notes.join(', ') }) }
}

/** The line of an advice about the provider's own prompt cache. */
export function lineOfAdvice({ provider, model, text, docs }: PromptAdvice): LogLine {
  return { status: 'ADVICE', provider, model, detail: `${text} (${docs})` }
}

function spent(
  { provider, model }: { readonly provider: string; readonly model: string | undefined },
  usage: Usage | undefined,
): Partial<LogLine> {
  if (usage === undefined) return {}
  const { inputTokens, outputTokens, cachedTokens } = usage
  const cost = usage.cost ?? (model === undefined ? undefined : priceOf(provider, model, usage))
  return {
    inputTokens,
    outputTokens,
    ...(cachedTokens !== undefined && { cachedTokens }),
    ...(cost !== undefined && { cost }),
  }
}

/** `HIT gpt-5.1 chat 0.3 ms · saved 1.24 s, 431 tokens, $0.0021`; `paint` colours the status. */
export function renderLine(line: LogLine, paint: (status: string) => string): string {
  const { status, host, model, endpoint, duration, detail, savedTime } = line
  const call = [host, model, endpoint && nameOf(endpoint), duration !== undefined && showSeconds(duration)]
  const cost = amounts({ time: savedTime, tokens: tokensOf(line), cost: line.cost })
  const money = cost === '' ? undefined : savedTime === undefined ? cost : `saved ${cost}`
  const words = [paint(status), ...call.filter(Boolean).map((word) => showPlain(String(word)))].join(' ')
  const cached =
    savedTime === undefined && line.cachedTokens ? `${showCount(line.cachedTokens)} cached by the provider` : ''
  return [words, money, cached, detail && showPlain(detail, status === 'ADVICE' ? 1000 : 200)]
    .filter(Boolean)
    .join(' · ')
}

/**
 * `12 calls: 8 hits, 3 misses, 1 bypass · saved 9.8 s, 3,210 tokens, $0.0123`; `undefined` if there is nothing to
 * report.
 */
export function renderSummary(stats: Stats): string | undefined {
  const { hits, misses, coalesced, stale, refreshes, bypasses, saved } = stats
  const bypassed = Object.values(bypasses).reduce((sum, count) => sum + count, 0)
  const kinds: [number, string, string][] = [
    [hits, 'hit', 'hits'],
    [coalesced, 'coalesced', 'coalesced'],
    [stale, 'stale', 'stale'],
    [misses, 'miss', 'misses'],
    [refreshes, 'refresh', 'refreshes'],
    [bypassed, 'bypass', 'bypasses'],
  ]
  const calls = kinds.reduce((sum, [count]) => sum + count, 0)
  const around = renderAround(stats)
  if (calls === 0) return around
  const told = kinds.filter(([count]) => count > 0).map(([count, one, many]) => `${count} ${count === 1 ? one : many}`)
  const { time, inputTokens, outputTokens, cost } = saved
  const money = amounts({ time, tokens: inputTokens + outputTokens, cost: cost === 0 ? undefined : cost })
  const figures = `${calls} ${calls === 1 ? 'call' : 'calls'}: ${told.join(', ')}${time === 0 ? '' : ` · saved ${money}`}`
  return [figures, around, renderAdvice(stats)].filter(Boolean).join(' · ')
}

/** `2 calls went around the cache: api.openai.com`; endpoints that a cache does not handle are left out. */
function renderAround({ unmatchedCauses }: Stats): string | undefined {
  const { endpoint: _meantSo, ...causes } = unmatchedCauses
  const hosts = Object.values(causes).flatMap((counts) => Object.entries(counts))
  if (hosts.length === 0) return undefined
  const calls = hosts.reduce((sum, [, count]) => sum + count, 0)
  const names = [...new Set(hosts.map(([host]) => host))]
  const shown = names.length > 3 ? [...names.slice(0, 3), '…'] : names
  return showPlain(`${calls} ${calls === 1 ? 'call' : 'calls'} went around the cache: ${shown.join(', ')}`)
}

/** `body metadata.trace differs in 97 % of misses: option ignoreFields: ['metadata.trace']`. */
function renderAdvice(stats: Stats): string | undefined {
  const advice = adviceOf(stats)
  if (advice === undefined) return undefined
  const { part, share, option } = advice
  const name = part.slice(part.indexOf(' ') + 1)
  const remedy = option === undefined ? '' : `; if it never changes the answer: option ${option}: ['${name}']`
  return `${showPlain(part)} differs in ${Math.round(share * 100)} % of misses${showPlain(remedy)}`
}

function amounts(of: { time: number | undefined; tokens: number | undefined; cost: number | undefined }): string {
  const texts = [
    of.time === undefined ? '' : showSeconds(of.time),
    of.tokens ? `${showCount(of.tokens)} tokens` : '',
    of.cost === undefined ? '' : showDollars(of.cost),
  ]
  return texts.filter((text) => text !== '').join(', ')
}

function tokensOf({ inputTokens, outputTokens }: LogLine): number | undefined {
  return inputTokens === undefined && outputTokens === undefined ? undefined : (inputTokens ?? 0) + (outputTokens ?? 0)
}

/**
 * The part that distinguishes endpoints of a provider: `chat` of `/v1/chat/completions`, `messages`, `generateContent`.
 */
function nameOf(endpoint: string): string {
  const last = endpoint.split(/[/:]/).at(-1) ?? ''
  return last === 'completions' && endpoint.includes('/chat/') ? 'chat' : last
}
