import { Agent, request } from 'undici'
import { expect, test } from 'vitest'
import { installCache, openCache } from '../../support/cache.ts'
import { chat, statusOf } from '../../support/calls.ts'
import { startProvider } from '../../support/start-provider.ts'

const CODINGS = ['gzip', 'deflate', 'br', 'zstd'] as const

for (const coding of CODINGS) {
  test(`who has read an answer in ${coding} to its end finds it stored`, async () => {
    const provider = await startProvider()
    provider.always({ coding })
    const cache = openCache({ hosts: [provider.origin] })
    const dispatcher = new Agent().compose(cache.interceptor)
    const statuses: unknown[] = []
    for (const stream of [false, true, false, true]) {
      const headers = { 'content-type': 'application/json', 'accept-encoding': coding }
      const body = JSON.stringify({ model: 'gpt-5.1', messages: [], stream })
      const response = await request(`${provider.origin}/v1/chat/completions`, {
        method: 'POST',
        headers,
        body,
        dispatcher,
      })
      await response.body.arrayBuffer()
      statuses.push(response.headers['x-llm-cache'])
    }
    expect(statuses).toEqual(['MISS', 'MISS', 'HIT', 'HIT'])
  })
}

test('the same through the built-in fetch', async () => {
  const provider = await startProvider()
  provider.always({ coding: 'gzip' })
  installCache({ hosts: [provider.origin] })
  for (let seed = 0; seed < 20; seed++) {
    await (await chat(provider.origin, { seed })).text()
    expect(statusOf(await chat(provider.origin, { seed }))).toBe('HIT')
  }
})

// Under Node 22 the end of such an answer, told at the wrong moment, hangs fetch.
test('an answer whose coding is broken rejects through the built-in fetch', async () => {
  const provider = await startProvider()
  provider.always({ headers: { 'content-encoding': 'gzip' } })
  const cache = installCache({ hosts: [provider.origin] })
  for (let seed = 0; seed < 10; seed++) {
    const response = await chat(provider.origin, { seed })
    await expect(response.text()).rejects.toThrow('terminated')
  }
  await expect.poll(() => cache.stats().refusals).toEqual({ malformed: 10 })
})
