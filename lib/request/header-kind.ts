import picomatch from 'picomatch'
import { BoundedMap } from '../base/bounded-map.ts'
import { isControlHeader } from '../controls/header-controls.ts'
import type { ProviderRow } from '../providers/provider.ts'
import { isNoise } from './noise-headers.ts'

/** What a request header means to the cache; `semantic` is part of the key, `noise` never is. */
export type HeaderKind =
  'credential' | 'semantic' | 'control' | 'content-type' | 'content-encoding' | 'retry-count' | 'noise'

/** A header's lower-case name and its kind. */
export interface HeaderClass {
  readonly lower: string
  readonly kind: HeaderKind
}

/** Names that mean the same at every provider, whatever a row, an option or the noise table says. */
const KNOWN: ReadonlyMap<string, HeaderKind> = new Map<string, HeaderKind>([
  ['content-type', 'content-type'],
  ['content-encoding', 'content-encoding'],
  ['x-stainless-retry-count', 'retry-count'],

  ['authorization', 'credential'],
  ['proxy-authorization', 'credential'],
  ['x-api-key', 'credential'],
  ['api-key', 'credential'],
  ['x-goog-api-key', 'credential'],
  ['cf-aig-authorization', 'credential'],
  // Bifrost's virtual key.
  ['x-bf-vk', 'credential'],
  // A self-hosted gateway may identify its users by session.
  ['cookie', 'credential'],
  // The caller, as identified by an authenticating proxy (oauth2-proxy, Envoy).
  ['x-forwarded-user', 'credential'],
  ['x-forwarded-preferred-username', 'credential'],
  ['x-forwarded-email', 'credential'],
  ['x-forwarded-groups', 'credential'],
  ['x-forwarded-client-cert', 'credential'],
  // Changes with SigV4's temporary keys, whose access key id counts already.
  ['x-amz-security-token', 'noise'],
])

/**
 * Gateways and self-hosted servers use any names for their keys. A header that looks like a key counts as one: a miss
 * at worst.
 */
const CREDENTIAL = new RegExp(
  [
    'authorization|api-?key|(?:auth|access|id)-token|subscription-key|jwt-assertion',
    // The last word of a name. CSRF tokens are excluded, since each page has its own.
    '(?:^|[-_])(?:auth|secret|password|jwt|(?<![cx]srf[-_])token)$',
    '(?:access|account|auth|client|functions|private|secret|user|virtual)[-_]?key$',
  ].join('|'),
)

/**
 * Always in the key, whatever `ignoreHeaders` says: guardrail, trace, latency and tier of a Bedrock call; model and
 * stream flag of a call to Vercel's gateway, which are only in headers.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html
 */
const ALWAYS_COUNTS = /^x-amzn-bedrock-|^ai-.*model/

/** Returns the kind of a header by its name in any case. */
export type Classifier = (name: string) => HeaderClass

/** The classifier for calls to that provider. */
export type Classifiers = (row: ProviderRow) => Classifier

/** Far above the number of header names that an app sends. */
const MEMO_LIMIT = 1000

/**
 * Creates the classifiers of one cache. Each remembers the names that it has seen: lower-casing and matching 15 names
 * takes 2 µs.
 *
 * @param ignoreHeaders globs in any case; see the option of that name.
 */
export function createClassifiers(ignoreHeaders: readonly string[]): Classifiers {
  const isIgnored = picomatch([...ignoreHeaders], { nocase: true, dot: true })
  const known = new WeakMap<ProviderRow, Classifier>()
  return (row) => {
    let classifier = known.get(row)
    if (classifier === undefined) known.set(row, (classifier = createClassifier(row, isIgnored)))
    return classifier
  }
}

type NameTest = (lowerName: string) => boolean

function createClassifier(row: ProviderRow, isIgnored: NameTest): Classifier {
  const isSemantic = picomatch([...(row.semanticHeaders ?? [])])
  const memo = new BoundedMap<string, HeaderClass>(MEMO_LIMIT)
  const classOf = (lower: string): HeaderClass => {
    const isOut = isIgnored(lower) || (isNoise(lower) && !isSemantic(lower))
    return { lower, kind: fixedKind(lower, row) ?? (isOut ? 'noise' : 'semantic') }
  }
  return (name) => {
    let found = memo.get(name)
    if (found === undefined) {
      found = classOf(name.toLowerCase())
      memo.set(name, found)
    }
    return found
  }
}

/** Whether no option decides if a header is in the key: a credential, a control, or one that always counts. */
export function isFixed(lowerName: string, rows: readonly ProviderRow[]): boolean {
  const kind = fixedKind(lowerName, undefined)
  return (kind !== undefined && kind !== 'retry-count') || rows.some((row) => isCredentialOf(row, lowerName))
}

/** The kind that no option changes, or `undefined`. */
function fixedKind(lower: string, row: ProviderRow | undefined): HeaderKind | undefined {
  const known = KNOWN.get(lower)
  if (known !== undefined) return known
  if (isControlHeader(lower)) return 'control'
  if (isCredentialOf(row, lower) || CREDENTIAL.test(lower)) return 'credential'
  return ALWAYS_COUNTS.test(lower) ? 'semantic' : undefined
}

function isCredentialOf(row: ProviderRow | undefined, lower: string): boolean {
  return row?.credentials?.includes(lower) === true
}
