import { withTimeout } from '../base/promises.ts'

/**
 * Resolves to the value, or after `ms` milliseconds rejects with an error that names `what`. A later result is dropped.
 * With `'behind'`, the timer does not keep the process alive.
 */
export function inTime<T>(ms: number, what: string, value: PromiseLike<T> | T, how?: 'behind'): Promise<T> {
  return withTimeout(ms, value, () => new Error(`${what} took longer than ${ms / 1000} s`), how)
}
