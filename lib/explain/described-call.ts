import { isObject } from '../base/json.ts'
import { createIdentifier, type IdentifierOptions } from '../key/identify.ts'
import type { KeyScope } from '../key/key.ts'
import { PROVIDERS } from '../providers/hosts.ts'
import { localRow } from '../providers/hosts/local.ts'
import { createMatcher, mergeProviders } from '../providers/match.ts'
import type { ProviderRow } from '../providers/provider.ts'
import { createClassifiers } from '../request/header-kind.ts'
import { readHeaders } from '../request/headers.ts'
import { type Asking, readAsked } from './asked.ts'

/** A call described by a file, with the key that a cache would compute. */
export interface DescribedCall {
  readonly key: string
  /** Digests keyed with a secret derived from its API key; `undefined` for a call without one. */
  readonly asking: Asking | undefined
}

/** What a call's key depends on, besides its file. */
export interface CallSettings {
  /** An API key for requests without one in their headers. */
  readonly credential: string | undefined
  readonly namespace: string
  /** Options of the cache that change its keys. */
  readonly options: Omit<IdentifierOptions, 'identity'> & {
    readonly identity?: IdentifierOptions['identity']
    readonly hosts: readonly string[]
    readonly providers: readonly ProviderRow[]
    readonly ignoreHeaders: readonly string[]
  }
}

/** How clients send an API key. */
const CARRIERS: readonly ((key: string) => Record<string, string>)[] = [
  (key) => ({ authorization: `Bearer ${key}` }),
  (key) => ({ 'x-api-key': key }),
  (key) => ({ 'x-goog-api-key': key }),
  (key) => ({ 'api-key': key }),
]

/**
 * Reads the call in a file (`{ url, headers?, body }`). Returns one call for each header in which clients send API
 * keys.
 *
 * @throws Error for anything else, and for a host that the cache does not know
 */
export async function describeCalls(request: unknown, settings: CallSettings): Promise<DescribedCall[]> {
  if (!isObject(request)) throw new Error('the file must hold an object { url, headers, body }')
  const { url, headers = {}, body } = request
  if (typeof url !== 'string' || !URL.canParse(url)) throw new Error('url must be the URL of a call')
  if (!isObject(headers)) throw new Error('headers must be an object')
  const { credential, options, namespace } = settings
  const { origin, pathname, search } = new URL(url)
  const rows = mergeProviders([...options.hosts.map(localRow), ...PROVIDERS], options.providers)
  const match = createMatcher(rows)(origin, pathname + search)
  if (match === undefined) throw new Error('url is that of no known endpoint: option hosts, or providers')
  const identifier = createIdentifier({ ...options, identity: options.identity })
  const classify = createClassifiers(options.ignoreHeaders)(match.provider)
  const scope: KeyScope = { namespace, variant: 0 }
  const carriers = credential === undefined ? [{}] : CARRIERS.map((carrier) => carrier(credential))
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? {})
  return Promise.all(
    carriers.map(async (carrier) => {
      const all = readHeaders({ 'content-type': 'application/json', ...headers, ...carrier }, classify)
      const identity = await identifier.identify({ match, method: 'POST', headers: all }, text)
      const secret = identity.access(scope)?.secret()
      const asking = secret === undefined ? undefined : readAsked(identity, identity.parts(scope), secret)
      return { key: identity.key(scope), asking }
    }),
  )
}
