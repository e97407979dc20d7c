/** Where `register` keeps its cache: one place for each process (and realm), for every copy of this package. */
export const REGISTERED: unique symbol = Symbol.for('undici-llm-cache.registered')

/** Whether `register` has run in this process. */
export function isRegistered(): boolean {
  return REGISTERED in globalThis
}
