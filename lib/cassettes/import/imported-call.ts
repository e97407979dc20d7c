/** A call and its answer, as another tool recorded them. */
export interface ImportedCall {
  readonly method: string
  readonly url: string
  /** Names in any case. */
  readonly requestHeaders: readonly (readonly [name: string, value: string])[]
  readonly requestBody: Uint8Array
  readonly status: number
  readonly statusText: string
  readonly responseHeaders: readonly (readonly [name: string, value: string])[]
  /** Encoded as `content-encoding` says, or decoded already. */
  readonly responseBody: Uint8Array
  readonly isDecoded: boolean
  /** ISO 8601; `undefined` if it is not known. */
  readonly recordedAt: string | undefined
}

/** The header pairs of an object whose values are strings or lists of them. */
export function pairsOf(headers: unknown): [name: string, value: string][] {
  if (typeof headers !== 'object' || headers === null) return []
  return Object.entries(headers).flatMap(([name, value]: [string, unknown]) =>
    (Array.isArray(value) ? value : [value]).map((one): [string, string] => [name, String(one)]),
  )
}

/** A recorder's date as ISO 8601; `undefined` if it is not a date. */
export function isoDate(text: unknown): string | undefined {
  const time = typeof text === 'string' || text instanceof Date ? new Date(text).getTime() : NaN
  return Number.isNaN(time) ? undefined : new Date(time).toISOString()
}
