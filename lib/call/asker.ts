import type { Dispatcher } from 'undici'
import type { Match } from '../providers/provider.ts'
import type { ReadRequest } from '../telemetry/prompt-cache/advice.ts'
import type { CacheContext } from './context.ts'
import type { Reply } from './reply.ts'

/** What a lookup needs from its call. */
export interface Asker {
  readonly context: CacheContext
  readonly match: Match
  readonly reply: Reply
  readonly dispatch: Dispatcher['dispatch']
  /** Reads the call for advice on its provider's prompt cache; only while that channel has a subscriber. */
  readonly prompt: (() => ReadRequest | undefined) | undefined
  /** The call as sent to the provider. */
  upstream(): Dispatcher.DispatchOptions
  /** Continues with a value, at once or when it resolves, unless the caller has left by then. */
  proceed<T>(value: T | Promise<T>, next: (value: T) => void): void
}
