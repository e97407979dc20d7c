import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { installCache } from '../../support/cache.ts'
import { chat, statusOf } from '../../support/calls.ts'
import { startProvider } from '../../support/start-provider.ts'

describe('where the app has replaced the global Promise, as zone.js does', () => {
  test.each<[string, object, { readonly coding?: 'gzip' }]>([
    ['a JSON answer', {}, {}],
    ['a stream', { stream: true }, {}],
    ['a compressed answer', {}, { coding: 'gzip' }],
    ['a large request', { padding: 'x'.repeat(300_000) }, {}],
  ])('%s is stored and replayed', async (_name, fields, plan) => {
    const provider = await startProvider()
    provider.always(plan)
    const cache = installCache({ hosts: [provider.origin] })
    // What an async function gives is no instance of it.
    vi.stubGlobal('Promise', class Foreign<T> extends Promise<T> {})
    onTestFinished(() => void vi.unstubAllGlobals())
    const texts: string[] = []
    for (const status of ['MISS', 'HIT']) {
      const response = await chat(provider.origin, fields)
      expect(statusOf(response)).toBe(status)
      texts.push(await response.text())
    }
    expect(texts[1]).toBe(texts[0])
    const [{ key = '' } = {}] = cache.entries()
    expect([await cache.delete(key), cache.stats().entries]).toEqual([true, 0])
  })
})
