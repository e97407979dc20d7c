import { withTimeout } from '../base/promises.ts'

/**
 * The value, or after `ms` milliseconds a rejection with an error that names `what`. What comes later is dropped.
 * `'behind'`: the timer does not keep the process alive.
 */
export function inTime<T>(ms: number, what: string, value: PromiseLike<T> | T, how?: 'behind'): Promise<T> {
  return withTimeout(ms, value, () => new Error(`${what} took longer than ${ms / 1000} s`), how)
}
