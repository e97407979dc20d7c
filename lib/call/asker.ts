import type { Dispatcher } from 'undici'
import type { Match } from '../providers/provider.ts'
import type { CacheContext } from './context.ts'
import type { Reply } from './reply.ts'

/** The call that looks something up. */
export interface Asker {
  readonly core: CacheContext
  readonly match: Match
  readonly reply: Reply
  readonly dispatch: Dispatcher['dispatch']
  /** The call as the provider gets it. */
  upstream(): Dispatcher.DispatchOptions
  /** Goes on with a value that is there, or will be, unless the caller has left by then. */
  proceed<T>(value: T | Promise<T>, next: (value: T) => void): void
}
