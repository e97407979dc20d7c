import { LlmCacheError } from '../base/errors.ts'

/** The app has closed the client that a store works with. Nothing is wrong with the store itself. */
export class ClientClosedError extends LlmCacheError {
  constructor() {
    super('ERR_LLM_CACHE_STORE', 'The Redis client is closed; await cache.flush() before you close it')
  }
}
