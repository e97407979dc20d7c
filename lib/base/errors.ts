/** Codes of the errors of this package's own API; a closed list. */
export type LlmCacheErrorCode =
  /** A callback of the app (`identity`) threw, or returned anything but a string. */
  | 'ERR_LLM_CACHE_CALLBACK'
  /** The second tier did not answer in time, or an answer or a removal did not reach it. */
  | 'ERR_LLM_CACHE_STORE'
  /** A cassette can't be read or written; the message names the file and the line. */
  | 'ERR_LLM_CACHE_CASSETTE'
  /** A recorded answer seems to contain a secret and was not saved; the message says where. */
  | 'ERR_LLM_CACHE_SECRET'
  /** A required package is not installed; the message names it. */
  | 'ERR_LLM_CACHE_PACKAGE'

/** Base of all errors of this package. Match by `code`; no message ever holds a header value or a body. */
export class LlmCacheError extends Error {
  readonly code: LlmCacheErrorCode

  constructor(code: LlmCacheErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'LlmCacheError'
    this.code = code
  }
}

/** Whatever was thrown, as an `Error`. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error('A value was thrown that is no Error', { cause: thrown })
}

/** The error of an abort without a reason. */
export function abortError(message = 'Request aborted'): Error {
  return new DOMException(message, 'AbortError')
}
