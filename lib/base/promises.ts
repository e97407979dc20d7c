import { LlmCacheError } from './errors.ts'

/**
 * Whether a value is still to come. `then` tells: an app may have replaced the global `Promise`, and those of async
 * functions are not instances of that.
 */
export function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/**
 * The value, or after `ms` milliseconds a rejection with the error that `late` makes. What comes later is dropped.
 * `'behind'`: the timer does not keep the process alive.
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
 * What a store says within `ms` milliseconds. `'behind'`: the timer does not keep the process alive.
 *
 * @throws LlmCacheError with code `ERR_LLM_CACHE_STORE` when the time is out.
 */
export function within<T>(ms: number, value: T | PromiseLike<T>, how?: 'behind'): Promise<T> {
  const late = (): Error => new LlmCacheError('ERR_LLM_CACHE_STORE', 'The store did not answer in time')
  return withTimeout(ms, value, late, how)
}

/**
 * Does something, and keeps the process alive until it has settled: threads and timers of what nobody waits for do not.
 * `act` must have a bound of its own.
 */
export async function keepAlive<T>(act: () => Promise<T>): Promise<T> {
  const hold = setInterval(() => undefined, 60_000)
  try {
    return await act()
  } finally {
    clearInterval(hold)
  }
}
