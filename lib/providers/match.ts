import { BoundedMap } from '../base/bounded-map.ts'
import type { Endpoint, Match, ProviderRow } from './provider.ts'
import { compileHost, compilePath, type PathReader } from './pattern.ts'

/** Finds the row and endpoint of a call; `undefined` if it is not an LLM call. */
export interface Matcher {
  (origin: string | URL | undefined, path: string): Match | undefined
  /** Whether any row has this origin. */
  knows(origin: string): boolean
}

/** Limits of what is remembered: a crawler calls any number of origins and paths. */
const MAX_ORIGINS = 2000
const MAX_PATHS = 2000
const MAX_PATH_LENGTH = 512

/**
 * Makes a matcher for rows. The first matching row and endpoint win. `path` may have a query. It remembers results, so
 * that a call that is not an LLM call costs one look-up: 20 ns, where `new URL` takes 2 µs.
 */
export function createMatcher(rows: readonly ProviderRow[]): Matcher {
  const compiled = rows.map(compileRow)
  const origins = new BoundedMap<string, OriginMatcher | null>(MAX_ORIGINS)
  const find = (origin: string): OriginMatcher | null => {
    let known = origins.get(origin)
    if (known === undefined) {
      known = matchOrigin(compiled, origin)
      origins.set(origin, known)
    }
    return known
  }
  const match = (origin: string | URL | undefined, path: string): Match | undefined => {
    if (origin === undefined) return undefined
    const known = find(typeof origin === 'string' ? origin : origin.origin)
    return known === null ? undefined : known.match(path)
  }
  return Object.assign(match, { knows: (origin: string) => find(origin) !== null })
}

/** The app's rows, then the built-in ones, so that the app's win. A row with the id of a built-in row replaces it. */
export function mergeProviders(builtIn: readonly ProviderRow[], rows: readonly ProviderRow[]): readonly ProviderRow[] {
  const replaced = new Set(rows.map((row) => row.id))
  return [...rows, ...builtIn.filter((row) => !replaced.has(row.id))]
}

interface CompiledRow {
  readonly hosts: readonly ((url: URL) => boolean)[]
  /** Compiled when a host of the row is first called, since an app calls few of them. */
  endpoints(): readonly CompiledEndpoint[]
}

interface CompiledEndpoint {
  readonly provider: ProviderRow
  readonly endpoint: Endpoint
  readonly read: PathReader
}

function compileRow(provider: ProviderRow): CompiledRow {
  let compiled: readonly CompiledEndpoint[] | undefined
  const endpoints = (): readonly CompiledEndpoint[] =>
    (compiled ??= provider.endpoints.map((endpoint) => ({ provider, endpoint, read: compilePath(endpoint.path) })))
  return { hosts: provider.hosts.map(compileHost), endpoints }
}

function matchOrigin(rows: readonly CompiledRow[], origin: string): OriginMatcher | null {
  if (!URL.canParse(origin)) return null
  const url = new URL(origin)
  const endpoints = rows.filter((row) => row.hosts.some((fits) => fits(url))).flatMap((row) => row.endpoints())
  return endpoints.length === 0 ? null : new OriginMatcher(url.origin, endpoints)
}

/** The endpoints of one origin, and the results for its paths. */
class OriginMatcher {
  readonly #origin: string
  readonly #endpoints: readonly CompiledEndpoint[]
  readonly #paths = new BoundedMap<string, Match | null>(MAX_PATHS)

  constructor(origin: string, endpoints: readonly CompiledEndpoint[]) {
    this.#origin = origin
    this.#endpoints = endpoints
  }

  match(path: string): Match | undefined {
    const mark = path.indexOf('?')
    if (mark === -1) return this.#lookUp(path) ?? undefined
    const match = this.#lookUp(path.slice(0, mark))
    // A query is not remembered: it may hold an API key.
    return match === null ? undefined : { ...match, search: mark === path.length - 1 ? '' : path.slice(mark) }
  }

  #lookUp(pathname: string): Match | null {
    let known = this.#paths.get(pathname)
    if (known === undefined) {
      known = this.#find(pathname)
      if (pathname.length <= MAX_PATH_LENGTH) this.#paths.set(pathname, known)
    }
    return known
  }

  #find(pathname: string): Match | null {
    for (const { provider, endpoint, read } of this.#endpoints) {
      const params = read(pathname)
      if (params !== undefined) return { provider, endpoint, origin: this.#origin, pathname, search: '', params }
    }
    return null
  }
}
