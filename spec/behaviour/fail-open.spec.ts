import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { CacheStore, LlmCacheOptions } from '../../lib/index.ts'
import { installCache } from '../support/cache.ts'
import { chat, statusOf } from '../support/calls.ts'
import { messagesOf } from '../support/messages.ts'
import { startProvider } from '../support/start-provider.ts'

const gone = (): never => {
  throw new Error('gone')
}
const brokenStore: CacheStore = { get: gone, set: gone, delete: gone, clear: gone, entries: () => [], close: gone }

describe('what breaks inside the cache', () => {
  test.each<[string, LlmCacheOptions, string]>([
    ['identity that throws', { identity: gone }, 'callback'],
    ['identity that gives no string', { identity: () => 7 as unknown as string }, 'callback'],
  ])('becomes a live call with a reason and a diagnostic: %s', async (_what, options, reason) => {
    const provider = await startProvider()
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    onTestFinished(() => warn.mockRestore())
    const errors = messagesOf('undici-llm-cache:error')
    const cache = installCache({ hosts: [provider.origin], ...options })
    for (let i = 0; i < 2; i++) {
      const response = await chat(provider.origin)
      expect(response.status).toBe(200)
      expect(await response.json()).toHaveProperty('choices')
      expect(statusOf(response)).toBe('BYPASS')
      expect(response.headers.get('cache-status')).toBe(`undici-llm-cache; fwd=bypass; detail=${reason}`)
    }
    expect(provider.calls).toHaveLength(2)
    expect(cache.stats()).toMatchObject({ entries: 0, bypasses: { [reason]: 2 } })
    expect(errors).toMatchObject([
      { where: 'request', reason },
      { where: 'request', reason },
    ])
    expect(warn).toHaveBeenCalledTimes(1)
  })

  test('a second tier that throws costs nothing but the tier', async () => {
    const provider = await startProvider()
    const errors = messagesOf('undici-llm-cache:error')
    installCache({ hosts: [provider.origin], store: brokenStore })
    expect(statusOf(await chat(provider.origin))).toBe('MISS')
    await expect.poll(async () => statusOf(await chat(provider.origin))).toBe('HIT')
    expect(errors).toContainEqual({ where: 'store', reason: 'internal', error: new Error('gone') })
    expect(provider.calls).toHaveLength(1)
  })

  test('a second tier that hangs costs no more than its time-out', async () => {
    const provider = await startProvider()
    const never = (): Promise<never> => new Promise(() => {})
    installCache({ hosts: [provider.origin], store: { ...brokenStore, get: never, set: never }, storeTimeout: 0.01 })
    expect(statusOf(await chat(provider.origin))).toBe('MISS')
    expect(statusOf(await chat(provider.origin, { seed: 2 }))).toBe('MISS')
    expect(provider.calls).toHaveLength(2)
  })
})

describe('diagnostics', () => {
  test('report every answer without a credential, a prompt or an answer', async () => {
    const provider = await startProvider()
    const answers = messagesOf('undici-llm-cache:answer')
    const stores = messagesOf('undici-llm-cache:store')
    const refusals = messagesOf('undici-llm-cache:refuse')
    provider.script({}, { status: 500 })
    installCache({ hosts: [provider.origin] })
    const first = await chat(provider.origin, { user: 'prompt-text' })
    const key = first.headers.get('x-llm-cache-key')
    const text = await first.text()
    await (await chat(provider.origin, { user: 'prompt-text' })).text()
    await (await chat(provider.origin, { user: 'other' })).text()
    const common = { provider: 'local', endpoint: '/v1/chat/completions', model: 'gpt-5.1' }
    expect(answers).toMatchObject([
      { ...common, status: 'MISS', key },
      { ...common, status: 'HIT', key },
      { ...common, status: 'MISS' },
    ])
    expect(stores).toEqual([{ key, provider: 'local', size: Buffer.byteLength(text) }])
    expect(refusals).toMatchObject([{ provider: 'local', reason: 'status' }])
    const told = JSON.stringify([answers, stores, refusals])
    for (const secret of ['sk-one', 'prompt-text', 'Say something', text.slice(20, 60)])
      expect(told).not.toContain(secret)
  })
})
