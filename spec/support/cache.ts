import { onTestFinished } from 'vitest'
import { createLlmCache, type LlmCache, type LlmCacheOptions } from '../../lib/index.ts'

/** A cache under the global fetch, for the running spec. */
export function installCache(options?: LlmCacheOptions): LlmCache {
  const cache = createLlmCache(options)
  const uninstall = cache.install()
  onTestFinished(async () => {
    uninstall()
    await cache.close()
  })
  return cache
}

/** A cache that nothing uses yet, for the running spec. */
export function openCache(options?: LlmCacheOptions): LlmCache {
  const cache = createLlmCache(options)
  onTestFinished(() => cache.close())
  return cache
}
