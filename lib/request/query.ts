/** A query parameter as in the URL, not decoded. */
export type QueryPair = readonly [name: string, value: string]

/** A query, with its credentials separate. */
export interface SplitQuery {
  /** Sorted by name; parameters with the same name keep their order. */
  readonly plain: readonly QueryPair[]
  readonly credentials: readonly QueryPair[]
}

/** Parameters that are API keys, by lower-case name: Google's `?key=`, and the names that gateways use. */
const CREDENTIALS: ReadonlySet<string> = new Set([
  'key',
  'api_key',
  'api-key',
  'apikey',
  'access_token',
  'subscription-key',
  'x-amz-credential',
])

/** Finds in 50 ns that a query has no key, so that few are parsed. */
const ANY_CREDENTIAL = new RegExp(`[?&](?:${[...CREDENTIALS].join('|')})=`, 'i')

/** Parameters of a presigned SigV4 URL that change each time it is signed. */
const SIGNATURE: ReadonlySet<string> = new Set([
  'x-amz-date',
  'x-amz-expires',
  'x-amz-security-token',
  'x-amz-signature',
])

/** The credentials of a query (with its `?`, or empty), sorted by name. */
export function queryCredentials(search: string): readonly QueryPair[] {
  return search !== '' && ANY_CREDENTIAL.test(search) ? splitQuery(search).credentials : []
}

/** Parses a query (with its `?`, or empty). */
export function splitQuery(search: string): SplitQuery {
  const plain: QueryPair[] = []
  const credentials: QueryPair[] = []
  for (const part of search.slice(1).split('&')) {
    if (part === '') continue
    const pair = toPair(part)
    const lower = pair[0].toLowerCase()
    if (CREDENTIALS.has(lower)) credentials.push(lower === 'x-amz-credential' ? [lower, undated(pair[1])] : pair)
    else if (!SIGNATURE.has(lower)) plain.push(pair)
  }
  return { plain: plain.toSorted(byName), credentials: credentials.toSorted(byName) }
}

/** The decoded value of the first parameter of that name, or `undefined`. */
export function queryValue(search: string, name: string): string | undefined {
  return search === '' ? undefined : (new URLSearchParams(search).get(name) ?? undefined)
}

function toPair(part: string): QueryPair {
  const at = part.indexOf('=')
  return at === -1 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)]
}

function byName([left]: QueryPair, [right]: QueryPair): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/** `AKID%2F20260102%2Fus-east-1…` without its day. */
function undated(scope: string): string {
  return scope.replace(/%2f\d{8}%2f/i, '/')
}
