import picomatch from 'picomatch'
import type { ProviderRow } from '../providers/provider.ts'

/** What a request header means to the cache; `rest` (volatile, or attribution) never counts. */
export type HeaderKind =
  'credential' | 'semantic' | 'control' | 'content-type' | 'content-encoding' | 'retry-count' | 'rest'

/** A header's lower-case name and its kind. */
export interface HeaderClass {
  readonly lower: string
  readonly kind: HeaderKind
}

/** Names that mean the same at every provider; design.md section 4. Provider rows add to them. */
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
  // A self-hosted gateway may know its users by session.
  ['cookie', 'credential'],
  // Rotates with SigV4's temporary keys, whose access key id counts already.
  ['x-amz-security-token', 'rest'],

  ['cache-control', 'control'],
  ['pragma', 'control'],
  ['x-openrouter-cache', 'control'],
  ['x-openrouter-cache-ttl', 'control'],
  ['x-openrouter-cache-clear', 'control'],
  ['cache_key', 'control'],

  // Cloudflare's own cache controls: they steer its cache, not the answer.
  ['cf-aig-cache-key', 'rest'],
  ['cf-aig-cache-ttl', 'rest'],
  ['cf-aig-skip-cache', 'rest'],

  ['anthropic-version', 'semantic'],
  ['anthropic-beta', 'semantic'],
  ['openai-organization', 'semantic'],
  ['openai-project', 'semantic'],
  ['openai-beta', 'semantic'],
])

/** Gateways and self-hosted servers name their keys as they like: what looks like one counts (a miss at worst). */
const CREDENTIAL = new RegExp(
  [
    'authorization|api-?key|(?:auth|access|id)-token|subscription-key',
    // A name's last word; forgery tokens are as many as pages.
    '(?:^|[-_])(?:auth|secret|password|jwt|(?<![cx]srf[-_])token)$',
    '(?:access|account|auth|client|functions|private|secret|user|virtual)[-_]?key$',
  ].join('|'),
)

/** Tells the kind of a header by its name in any case. */
export type Classifier = (name: string) => HeaderClass

/** Far above the header names of one app; only made-up names can reach it. */
const MEMO_LIMIT = 1000

// Memos of a pure function, not state: lower-casing and matching 15 names would cost 2 µs a call.
const classifiers = new WeakMap<ProviderRow, Classifier>()

/** The classifier for calls to that provider. */
export function classifierOf(row: ProviderRow): Classifier {
  let classifier = classifiers.get(row)
  if (classifier === undefined) classifiers.set(row, (classifier = createClassifier(row)))
  return classifier
}

function createClassifier(row: ProviderRow): Classifier {
  const memo = new Map<string, HeaderClass>()
  return (name) => {
    let found = memo.get(name)
    if (found === undefined) {
      const lower = name.toLowerCase()
      found = { lower, kind: kindOf(lower, row) }
      if (memo.size >= MEMO_LIMIT) memo.clear()
      memo.set(name, found)
    }
    return found
  }
}

function kindOf(lower: string, row: ProviderRow): HeaderKind {
  const known = KNOWN.get(lower)
  if (known !== undefined) return known
  if (lower === 'x-llm-cache' || lower.startsWith('x-llm-cache-')) return 'control'
  if (row.credentials?.includes(lower) === true) return 'credential'
  if (row.semanticHeaders?.some((glob) => picomatch.isMatch(lower, glob)) === true) return 'semantic'
  if (/^ai-.*model|^x-openrouter-|^cf-aig-/.test(lower)) return 'semantic'
  return CREDENTIAL.test(lower) ? 'credential' : 'rest'
}
