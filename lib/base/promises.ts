import { LlmCacheError } from './errors.ts'

/**
 * Whether a value is a promise. Checks for `then`, since an app may have replaced the global `Promise`, and promises of
 * async functions are not instances of that.
 */
export function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/**
 * Resolves to the value, or after `ms` milliseconds rejects with the error from `late`. A later result is dropped. With
 * `'behind'`, the timer does not keep the process alive.
 */
export async function withTimeout<T>(
  ms: number,
  value: T | PromiseLike<T>,
  late: () => Error,
  how?: 'behind',
): Promise<T> {
  if (!isPromiseLike(value)) return value
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), ms)
    if (how === 'behind') timer.unref()
  })
  try {
    return await Promise.race([value, timeout])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Resolves to a store's result if it arrives within `ms` milliseconds. With `'behind'`, the timer does not keep the
 * process alive.
 *
 * @throws LlmCacheError with code `ERR_LLM_CACHE_STORE` after that time.
 */
export function within<T>(ms: number, value: T | PromiseLike<T>, how?: 'behind'): Promise<T> {
  const late = (): Error => new LlmCacheError('ERR_LLM_CACHE_STORE', 'The store did not answer in time')
  return withTimeout(ms, value, late, how)
}

/**
 * Runs `act` and keeps the process alive until it has settled, which unreferenced threads and timers do not. `act` must
 * have its own time limit.
 */
export async function keepAlive<T>(act: () => Promise<T>): Promise<T> {
  const hold = setInterval(() => undefined, 60_000)
  try {
    return await act()
  } finally {
    clearInterval(hold)
  }
}
