import { channel } from 'node:diagnostics_channel'
import type { BypassReason, CacheStatus, MissReason, Refusal, UnmatchedCause } from '../base/reasons.ts'
import type { Usage } from '../providers/answer.ts'
import type { PromptAdvice } from './prompt-cache/advice.ts'

/** The part of the cache in which an error happened. */
export type ErrorPlace = 'request' | 'answer' | 'store' | 'finder' | 'semantic' | 'explain' | 'drift'

/** Every diagnostics channel and its message. No message holds a credential, a prompt or an answer. */
export interface DiagnosticMessages {
  /** The head of the answer to a matched call was sent. */
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
    /** What a stored answer saved: seconds, and tokens if the provider reports them. */
    readonly saved: { readonly time: number; readonly usage: Usage | undefined } | undefined
  }
  /** A provider call has ended, and its answer is stored or refused. */
  'undici-llm-cache:call': {
    readonly status: 'MISS' | 'REFRESH'
    readonly provider: string
    readonly endpoint: string
    readonly model: string | undefined
    readonly key: string
    /** Seconds from the call to the last byte. */
    readonly duration: number
    /** Of a stored answer, if the provider reports it. */
    readonly usage: Usage | undefined
    /** Why the answer is not stored. */
    readonly refusal: Refusal | undefined
    /** Why the call missed, in words, with the option `explain`: `differs: body messages[3].content`. */
    readonly missed?: string | undefined
    /** Why the provider's own cache missed, in the provider's word (`tools_changed`), if the call asked for that. */
    readonly cacheMiss?: string | undefined
  }
  /** A call found no answer, and `explain` is on for it. */
  'undici-llm-cache:miss': {
    readonly key: string
    readonly provider: string
    readonly endpoint: string
    readonly model: string | undefined
    /** `unknown`: there is no earlier call to compare with. */
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
   * Something keeps the provider's own prompt cache from being used. Requests are examined only while this channel has
   * a subscriber.
   */
  'undici-llm-cache:advice': PromptAdvice
  /** An LLM call, or what looks like one, did not get to the cache. */
  'undici-llm-cache:unmatched': { readonly host: string; readonly cause: UnmatchedCause }
  /** Something inside failed; the call went on without it. */
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

/** Publishes to one of the channels. The message is built only if there is a subscriber. */
export function publish<Name extends keyof DiagnosticMessages>(
  name: Name,
  message: () => DiagnosticMessages[Name],
): void {
  if (channels[name].hasSubscribers) channels[name].publish(message())
}

/** Publishes an error inside the cache that has harmed no call. */
export function reportError(where: ErrorPlace, error: unknown): void {
  publish('undici-llm-cache:error', () => ({ where, reason: 'internal', error }))
}

/** Whether a channel has a subscriber, for messages that need work in advance. */
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
