import { describe, expect, test } from 'vitest'
import type { LlmCache, LlmCacheOptions } from '../../../lib/index.ts'
import { installCache } from '../../support/cache.ts'
import { startProvider } from '../../support/start-provider.ts'
import { askAt, type Asked, controlsOf, type Seen, setUp } from './setup.ts'

const KEY = { cache_key: 'faq' }

function lifetime(cache: LlmCache): number {
  const [entry] = cache.entries()
  return ((entry?.expiresAt ?? 0) - (entry?.storedAt ?? 0)) / 1000
}

describe('cache_key', () => {
  test('switches caching on for 3600 seconds, and is the namespace', async () => {
    const { ask, cache, last } = await setUp({ policy: 'opt-in', ttl: 60 })
    expect((await ask()).cache).toBe('BYPASS')
    const first = await ask({ headers: KEY })
    const second = await ask({ headers: KEY })
    expect([first.cache, second.cache, second.text]).toEqual(['MISS', 'HIT', first.text])
    expect([...cache.entries()].map(({ namespace }) => namespace)).toEqual(['faq'])
    expect(lifetime(cache)).toBe(3600)
    expect(controlsOf(last())).toEqual([])
  })

  test('keeps its answers apart from those of another one, and from those of none', async () => {
    const { ask } = await setUp()
    const answers = [await ask({ headers: KEY }), await ask({ headers: { cache_key: 'other' } }), await ask()]
    expect(answers.map(({ cache }) => cache)).toEqual(['MISS', 'MISS', 'MISS'])
    expect(new Set(answers.map(({ key }) => key)).size).toBe(3)
  })

  test('does not bring callers with different credentials together', async () => {
    const { ask } = await setUp()
    await ask({ headers: KEY })
    const theirs = await ask({ headers: KEY, apiKey: 'sk-two' })
    expect(theirs.cache).toBe('MISS')
    expect((await ask({ headers: KEY, apiKey: 'sk-two' })).text).toBe(theirs.text)
  })

  test('reaches FastRouter itself, with the body as it was', async () => {
    const { ask, last } = await setUp({}, 'fastrouter')
    const body = '{ "model":"m", "cache": { "expiration_time": 60 },\n"messages":[{"role":"user","content":"é"}] }'
    await ask({ headers: KEY, body })
    expect(controlsOf(last())).toEqual(['cache_key'])
    expect(last().body.toString()).toBe(body)
    expect((await ask({ headers: KEY, body: body.replace('60', '90') })).cache).toBe('HIT')
  })
})

describe('the body', () => {
  test.for([
    [{ expiration_time: 60 }, 60],
    [{ expiration_time: 600 }, 600],
    [{ expiration_time: 86_400 }, 86_400],
    [{ expiration_time: 86_401 }, 86_400],
    [{ filter_on_model: true }, 3600],
  ] as const)('%j gives %i seconds', async ([control, seconds]) => {
    const { ask, cache } = await setUp({ ttl: 10 })
    await ask({ headers: KEY, fields: { cache: control } })
    expect(lifetime(cache)).toBe(seconds)
  })

  test('sets the time to live without cache_key too, but does not switch caching on', async () => {
    const { ask, cache } = await setUp()
    await ask({ fields: { cache: { expiration_time: 90 } } })
    expect(lifetime(cache)).toBe(90)
    const optIn = await setUp({ policy: 'opt-in' })
    expect((await optIn.ask({ fields: { cache: { expiration_time: 90 } } })).cache).toBe('BYPASS')
    expect(JSON.parse(optIn.last().body.toString())).not.toHaveProperty('cache')
  })

  test('is no part of the key', async () => {
    const { ask, last } = await setUp()
    const plain = await ask({ headers: KEY })
    expect(last().body.toString()).not.toContain('cache')
    expect((await ask({ headers: KEY, fields: { cache: { expiration_time: 90 } } })).key).toBe(plain.key)
    expect((await ask({ headers: KEY, fields: { cache: { similarity_threshold: 1 } } })).cache).toBe('HIT')
  })

  test.for([
    [{ similarity_threshold: 1 }, undefined],
    [{ conversation_mode: 'full_conversation' }, undefined],
    [{ similarity_threshold: 0.75 }, 'similarity_threshold-run-as-exact'],
    [{ conversation_mode: 'last_message_only' }, 'conversation_mode-run-as-exact'],
    [
      { similarity_threshold: 0.9, conversation_mode: 'last_n_turns' },
      'similarity_threshold+conversation_mode-run-as-exact',
    ],
  ] as const)('%j runs as exact, and cache-status says so', async ([control, note]) => {
    const { ask } = await setUp()
    const asked = { headers: KEY, fields: { cache: control } }
    const answers = [await ask(asked), await ask(asked)]
    expect(answers.map(({ cache }) => cache)).toEqual(['MISS', 'HIT'])
    for (const { told } of answers) {
      if (note === undefined) expect(told).not.toContain('detail')
      else expect(told).toContain(`; detail=${note};`)
    }
    const other = { messages: [{ role: 'user', content: 'Say anything.' }], cache: control }
    expect((await ask({ headers: KEY, fields: other })).cache).toBe('MISS')
  })
})

test('a note that a control runs as exact joins what else is to be said in the one detail', async () => {
  const { ask } = await setUp()
  const fields = { cache: { similarity_threshold: 0.5 } }
  await ask({ headers: KEY, fields })
  const retried = await ask({ headers: { ...KEY, 'x-stainless-retry-count': '1' }, fields })
  const told = `undici-llm-cache; fwd=request; detail=retry+similarity_threshold-run-as-exact; key="${retried.key}"`
  expect(retried.told).toBe(told)
})

describe('filter_on_model', () => {
  const other = { model: 'gpt-5.1-mini' }

  test('is true by default: models are apart', async () => {
    const { ask } = await setUp()
    await ask({ headers: KEY })
    expect((await ask({ headers: KEY, fields: other })).cache).toBe('MISS')
  })

  test('false lets models share inside one cache_key', async () => {
    const { ask } = await setUp()
    const cache = { filter_on_model: false }
    const first = await ask({ headers: KEY, fields: { cache } })
    expect(await ask({ headers: KEY, fields: { ...other, cache } })).toMatchObject({ cache: 'HIT', text: first.text })
    expect((await ask({ headers: { cache_key: 'other' }, fields: { ...other, cache } })).cache).toBe('MISS')
  })

  test('false shares nothing without cache_key', async () => {
    const { ask } = await setUp()
    const cache = { filter_on_model: false }
    await ask({ fields: { cache } })
    expect((await ask({ fields: { ...other, cache } })).cache).toBe('MISS')
  })
})

describe('filter_on_provider', () => {
  type Ask = (asked?: Asked) => Promise<Seen>

  async function twoHosts(options: LlmCacheOptions = {}): Promise<[here: Ask, there: Ask]> {
    const [one, two] = [await startProvider(), await startProvider()]
    installCache({ hosts: [one.origin, two.origin], ...options })
    const at = (origin: string, apiKey: string): Ask => {
      return (asked) => askAt(`${origin}/v1/chat/completions`, { apiKey, headers: KEY, ...asked })
    }
    return [at(one.origin, 'sk-one'), at(two.origin, 'sk-two')]
  }

  test('is false by default: the same model on another host shares, each host with a key of its own', async () => {
    const [here, there] = await twoHosts()
    const first = await here()
    const second = await there()
    expect([first.cache, second.cache, second.text, second.key]).toEqual(['MISS', 'HIT', first.text, first.key])
    expect((await there({ fields: { cache: { filter_on_provider: false } } })).cache).toBe('HIT')
  })

  test('true keeps hosts apart', async () => {
    const [here, there] = await twoHosts()
    const fields = { cache: { filter_on_provider: true } }
    await here({ fields })
    expect([(await there({ fields })).cache, (await here({ fields })).cache]).toEqual(['MISS', 'HIT'])
  })

  test('shares nothing without cache_key, though false is spelt out', async () => {
    const [here, there] = await twoHosts()
    const fields = { cache: { filter_on_provider: false } }
    await here({ fields, headers: {} })
    expect((await there({ fields, headers: {} })).cache).toBe('MISS')
  })

  test('another model is another answer, on every host', async () => {
    const [here, there] = await twoHosts()
    await here()
    expect((await there({ fields: { model: 'other' } })).cache).toBe('MISS')
  })

  test('another credential on a host where the cache_key has an owner never shares, there or elsewhere', async () => {
    const [here, there] = await twoHosts()
    const mine = await here()
    expect((await there()).text).toBe(mine.text)
    const stranger = { apiKey: 'sk-stranger' }
    const theirs = await here(stranger)
    expect([theirs.cache, theirs.key === mine.key]).toEqual(['MISS', false])
    expect((await there(stranger)).text).not.toBe(mine.text)
    expect((await here(stranger)).text).toBe(theirs.text)
    expect((await here()).text).toBe(mine.text)
  })

  test('with the option identity, who shares is for the identity to say', async () => {
    const [here, there] = await twoHosts({ identity: ({ headers }) => headers.get('x-tenant') ?? '' })
    const tenant = (name: string): Asked => ({ headers: { ...KEY, 'x-tenant': name } })
    await here(tenant('a'))
    expect([(await there(tenant('a'))).cache, (await there(tenant('b'))).cache]).toEqual(['HIT', 'MISS'])
  })
})

test('a dialect that is switched off is left to whoever understands it', async () => {
  const { ask, cache, last } = await setUp({ dialects: ['openrouter', 'orq'] })
  const first = await ask({ headers: KEY, fields: { cache: { expiration_time: 90 } } })
  expect([first.cache, lifetime(cache), controlsOf(last())]).toEqual(['MISS', 3600, ['cache_key']])
  expect(JSON.parse(last().body.toString())).toMatchObject({ cache: { expiration_time: 90 } })
  expect([...cache.entries()].map(({ namespace }) => namespace)).toEqual([''])
  expect((await ask({ headers: KEY, fields: { cache: { expiration_time: 91 } } })).cache).toBe('MISS')
})
