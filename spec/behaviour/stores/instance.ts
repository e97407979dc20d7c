import { Agent, fetch } from 'undici'
import { onTestFinished } from 'vitest'
import type { LlmCache, LlmCacheOptions } from '../../../lib/index.ts'
import { redisStore } from '../../../lib/stores/redis.ts'
import { openCache } from '../../support/cache.ts'
import type { Provider } from '../../support/provider.ts'
import type { OpenClient } from '../../support/redis-clients.ts'

/** One instance of an app: a cache of its own, over the Redis that it shares. */
export interface Instance {
  readonly cache: LlmCache
  /** Of the last answer: `x-llm-cache-key`. */
  readonly lastKey: string
  /** Asks, and gives how the answer came about. */
  ask(prompt: string, headers?: Record<string, string>, stream?: boolean, signal?: AbortSignal): Promise<string | null>
}

/** Opens an instance for the running spec. */
export function openInstance(connection: OpenClient, provider: Provider, options: LlmCacheOptions = {}): Instance {
  onTestFinished(() => connection[Symbol.dispose]())
  const store = redisStore({ client: connection.client })
  // A busy machine is no outage.
  const cache = openCache({ storeTimeout: 5, hosts: [provider.origin], ...options, store })
  const dispatcher = new Agent().compose(cache.interceptor)
  onTestFinished(() => dispatcher.close())
  let lastKey = ''
  return {
    cache,
    get lastKey() {
      return lastKey
    },
    async ask(prompt, headers = {}, stream = false, signal) {
      const response = await fetch(`${provider.origin}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer sk-one', ...headers },
        body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: prompt }], stream }),
        dispatcher,
        ...(signal && { signal }),
      })
      await response.text()
      lastKey = response.headers.get('x-llm-cache-key') ?? ''
      return response.headers.get('x-llm-cache')
    },
  }
}
