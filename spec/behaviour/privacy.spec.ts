import diagnostics_channel from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createLlmCache, type CacheStore, type LlmCache, type LlmCacheOptions } from '../../lib/index.ts'
import type { DiagnosticMessages } from '../../lib/telemetry/diagnostics.ts'
import type { Behaviour } from '../support/behaviour.ts'
import { codePoint } from '../support/code-points.ts'
import type { Provider } from '../support/provider.ts'
import { startProvider } from '../support/start-provider.ts'

const CHANNELS = Object.keys({
  'undici-llm-cache:answer': true,
  'undici-llm-cache:call': true,
  'undici-llm-cache:miss': true,
  'undici-llm-cache:store': true,
  'undici-llm-cache:refuse': true,
  'undici-llm-cache:unmatched': true,
  'undici-llm-cache:advice': true,
  'undici-llm-cache:error': true,
} satisfies Record<keyof DiagnosticMessages, true>)

/** All that the cache says while the running spec lasts: every channel, every process warning. */
function overhear(): unknown[] {
  const heard: unknown[] = []
  const listen = (message: unknown): void => void heard.push(message)
  for (const name of CHANNELS) diagnostics_channel.subscribe(name, listen)
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation((...told) => void heard.push(told))
  onTestFinished(() => {
    for (const name of CHANNELS) diagnostics_channel.unsubscribe(name, listen)
    warn.mockRestore()
  })
  return heard
}

/** Text that can't turn up by chance, of characters that stand for themselves in headers, URLs and JSON. */
const secret = fc.stringMatching(/^[A-Za-z0-9_.-]{24,40}$/)
/** Text of any kind round a core that can't turn up by chance. */
const words = fc.tuple(fc.string({ unit: codePoint, maxLength: 20 }), secret).map(([noise, core]) => ({ noise, core }))

const CREDENTIALS: readonly ((value: string) => Readonly<Record<string, string>>)[] = [
  (value) => ({ authorization: `Bearer ${value}` }),
  (value) => ({ 'x-api-key': value }),
  (value) => ({ 'api-key': value }),
  (value) => ({ 'x-goog-api-key': value }),
  (value) => ({ 'cf-aig-authorization': `Bearer ${value}` }),
  (value) => ({
    authorization: `AWS4-HMAC-SHA256 Credential=${value}/20270101/eu-west-1/bedrock/aws4_request, Signature=f`,
  }),
]

const gone = (): never => {
  throw new Error('gone')
}
const brokenStore: CacheStore = { get: gone, set: gone, delete: gone, clear: gone, entries: () => [], close: gone }

/** Ways in which things go right and wrong: options, what the provider does, what the caller adds. */
interface Way {
  readonly options?: LlmCacheOptions
  readonly behaviour?: Behaviour
  readonly headers?: (told: Secrets) => Readonly<Record<string, string>>
  readonly body?: (json: string) => string
}

const WAYS: Readonly<Record<string, Way>> = {
  'a hit': {},
  'an error status': { behaviour: { status: 500 } },
  'a broken answer': { behaviour: { events: ['{"choices":'] } },
  'an error inside a 200': { behaviour: { failAfter: 0 } },
  'a reset': { behaviour: { cut: { after: 0, how: 'reset' } } },
  'a body that is no JSON': { body: (json) => json.slice(1) },
  'a body with duplicate members': { body: (json) => json.replace('{', '{"model":"m",') },
  'a body that is too large': { options: { maxRequestSize: 16 } },
  'an answer that is too large': { options: { maxEntrySize: 16 } },
  'a malformed control': { headers: ({ credential }) => ({ 'x-llm-cache-ttl': credential }) },
  'a malformed control of a gateway': { headers: ({ system }) => ({ 'x-openrouter-cache': system }) },
  'a miss that may not be made': { headers: () => ({ 'cache-control': 'only-if-cached' }) },
  'a retry': { headers: () => ({ 'x-stainless-retry-count': '1' }) },
  'a body of parts': { headers: () => ({ 'content-type': 'multipart/form-data; boundary=x' }) },
  'a body with a coding': { headers: () => ({ 'content-encoding': 'gzip' }) },
  'an identity that is the credential': {
    options: { identity: ({ headers, path }) => headers.get('authorization') ?? path },
  },
  'an identity that throws': { options: { identity: gone } },
  'a store that throws': { options: { store: brokenStore } },
}

interface Secrets {
  readonly credential: string
  readonly query: string
  readonly prompt: { readonly noise: string; readonly core: string }
  readonly system: string
  readonly tool: string
}

const secrets: fc.Arbitrary<Secrets> = fc.record({
  credential: secret,
  query: secret,
  prompt: words,
  system: secret,
  tool: secret,
})

function bodyOf({ prompt, system, tool }: Secrets): string {
  return JSON.stringify({
    model: 'gpt-4o',
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: `${prompt.noise}${prompt.core}` },
    ],
    tools: [{ type: 'function', function: { name: 'f', description: tool, parameters: {} } }],
  })
}

/** What of an answer is the cache's own word; of a call that failed, its error. */
async function call(provider: Provider, way: Way, told: Secrets, place: number): Promise<unknown[]> {
  const credential = CREDENTIALS[place % CREDENTIALS.length]?.(told.credential)
  const headers = { 'content-type': 'application/json', ...credential, ...way.headers?.(told) }
  const json = bodyOf(told)
  const url = `${provider.origin}/v1/chat/completions?key=${encodeURIComponent(told.query)}`
  try {
    const response = await fetch(url, { method: 'POST', headers, body: way.body?.(json) ?? json })
    await response.text()
    return [...response.headers].filter(([name]) => /^(x-llm-cache|cache-status|x-openrouter-cache|age)/.test(name))
  } catch (error) {
    return [error]
  }
}

function shown(cache: LlmCache): unknown[] {
  return [[...cache.entries()], cache.stats()]
}

test.for(Object.entries(WAYS))('no credential and no prompt is in what the cache says of %s', async ([, way]) => {
  const heard = overhear()
  const provider = await startProvider()
  await fc.assert(
    fc.asyncProperty(secrets, fc.nat(), async (told, place) => {
      heard.length = 0
      const cache = createLlmCache({ hosts: [provider.origin], ...way.options })
      const uninstall = cache.install()
      if (way.behaviour !== undefined) provider.script(way.behaviour)
      const said = [await call(provider, way, told, place), await call(provider, way, told, place), shown(cache)]
      uninstall()
      await cache.close()
      const all = inspect([said, heard], { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity })
      expect(all).toContain('x-llm-cache')
      for (const one of [told.credential, told.query, told.prompt.core, told.system, told.tool]) {
        expect(all.includes(one), `shows ${one}`).toBe(false)
        expect(all.includes(Buffer.from(one).toString('base64').slice(0, 24))).toBe(false)
      }
    }),
    { numRuns: 25 },
  )
})
