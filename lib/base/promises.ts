/**
 * Whether a value is still to come. Told by its `then`: where an app has replaced the global `Promise`, those of async
 * functions are no instances of it.
 */
export function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
