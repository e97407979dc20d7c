/** How SDKs made by Speakeasy (Mistral's, OpenRouter's) try again. */
export interface Backoff {
  readonly strategy: 'backoff'
  readonly backoff: {
    readonly initialInterval: number
    readonly maxInterval: number
    readonly exponent: number
    readonly maxElapsedTime: number
  }
}

/** As soon as can be, or not at all. Times are milliseconds. */
export function backoff(retries: number): Backoff | { readonly strategy: 'none' } {
  if (retries === 0) return { strategy: 'none' }
  return {
    strategy: 'backoff',
    backoff: { initialInterval: 1, maxInterval: 1, exponent: 1, maxElapsedTime: 60_000 },
  }
}
