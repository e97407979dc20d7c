import type { LlmCache, LlmCacheOptions } from '../../../lib/index.ts'
import { installCache } from '../../support/cache.ts'
import type { Provider } from '../../support/provider.ts'
import { startProvider } from '../../support/start-provider.ts'

/** One call; what is left out is that of a plain chat call. */
export interface Ask {
  /** Default `/v1/chat/completions`. */
  readonly path?: string
  readonly apiKey?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Members over those of a plain chat call. */
  readonly fields?: object
  /** The body in place of one made of `fields`; a function where it can be read only once. */
  readonly body?: string | Uint8Array<ArrayBuffer> | (() => FormData)
}

/** What its caller sees. */
export interface Seen {
  readonly status: number
  /** `x-llm-cache`. */
  readonly cache: string | null
  /** `x-llm-cache-key`. */
  readonly key: string
  readonly headers: Headers
  readonly text: string
}

/** A loopback provider, a cache under the global fetch, and a caller. */
export interface Scene {
  readonly provider: Provider
  readonly cache: LlmCache
  readonly ask: (ask?: Ask) => Promise<Seen>
}

/** Starts all three for the running spec. */
export async function setUp(options: LlmCacheOptions = {}): Promise<Scene> {
  const provider = await startProvider()
  const cache = installCache({ hosts: [provider.origin], ...options })
  return { provider, cache, ask: (ask) => askAt(provider.origin, ask) }
}

/** Makes a call and reads its answer to the end. */
export async function askAt(origin: string, ask?: Ask): Promise<Seen> {
  const response = await startAt(origin, ask)
  const { status, headers } = response
  const [cache, key] = [headers.get('x-llm-cache'), headers.get('x-llm-cache-key') ?? '']
  return { status, cache, key, headers, text: await response.text() }
}

/** Makes a call; resolves with the head of its answer. */
export function startAt(origin: string, ask: Ask = {}, init: RequestInit = {}): Promise<Response> {
  const { path = '/v1/chat/completions', apiKey = 'sk-one', fields, body } = ask
  const made = typeof body === 'function' ? body() : (body ?? JSON.stringify(plain(fields)))
  const type = made instanceof FormData ? undefined : { 'content-type': 'application/json' }
  const headers = { ...type, authorization: `Bearer ${apiKey}`, ...ask.headers }
  return fetch(origin + path, { method: 'POST', headers, body: made, ...init })
}

function plain(fields: object = {}): object {
  return { model: 'gpt-4o', messages: [{ role: 'user', content: 'Say something.' }], ...fields }
}
