import { Agent, request } from 'undici'
import { describe, expect, onTestFinished, test } from 'vitest'
import { installCache, openCache } from '../../support/cache.ts'
import { chat, statusOf } from '../../support/calls.ts'
import { startProvider } from '../../support/start-provider.ts'

/** What a second call has that the first, which is still on its way, has not. */
const OTHERS: Readonly<Record<string, { readonly fields?: object; readonly headers?: Record<string, string> }>> = {
  'another credential': { headers: { authorization: 'Bearer sk-two' } },
  'another prompt': { fields: { messages: [{ role: 'user', content: 'Say another thing.' }] } },
  'a stream': { fields: { stream: true } },
  'another variant': { headers: { 'x-llm-cache-variant': '1' } },
  'another namespace': { headers: { 'x-llm-cache-namespace': 'other' } },
  bypass: { headers: { 'x-llm-cache': 'bypass' } },
  refresh: { headers: { 'x-llm-cache': 'refresh' } },
  clear: { headers: { 'x-llm-cache-clear': 'true' } },
  'no-cache': { headers: { 'cache-control': 'no-cache' } },
  'no-store': { headers: { 'cache-control': 'no-store' } },
  'other codings': { headers: { 'accept-encoding': 'identity' } },
}

describe.for(Object.entries(OTHERS))('%s', ([, { fields, headers }]) => {
  const ask = (origin: string, isOther: boolean): Promise<Response> => {
    const base = { 'content-type': 'application/json', authorization: 'Bearer sk-one' }
    return chat(origin, isOther ? fields : {}, { headers: { ...base, ...(isOther && headers) } })
  }

  test.for([
    ['joins nothing', [false, true]],
    ['is joined by none', [true, false]],
  ] as const)('%s', async ([, order]) => {
    const provider = await startProvider()
    const release = Promise.withResolvers<void>()
    provider.always({ first: release.promise })
    installCache({ hosts: [provider.origin] })
    const answers = order.map((isOther) => ask(provider.origin, isOther))
    await expect.poll(() => provider.calls.length).toBe(2)
    release.resolve()
    for (const answer of answers) {
      const response = await answer
      expect(response.ok).toBe(true)
      expect(statusOf(response)).not.toBe('COALESCED')
      await response.text()
    }
  })
})

test('callers whose SDKs count retries, name themselves and trace differently share one call', async () => {
  const provider = await startProvider()
  const release = Promise.withResolvers<void>()
  provider.always({ first: release.promise })
  const cache = installCache({ hosts: [provider.origin] })
  const each = [
    {},
    { 'x-stainless-retry-count': '0', 'user-agent': 'a' },
    { 'x-stainless-retry-count': '1', traceparent: 'b' },
  ]
  const answers = each.map((headers) => {
    const base = { 'content-type': 'application/json', authorization: 'Bearer sk-one' }
    return chat(provider.origin, {}, { headers: { ...base, ...headers } })
  })
  await expect.poll(() => cache.stats().coalesced).toBe(2)
  release.resolve()
  expect((await Promise.all(answers)).map(statusOf)).toEqual(['MISS', 'COALESCED', 'COALESCED'])
  expect(provider.calls).toHaveLength(1)
})

test('coalesce: false makes every call its own', async () => {
  const provider = await startProvider()
  installCache({ hosts: [provider.origin], coalesce: false })
  const answers = await Promise.all([chat(provider.origin), chat(provider.origin)])
  expect(answers.map(statusOf)).toEqual(['MISS', 'MISS'])
  expect(provider.calls).toHaveLength(2)
})

test('a caller that stores nothing leads nobody, but may follow', async () => {
  const provider = await startProvider()
  const release = Promise.withResolvers<void>()
  provider.always({ first: release.promise })
  const cache = installCache({ hosts: [provider.origin] })
  const readOnly = { 'content-type': 'application/json', authorization: 'Bearer sk-one', 'x-llm-cache': 'read-only' }
  const answers = [{ headers: readOnly }, {}, { headers: readOnly }].map((init) => chat(provider.origin, {}, init))
  await expect.poll(() => cache.stats().coalesced).toBe(1)
  release.resolve()
  expect((await Promise.all(answers)).map(statusOf)).toEqual(['MISS', 'MISS', 'COALESCED'])
})

test('two caches in one process never see each other’s flights or entries', async () => {
  const provider = await startProvider()
  const release = Promise.withResolvers<void>()
  provider.always({ first: release.promise })
  const dispatchers = [0, 1].map(() => new Agent().compose(openCache({ hosts: [provider.origin] }).interceptor))
  onTestFinished(async () => void (await Promise.all(dispatchers.map((one) => one.destroy()))))
  const ask = (dispatcher: (typeof dispatchers)[number]): Promise<unknown> =>
    request(`${provider.origin}/v1/chat/completions`, { method: 'POST', body: '{"messages":[]}', dispatcher }).then(
      async ({ headers, body }) => (await body.dump(), headers['x-llm-cache']),
    )
  const answers = dispatchers.map(ask)
  await expect.poll(() => provider.calls.length).toBe(2)
  release.resolve()
  expect(await Promise.all(answers)).toEqual(['MISS', 'MISS'])
})
