import { LlmCacheError } from '../base/errors.ts'

/** Thrown if the app has closed the store's client. The store itself has not failed. */
export class ClientClosedError extends LlmCacheError {
  constructor() {
    super('ERR_LLM_CACHE_STORE', 'The Redis client is closed; await cache.flush() before you close it')
  }
}
