import { createMatcher, mergeProviders } from '../providers/match.ts'
import { PROVIDERS } from '../providers/hosts.ts'
import { localRow } from '../providers/hosts/local.ts'
import { compileHost } from '../providers/pattern.ts'
import type { Endpoint, Format, Match, ProviderRow } from '../providers/provider.ts'

/** Which calls belong to a cassette. */
export interface CassetteScope {
  /** The match of a call that is recorded and replayed; `undefined` for any other. */
  find(method: string, origin: string | URL | undefined, path: string): Match | undefined
  /** The row of a known LLM host, whatever path is called. */
  hostOf(origin: string | URL | undefined): ProviderRow | undefined
}

/** The options that say which calls a cassette is about. */
export interface ScopeOptions {
  readonly hosts: readonly string[]
  readonly providers: readonly ProviderRow[]
  /** Origins of which every call is recorded. */
  readonly also: readonly string[]
}

/** Creates a scope: LLM calls that the cache would handle, and every call to the origins of `also`. */
export function createCassetteScope({ hosts, providers, also }: ScopeOptions): CassetteScope {
  const rows = mergeProviders([...hosts.map(localRow), ...PROVIDERS], providers)
  const match = createMatcher(rows)
  let known: readonly { readonly row: ProviderRow; readonly hosts: readonly ((url: URL) => boolean)[] }[] | undefined
  const origins = new Set(also.map((origin) => new URL(origin).origin))
  return {
    find(method, origin, path) {
      const llm = method === 'POST' ? match(origin, path) : undefined
      if (llm !== undefined || origin === undefined || origins.size === 0) return llm
      const name = new URL(origin).origin
      return origins.has(name) ? plainMatch(name, path) : undefined
    },
    hostOf(origin) {
      if (origin === undefined || !URL.canParse(String(origin))) return undefined
      const url = new URL(origin)
      // Compiled at first use: 60 hosts take 4 ms, and few sessions need them.
      known ??= rows.map((row) => ({ row, hosts: row.hosts.map(compileHost) }))
      return known.find(({ hosts }) => hosts.some((fits) => fits(url)))?.row
    },
  }
}

/** The format of a call that is not an LLM call: no member of its body has a meaning here. */
const plainHttp: Format = {
  id: 'http',
  docs: 'https://www.rfc-editor.org/rfc/rfc9110',
  ordered: [],
  streamField: undefined,
  inspect: () => ({ model: undefined, stream: false, deterministic: false, veto: undefined }),
  observe() {},
}

const plainEndpoint: Endpoint = { path: '/{rest+}', format: plainHttp }

const plainRow: ProviderRow = { id: 'http', hosts: [], endpoints: [plainEndpoint] }

/** The match of a call that is recorded only because of its origin. */
export function plainMatch(origin: string, path: string): Match {
  const mark = path.indexOf('?')
  const pathname = mark === -1 ? path : path.slice(0, mark)
  const search = mark === -1 ? '' : path.slice(mark)
  return { provider: plainRow, endpoint: plainEndpoint, origin, pathname, search, params: {} }
}

/** Whether a call is recorded only because of its origin. */
export function isPlain({ provider }: Match): boolean {
  return provider === plainRow
}
