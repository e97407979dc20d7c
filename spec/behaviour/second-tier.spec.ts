import { inspect } from 'node:util'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { CacheStore, Removal } from '../../lib/index.ts'
import { sealedStore } from '../../lib/stores/seal.ts'
import { installCache, openCache } from '../support/cache.ts'
import { chat, post, statusOf } from '../support/calls.ts'
import { MapRecords } from '../support/map-records.ts'
import { doorUrl } from '../support/package.ts'
import { runNode } from '../support/run-node.ts'
import { startProvider } from '../support/start-provider.ts'

/** Process warnings of the running spec. */
function warnings(): string[] {
  const told: string[] = []
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation((warning) => void told.push(String(warning)))
  onTestFinished(() => warn.mockRestore())
  return told
}

describe('a sealed second tier', () => {
  test('gives the next process its answers, byte for byte', async () => {
    const provider = await startProvider()
    const records = new MapRecords()
    const first = installCache({ hosts: [provider.origin], store: sealedStore(records, 'credential') })
    const text = await (await chat(provider.origin, { stream: true })).text()
    await first.flush()
    installCache({ hosts: [provider.origin], store: sealedStore(records, 'credential') })
    const again = await chat(provider.origin, { stream: true })
    expect(statusOf(again)).toBe('HIT')
    expect(await again.text()).toBe(text)
    expect(provider.calls).toHaveLength(1)
  })

  test('keeps in memory what has no secret to be sealed under, and gives the remedy once', async () => {
    const told = warnings()
    const provider = await startProvider()
    const records = new MapRecords()
    const cache = installCache({ hosts: [provider.origin], store: sealedStore(records, 'credential') })
    const call = (seed: number): Promise<Response> =>
      chat(provider.origin, { seed }, { headers: { 'content-type': 'application/json' } })
    for (const seed of [1, 2]) await (await call(seed)).text()
    await cache.flush()
    expect(records.records.size).toBe(0)
    expect(statusOf(await call(1))).toBe('HIT')
    expect(told.filter((warning) => warning.includes('encryption: { key }'))).toHaveLength(1)
  })

  test('stores what has no secret under a key of the app', async () => {
    const provider = await startProvider()
    const records = new MapRecords()
    const cache = installCache({ hosts: [provider.origin], store: sealedStore(records, { key: 'k'.repeat(32) }) })
    await (await chat(provider.origin, {}, { headers: { 'content-type': 'application/json' } })).text()
    await cache.flush()
    expect(records.records.size).toBe(1)
  })

  test('warns once of a credential that rotates, under which nothing is found again', async () => {
    const told = warnings()
    const provider = await startProvider()
    const cache = installCache({ hosts: [provider.origin], store: sealedStore(new MapRecords(), 'credential') })
    const headers = { 'content-type': 'application/json', authorization: 'Bearer ya29.secret-token' }
    for (const seed of [1, 2]) await (await chat(provider.origin, { seed }, { headers })).text()
    await cache.flush()
    expect(told).toHaveLength(1)
    expect(told[0]).toContain('`identity`')
    expect(told[0]).not.toContain('secret-token')
  })

  test('is handed what was derived from a credential, never the credential', async () => {
    const provider = await startProvider()
    const seen: unknown[] = []
    const note = (...given: unknown[]): undefined => void seen.push(given)
    const store: CacheStore = {
      get: note,
      set: note,
      delete: () => false,
      clear: () => 0,
      entries: () => [],
      close: note,
    }
    installCache({ hosts: [provider.origin], store })
    await (await post(`${provider.origin}/v1/chat/completions`, '{"model":"m","messages":[]}')).text()
    expect(seen.length).toBeGreaterThan(1)
    expect(inspect(seen, { depth: null, showHidden: true, getters: true })).not.toContain('sk-one')
  })
})

describe('what another process takes out', () => {
  test('is forgotten, also where the answer is still on its way', async () => {
    const provider = await startProvider()
    let remove: (removal: Removal) => void = () => undefined
    const watch = (onRemoval: (removal: Removal) => void): void => void (remove = onRemoval)
    const store = sealedStore(Object.assign(new MapRecords(), { watch }), 'none')
    const cache = installCache({ hosts: [provider.origin], store })
    await (await chat(provider.origin, { seed: 1 })).text()
    const gate = Promise.withResolvers<void>()
    provider.script({ first: gate.promise })
    const pending = chat(provider.origin, { seed: 2 })
    await expect.poll(() => provider.calls.length).toBe(2)
    remove({ filter: {}, at: Date.now() })
    expect([...cache.entries()]).toEqual([])
    gate.resolve()
    await (await pending).text()
    expect([...cache.entries()]).toEqual([])
    expect(statusOf(await chat(provider.origin, { seed: 2 }))).toBe('MISS')
  })
})

describe('cache.flush()', () => {
  test('resolves at once without a second tier', async () => {
    await expect(openCache().flush()).resolves.toBeUndefined()
  })
})

test.for(['flush', 'close'])('a process that has nothing else to do waits for %s()', async (name) => {
  const { origin } = await startProvider()
  const app = `
    import { createLlmCache } from '${doorUrl('index')}'
    const store = {
      get: () => undefined, delete: () => false, clear: () => 0, entries: () => [], close: () => undefined,
      set: () => new Promise((resolve) => setTimeout(resolve, 1500).unref()),
    }
    const cache = createLlmCache({ hosts: ['${origin}'], store })
    const uninstall = cache.install()
    const ask = { method: 'POST', body: '{"messages":[]}', headers: { 'content-type': 'application/json', connection: 'close' } }
    await (await fetch('${origin}/v1/chat/completions', ask)).text()
    uninstall()
    await cache.${name}()
    console.log('done')`
  expect(await runNode(['--input-type=module', '-e', app])).toEqual({ code: 0, stdout: 'done\n', stderr: '' })
})
