import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { type Asked, setUp } from './setup.ts'

// OpenRouter, FastRouter and orq have specs of their own here: their controls are understood as they are.

describe('Helicone', () => {
  test('Cache-Read: false is refresh, Cache-Save: false is read-only', async () => {
    const { ask, cache } = await setUp()
    await ask({ headers: { 'x-llm-cache': 'read-only' } })
    expect(cache.stats().entries).toBe(0)
    await ask()
    const fresh = await ask({ headers: { 'x-llm-cache': 'refresh' } })
    expect((await ask()).text).toBe(fresh.text)
  })

  test('Bucket-Max-Size is samples, and Seed is the namespace', async () => {
    const { ask } = await setUp()
    const headers = { 'x-llm-cache-samples': '2', 'x-llm-cache-namespace': 's1' }
    const statuses = [(await ask({ headers })).cache, (await ask({ headers })).cache, (await ask({ headers })).cache]
    expect(statuses).toEqual(['MISS', 'MISS', 'HIT'])
    expect((await ask({ headers: { 'x-llm-cache-namespace': 's2' } })).cache).toBe('MISS')
  })

  test('Ignore-Keys is ignoreFields', async () => {
    const { ask } = await setUp({ ignoreFields: ['user'] })
    await ask({ fields: { user: 'a' } })
    expect((await ask({ fields: { user: 'b' } })).cache).toBe('HIT')
  })
})

describe('LiteLLM', () => {
  test('no-cache is refresh, no-store is read-only: one skips the read alone, the other the write alone', async () => {
    const { ask, cache } = await setUp()
    const first = await ask()
    expect((await ask({ headers: { 'x-llm-cache': 'refresh' } })).cache).toBe('REFRESH')
    expect((await ask({ headers: { 'x-llm-cache': 'read-only' } })).cache).toBe('HIT')
    expect([cache.stats().stores, first.key?.length]).toEqual([2, 64])
  })

  test('default_off with use-cache is opt-in with on', async () => {
    const { ask } = await setUp({ policy: 'opt-in' })
    expect([(await ask()).cache, (await ask({ headers: { 'x-llm-cache': 'on' } })).cache]).toEqual(['BYPASS', 'MISS'])
  })
})

test.for([
  { 's-maxage': 60 },
  { 'no-cache': true },
  { 'no-store': true },
  { 'use-cache': true },
  { ttl: 600 },
  { namespace: 'n' },
  { mode: 'simple', max_age: 600 },
])("the body object %j of LiteLLM or Portkey is the provider's own field", async (cache) => {
  const { ask, last } = await setUp()
  const asked: Asked = { fields: { cache } }
  expect([(await ask(asked)).cache, (await ask(asked)).cache, (await ask()).cache]).toEqual(['MISS', 'HIT', 'MISS'])
  await ask({ fields: { cache, seed: 1 } })
  expect(JSON.parse(last().body.toString())).toMatchObject({ cache })
})

test('every header that the page for newcomers names is understood', async () => {
  const page = await readFile(new URL('../../../lib/controls/README.md', import.meta.url), 'utf8')
  const table = page.slice(page.indexOf('## Coming from'))
  const told = [...table.matchAll(/`(x-llm-cache[a-z-]*|cache-control): ([^`]+)`/g)]
  expect(told.length).toBeGreaterThan(10)
  for (const [, name = '', value = ''] of told) {
    // The status that an answer carries has the same name as the control.
    if (/^[A-Z]/.test(value)) continue
    const { ask } = await setUp()
    expect((await ask({ headers: { [name]: value } })).told, `${name}: ${value}`).not.toContain('control:')
  }
})
