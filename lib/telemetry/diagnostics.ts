import { channel } from 'node:diagnostics_channel'
import type { BypassReason, CacheStatus, MissReason, Refusal, UnmatchedCause } from '../base/reasons.ts'
import type { Usage } from '../providers/answer.ts'
import type { PromptAdvice } from './prompt-cache/advice.ts'

/** What was at work when an error happened inside the cache. */
export type ErrorPlace = 'request' | 'answer' | 'store' | 'finder' | 'semantic' | 'explain' | 'drift'

/** Every diagnostics channel and its message. No message holds a credential, a prompt or an answer. */
export interface DiagnosticMessages {
  /** A matched call got its head. */
  'undici-llm-cache:answer': {
    readonly status: CacheStatus
    readonly provider: string
    readonly endpoint: string
    readonly model: string | undefined
    readonly key: string | undefined
    /** Why it was bypassed, or how it was served. */
    readonly detail: string | undefined
    /** Seconds from the call to the head. */
    readonly duration: number
    /** What a provider call would have taken, of a stored answer: seconds, and tokens where the provider tells them. */
    readonly saved: { readonly time: number; readonly usage: Usage | undefined } | undefined
  }
  /** A provider call has ended, and it is settled whether its answer is stored. */
  'undici-llm-cache:call': {
    readonly status: 'MISS' | 'REFRESH'
    readonly provider: string
    readonly endpoint: string
    readonly model: string | undefined
    readonly key: string
    /** Seconds from the call to the last byte. */
    readonly duration: number
    /** Of an answer that is stored, where the provider tells it. */
    readonly usage: Usage | undefined
    /** Why it is not stored. */
    readonly refusal: Refusal | undefined
    /** Why it was made, in words, with the option `explain`: `differs: body messages[3].content`. */
    readonly missed?: string | undefined
    /** Why the provider's own cache missed, in its own word, where the call has asked for that: `tools_changed`. */
    readonly cacheMiss?: string | undefined
  }
  /** A call found no answer, and `explain` is on for it. */
  'undici-llm-cache:miss': {
    readonly key: string
    readonly provider: string
    readonly endpoint: string
    readonly model: string | undefined
    /** `unknown`: nothing that it could be compared with was asked for before. */
    readonly reason: MissReason
    /** Key of the nearest entry. */
    readonly nearest?: string | undefined
    /** Parts of the key in which the two differ: `body messages[3].content`, `header openai-beta`, `credential`. */
    readonly differs: readonly string[]
  }
  /** An answer was stored. */
  'undici-llm-cache:store': { readonly key: string; readonly provider: string; readonly size: number }
  /** An answer was delivered but not stored. */
  'undici-llm-cache:refuse': { readonly key: string; readonly provider: string; readonly reason: Refusal }
  /**
   * What keeps the provider's own prompt cache from being used. Requests are read for it only while somebody listens to
   * this channel.
   */
  'undici-llm-cache:advice': PromptAdvice
  /** An LLM call, or what looks like one, did not get to the cache. */
  'undici-llm-cache:unmatched': { readonly host: string; readonly cause: UnmatchedCause }
  /** Something inside broke; the call went on without it. */
  'undici-llm-cache:error': {
    readonly where: ErrorPlace
    readonly reason: BypassReason | Refusal
    readonly error: unknown
  }
}

const channels = {
  'undici-llm-cache:answer': channel('undici-llm-cache:answer'),
  'undici-llm-cache:call': channel('undici-llm-cache:call'),
  'undici-llm-cache:miss': channel('undici-llm-cache:miss'),
  'undici-llm-cache:store': channel('undici-llm-cache:store'),
  'undici-llm-cache:refuse': channel('undici-llm-cache:refuse'),
  'undici-llm-cache:unmatched': channel('undici-llm-cache:unmatched'),
  'undici-llm-cache:advice': channel('undici-llm-cache:advice'),
  'undici-llm-cache:error': channel('undici-llm-cache:error'),
} satisfies Record<keyof DiagnosticMessages, unknown>

/** Publishes to one of the channels. The message is only made if somebody listens. */
export function publish<Name extends keyof DiagnosticMessages>(
  name: Name,
  message: () => DiagnosticMessages[Name],
): void {
  if (channels[name].hasSubscribers) channels[name].publish(message())
}

/** Publishes an error inside the cache, which has harmed no call. */
export function reportError(where: ErrorPlace, error: unknown): void {
  publish('undici-llm-cache:error', () => ({ where, reason: 'internal', error }))
}

/** Whether somebody listens, where a message takes work ahead. */
export function isHeard(name: keyof DiagnosticMessages): boolean {
  return channels[name].hasSubscribers
}

/** There are few causes, but any number of misspelt header names. */
const MAX_WARNINGS = 100

/** Process warnings, each once, and no more than 100. */
export class Warnings {
  readonly #told = new Set<string>()

  warn(code: string, message: string): void {
    if (this.#told.has(message) || this.#told.size >= MAX_WARNINGS) return
    this.#told.add(message)
    process.emitWarning(message, { type: 'LlmCacheWarning', code })
  }
}
