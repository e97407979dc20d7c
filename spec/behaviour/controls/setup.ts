import { onTestFinished } from 'vitest'
import type { LlmCache, LlmCacheOptions } from '../../../lib/index.ts'
import { PROVIDERS } from '../../../lib/providers/hosts.ts'
import { installCache } from '../../support/cache.ts'
import type { Call, Provider } from '../../support/provider.ts'
import { startProvider } from '../../support/start-provider.ts'

/** What a caller sees of one answer. */
export interface Seen {
  readonly status: number
  /** `x-llm-cache`. */
  readonly cache: string | null
  /** `x-llm-cache-key`. */
  readonly key: string | null
  /** `cache-status`. */
  readonly told: string | null
  readonly headers: Headers
  readonly text: string
}

/** One call: control headers, and fields over those of a plain chat call. */
export interface Asked {
  readonly headers?: Readonly<Record<string, string>>
  readonly fields?: Readonly<Record<string, unknown>>
  /** The body as it is, in place of one made of `fields`. */
  readonly body?: string
  readonly apiKey?: string
  readonly init?: RequestInit
}

/** A loopback provider, and a cache under the global fetch. */
export interface Setup {
  readonly provider: Provider
  readonly cache: LlmCache
  ask(asked?: Asked): Promise<Seen>
  /** As `ask`, but resolves when the head of the answer has come. */
  start(asked?: Asked): Promise<Response>
  /** The call that reached the provider last. */
  last(): Call
}

/** Rows whose endpoints are not below `/v1`. */
const PATHS: Readonly<Record<string, string>> = {
  openrouter: '/api/v1/chat/completions',
  fastrouter: '/api/v1/chat/completions',
  orq: '/v3/router/chat/completions',
  cohere: '/compatibility/v1/chat/completions',
}

/** Starts both; `row` is the built-in row that the provider plays, a server of the option `hosts` if there is none. */
export async function setUp(options: LlmCacheOptions = {}, row?: string): Promise<Setup> {
  const provider = await startProvider()
  const { origin } = provider
  const rows = PROVIDERS.filter(({ id }) => id === row).map((known) => ({ ...known, hosts: [origin] }))
  const cache = installCache(row === undefined ? { hosts: [origin], ...options } : { providers: rows, ...options })
  const url = origin + (PATHS[row ?? ''] ?? '/v1/chat/completions')
  return {
    provider,
    cache,
    ask: (asked) => askAt(url, asked),
    start: (asked) => startAt(url, asked),
    last: () => {
      const call = provider.calls.at(-1)
      if (call === undefined) throw new Error('no call has reached the provider')
      return call
    },
  }
}

/** The body of a plain chat call. */
export function bodyOf(fields: object = {}): object {
  return { model: 'gpt-5.1', messages: [{ role: 'user', content: 'Say something.' }], ...fields }
}

/** Makes one call through the built-in fetch. */
export async function askAt(url: string, asked?: Asked): Promise<Seen> {
  return see(await startAt(url, asked))
}

function startAt(url: string, asked: Asked = {}): Promise<Response> {
  const { headers, fields, body = JSON.stringify(bodyOf(fields)), apiKey = 'sk-one', init } = asked
  const own = { 'content-type': 'application/json', authorization: `Bearer ${apiKey}`, ...headers }
  return fetch(url, { method: 'POST', headers: own, body, ...init })
}

/** Reads an answer to its end. */
export async function see(response: Response): Promise<Seen> {
  return seen(response.status, response.headers, await response.text())
}

/** What is seen of a status, headers and a body. */
export function seen(status: number, headers: Headers, text: string): Seen {
  const get = (name: string): string | null => headers.get(name)
  return { status, cache: get('x-llm-cache'), key: get('x-llm-cache-key'), told: get('cache-status'), headers, text }
}

/** The cache's process warnings while the running spec lasts. */
export function collectWarnings(): readonly Error[] {
  const warnings: Error[] = []
  const collect = (warning: Error): void => {
    if (warning.name === 'LlmCacheWarning') warnings.push(warning)
  }
  process.on('warning', collect)
  onTestFinished(() => void process.off('warning', collect))
  return warnings
}

/** Names of a call's headers that steer caches. */
export function controlsOf({ headers }: Call): string[] {
  return Object.keys(headers).filter((name) => /^x-llm-cache|^x-openrouter-cache|^cache_key$/.test(name))
}
