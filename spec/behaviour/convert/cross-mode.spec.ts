import { describe, expect, test } from 'vitest'
import type { Json } from '../../../lib/base/json.ts'
import { installCache } from '../../support/cache.ts'
import { statusOf } from '../../support/calls.ts'
import { startProvider } from '../../support/start-provider.ts'
import { ask, cacheStatus, FORMS } from './forms.ts'

/** The values that a stream's body tells. */
function valuesOf(body: string): Json[] {
  if (body.startsWith('[')) return JSON.parse(body)
  const lines = body.split('\n').map((line) => line.replace(/^data: /, ''))
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
}

describe.for(FORMS)('$name', ({ rows, json, stream }) => {
  test('a stream is answered from the JSON of the same call, and marked so', async () => {
    const provider = await startProvider()
    const cache = installCache({ crossMode: true, providers: rows(provider.origin) })
    const whole = await ask(provider, json)
    await whole.text()
    const answer = await ask(provider, stream)
    expect(statusOf(answer)).toBe('HIT')
    expect(cacheStatus(answer)).toMatch(/^undici-llm-cache; hit; ttl=3600; detail=converted; key="[0-9a-f]{64}"$/)
    expect(answer.headers.get('x-llm-cache-key')).toBe(whole.headers.get('x-llm-cache-key'))
    expect(answer.headers.get('content-type')).toBe(stream.contentType)
    expect(answer.headers.get('content-length')).toBeNull()
    expect(valuesOf(await answer.text()).length).toBeGreaterThan(5)
    expect(provider.calls).toHaveLength(1)
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 1, stores: 1 })
  })

  test('JSON is answered from the stream of the same call, with all that was in it', async () => {
    const provider = await startProvider()
    installCache({ crossMode: true, providers: rows(provider.origin) })
    await (await ask(provider, stream)).text()
    const answer = await ask(provider, json)
    expect(cacheStatus(answer)).toContain('; hit; ttl=3600; detail=converted; ')
    expect(answer.headers.get('content-type')).toBe('application/json')
    const document = await answer.json()
    // What the provider itself says to that call, at the same count of its answers.
    const fresh = await startProvider()
    const expected = await (await ask(fresh, json)).json()
    expect(comparable(document)).toEqual(comparable(expected))
    expect(provider.calls).toHaveLength(1)
  })

  test('each form is for itself where nothing asks for more', async () => {
    const provider = await startProvider()
    installCache({ providers: rows(provider.origin) })
    for (const form of [json, stream]) expect(cacheStatus(await ask(provider, form))).toContain('; fwd=miss; key=')
    expect(provider.calls).toHaveLength(2)
  })
})

/**
 * A document without what its stream can't have: OpenAI's empty annotations, and the size of the request, which the
 * loopback provider counts with its `stream` member.
 */
function comparable(document: unknown): unknown {
  const isLeftOut = (name: string, value: unknown): boolean =>
    name === 'prompt_eval_count' || (name === 'annotations' && Array.isArray(value) && value.length === 0)
  return JSON.parse(JSON.stringify(document, (name, value) => (isLeftOut(name, value) ? undefined : value)))
}
