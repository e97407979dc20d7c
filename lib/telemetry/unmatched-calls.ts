import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ClientRequest } from 'node:http'
import type { UnmatchedCause } from '../base/reasons.ts'
import { localRow } from '../providers/hosts/local.ts'
import { createMatcher, type Matcher } from '../providers/match.ts'
import { isReplaced } from '../undici/install.ts'
import { isCallLive } from '../undici/live-calls.ts'
import { publish, type Warnings } from './diagnostics.ts'

/** Calls by host, and by cause and host. Hosts have no scheme, and a port only if it is not the default. */
export interface UnmatchedCounts {
  /** Calls that did not get to the cache, by host. */
  readonly unmatched: Readonly<Record<string, number>>
  /** The same by cause, then by host. */
  readonly unmatchedCauses: Readonly<Partial<Record<UnmatchedCause, Readonly<Record<string, number>>>>>
}

type Listener = (message: unknown) => void

/** An app may call any number of hosts. Those beyond the limit are counted together as `(others)`. */
const MAX_HOSTS = 100

/**
 * Counts LLM calls of this process that did not reach the cache, by Node's and undici's diagnostics channels. For those
 * that should have, says what to do, once for each host and cause. A request costs one comparison, a POST one look-up
 * of its origin (40 ns); nothing while nobody watches.
 */
export class UnmatchedCalls {
  readonly #match: Matcher
  readonly #warnings: Warnings
  readonly #counts = new Map<UnmatchedCause, Map<string, number>>()
  /**
   * Known origins that undici has called. Its HTTP/2 streams appear on Node's channel too, and must not count twice.
   */
  readonly #viaUndici = new Set<string>()
  readonly #listeners: Readonly<Record<string, Listener>> = {
    'undici:request:create': (message) => this.#undici(message),
    'http.client.request.start': (message) => this.#http(message),
    'http2.client.stream.start': (message) => this.#http2(message),
  }
  #watchers = 0

  constructor(match: Matcher, warnings: Warnings) {
    this.#match = match
    this.#warnings = warnings
  }

  /** Whether calls are watched now. */
  get isWatching(): boolean {
    return this.#watchers > 0
  }

  /** Watches until the returned function is called. */
  watch(): () => void {
    if (this.#watchers++ === 0) for (const [name, listen] of Object.entries(this.#listeners)) subscribe(name, listen)
    return () => {
      if (--this.#watchers > 0) return
      for (const [name, listen] of Object.entries(this.#listeners)) unsubscribe(name, listen)
    }
  }

  /** What was counted so far. */
  snapshot(): UnmatchedCounts {
    const unmatched: Record<string, number> = {}
    for (const hosts of this.#counts.values()) {
      for (const [host, count] of hosts) unmatched[host] = (unmatched[host] ?? 0) + count
    }
    const causes = [...this.#counts].map(([cause, hosts]) => [cause, Object.fromEntries(hosts)])
    return { unmatched, unmatchedCauses: Object.fromEntries(causes) }
  }

  #undici(message: unknown): void {
    const { method, origin, host, path } = (message as UndiciMessage).request // as undici documents it
    if (method !== 'POST') return
    // Below undici's dns interceptor the origin is an IP address, and the `host` header has the name.
    const own = String(origin)
    this.#see(host ? own.slice(0, own.indexOf('//') + 2) + host : own, path, 'undici')
  }

  #http(message: unknown): void {
    const { request } = message as HttpMessage // as Node documents it
    if (request.method === 'POST')
      this.#see(`${request.protocol}//${request.getHeader('host')}`, request.path, 'node-http')
  }

  #http2(message: unknown): void {
    const { headers } = message as Http2Message // as Node documents it
    if (headers[':method'] !== 'POST') return
    this.#see(`${headers[':scheme']}://${headers[':authority']}`, headers[':path'] ?? '', 'node-http2')
  }

  #see(origin: string, path: string, door: 'undici' | 'node-http' | 'node-http2'): void {
    const isMatched = this.#match(origin, path) !== undefined
    if (isMatched && door === 'undici') this.#viaUndici.add(origin)
    const cause = isMatched ? this.#around(origin, door) : this.#unknown(origin, path)
    if (cause !== undefined) this.#count(cause, new URL(origin))
  }

  /** Why a call to a known endpoint did not reach the cache; `undefined` if it did. */
  #around(origin: string, door: 'undici' | 'node-http' | 'node-http2'): UnmatchedCause | undefined {
    if (door === 'node-http') return door
    // A call that came through the cache appears here as well, as do retries below it.
    if (isCallLive(origin)) return undefined
    if (door === 'node-http2') return this.#viaUndici.has(origin) ? undefined : door
    return isReplaced() ? 'replaced' : 'dispatcher'
  }

  #unknown(origin: string, path: string): UnmatchedCause | undefined {
    if (this.#match.knows(origin)) return 'endpoint'
    // DNS interceptors below the cache call IP addresses.
    return isLocalEndpoint(path) && URL.canParse(origin) && !isCallLive() ? 'host' : undefined
  }

  #count(cause: UnmatchedCause, { host }: URL): void {
    let hosts = this.#counts.get(cause)
    if (hosts === undefined) this.#counts.set(cause, (hosts = new Map()))
    const name = hosts.has(host) || hosts.size < MAX_HOSTS ? host : '(others)'
    hosts.set(name, (hosts.get(name) ?? 0) + 1)
    publish('undici-llm-cache:unmatched', () => ({ host, cause }))
    const remedy = REMEDIES[cause]
    if (remedy !== undefined) this.#warnings.warn('LLM_CACHE_UNMATCHED', `A call to ${host} was not cached: ${remedy}`)
  }
}

interface UndiciMessage {
  readonly request: {
    readonly method: string
    readonly origin: string | URL
    /** The `host` header, if the caller sets it. */
    readonly host: string | null
    readonly path: string
  }
}

interface HttpMessage {
  readonly request: ClientRequest
}

interface Http2Message {
  readonly headers: Readonly<Record<string, string | undefined>>
}

/** What to do about calls that should have come through the cache. An unknown path or host may be intended. */
const REMEDIES: Readonly<Partial<Record<UnmatchedCause, string>>> = {
  'node-http':
    'it went by node:http (an old SDK, node-fetch, axios). Upgrade the SDK or give it the built-in fetch; ' +
    '"npx undici-llm-cache doctor" says how',
  'node-http2': 'it went by node:http2. Give the client FetchHttpHandler of @smithy/fetch-http-handler',
  replaced:
    'setGlobalDispatcher was called after the cache was installed. Call it before, or compose the cache into it: ' +
    'setGlobalDispatcher(dispatcher.compose(cache.interceptor)); undici-llm-cache/register exports its cache',
  dispatcher:
    'it brings a dispatcher of its own. Compose the cache into that: dispatcher.compose(cache.interceptor); ' +
    'undici-llm-cache/register exports its cache',
}

const LOCAL = localRow('http://localhost/v1')
const LAST_WORDS: ReadonlySet<string> = new Set(LOCAL.endpoints.map(({ path }) => lastWord(path)))
let local: Matcher | undefined

/** Whether the option `hosts` would make this path known, also below another prefix. */
function isLocalEndpoint(path: string): boolean {
  // Most paths are ruled out by their last word, in a tenth of the time.
  if (!LAST_WORDS.has(lastWord(path))) return false
  local ??= createMatcher([LOCAL])
  return local('http://localhost', path.slice(Math.max(0, path.lastIndexOf('/v1/')))) !== undefined
}

function lastWord(path: string): string {
  const query = path.indexOf('?')
  const end = query === -1 ? path.length : query
  return path.slice(path.lastIndexOf('/', end) + 1, end)
}
