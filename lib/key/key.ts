import type { Match } from '../providers/provider.ts'
import { afterLength, digest } from '../base/digest.ts'
import type { HeaderPair } from '../request/headers.ts'
import { splitQuery } from '../request/query.ts'

/** Raised when the same request gets another key, so that no stored entry is found under a key with another meaning. */
const FORMAT_VERSION = '2'

/** Who shares an entry, and which of several answers it is. */
export interface KeyScope {
  readonly namespace: string
  /** The n-th sample of one prompt; 0 for the first. */
  readonly variant: number
  /**
   * FastRouter's `filter_on_model: false`: the model does not count. No effect if the model is in a header, or if the
   * raw bytes of the body are the key.
   */
  readonly anyModel?: boolean
  /**
   * FastRouter's `filter_on_provider: false`: origin and path don't count, only the wire format. Since a caller has a
   * different credential on each host, the scope named by `cacheKey` represents it instead, if its credential owns that
   * scope on this host (cache-key-owners.ts). Any other credential still counts, and so does the result of `identity`.
   */
  readonly anyProvider?: boolean
  /**
   * FastRouter's `cache_key`: a scope chosen by the caller. It accepts one credential for each host, the first that
   * uses it; callers with another one choose the same word but share nothing.
   */
  readonly cacheKey?: string
}

/** The scope of nearly all calls. */
export const PLAIN_SCOPE: KeyScope = Object.freeze({ namespace: '', variant: 0 })

/** A copy to remember, since the scope itself may keep its plan alive. */
export function copyScope(scope: KeyScope): KeyScope {
  if (isSameScope(PLAIN_SCOPE, scope)) return PLAIN_SCOPE
  const { namespace, variant, anyModel = false, anyProvider = false, cacheKey } = scope
  return { namespace, variant, anyModel, anyProvider, ...(cacheKey === undefined ? {} : { cacheKey }) }
}

/** Whether two scopes give the same keys. */
export function isSameScope(left: KeyScope, right: KeyScope): boolean {
  if (left === right) return true
  return (
    left.namespace === right.namespace &&
    left.variant === right.variant &&
    (left.anyModel ?? false) === (right.anyModel ?? false) &&
    (left.anyProvider ?? false) === (right.anyProvider ?? false) &&
    left.cacheKey === right.cacheKey
  )
}

/** What a key is made of, besides the scope. */
export interface KeyInput {
  readonly match: Match
  readonly method: string
  /** Digest of the credentials or of the result of `identity`, or the scope that represents the caller. */
  readonly caller: string
  readonly semantic: readonly HeaderPair[]
  /** The form of the body that was hashed: forms never collide. */
  readonly form: string
  /** Digest of that form. */
  readonly body: string
}

/**
 * Names of the parts of a key. The parts after `place` depend on it: after `endpoint` come `origin` and `path`; after
 * `any-model` come `origin`, `endpoint path` and `params`; after `any-provider` come `format`, `action` and `model`.
 */
export type KeyPartName =
  | 'version'
  | 'method'
  | 'place'
  | 'origin'
  | 'path'
  | 'endpoint path'
  | 'params'
  | 'format'
  | 'action'
  | 'model'
  | 'query'
  | 'caller'
  | 'cache_key'
  | 'namespace'
  | 'variant'
  | 'headers'
  | 'form'
  | 'body'

/** One part of a key, for comparing two keys part by part. The value is in clear: hash it before you keep it. */
export interface KeyPart {
  readonly name: KeyPartName
  readonly value: string
  /** For `query`, `headers` and `params`: the pairs in the value, sorted by name. */
  readonly pairs?: readonly HeaderPair[]
}

/** Receives one part of a key. */
type Take = (name: KeyPartName, value: string, pairs?: readonly HeaderPair[]) => void

/** The parts of a key, in order; lib/README.md says why each of them counts. */
export function keyParts(input: KeyInput, scope: KeyScope): readonly KeyPart[] {
  const parts: KeyPart[] = []
  eachPart(input, scope, (name, value, pairs) =>
    parts.push(pairs === undefined ? { name, value } : { name, value, pairs }),
  )
  return parts
}

/**
 * The key: SHA-256 over the parts, each preceded by its length, as 64 lower-case hex digits. No object is created for a
 * part, which would be 1.5 kB of garbage for each miss.
 */
export function makeKey(input: KeyInput, scope: KeyScope): string {
  let text = ''
  eachPart(input, scope, (_name, value) => {
    text += afterLength(value)
  })
  return digest(text)
}

function eachPart({ match, method, caller, semantic, form, body }: KeyInput, scope: KeyScope, take: Take): void {
  const { cacheKey, namespace, variant } = scope
  take('version', FORMAT_VERSION)
  take('method', method)
  eachPlacePart(match, scope, take)
  takeList('query', splitQuery(match.search).plain, take)
  take('caller', caller)
  take('cache_key', cacheKey === undefined ? '-' : `=${cacheKey}`)
  take('namespace', namespace)
  take('variant', String(variant))
  takeList('headers', semantic, take)
  take('form', form)
  take('body', body)
}

/**
 * The parts about the endpoint. What a scope leaves out is named instead, so that two scopes never give the same key.
 */
function eachPlacePart({ endpoint, params, origin, pathname }: Match, scope: KeyScope, take: Take): void {
  const { anyModel = false, anyProvider = false } = scope
  if (anyProvider) {
    take('place', 'any-provider')
    take('format', endpoint.format.id)
    take('action', params.action ?? '')
    return take('model', anyModel ? 'any-model' : `=${params.model ?? ''}`)
  }
  take('place', anyModel ? 'any-model' : 'endpoint')
  take('origin', origin)
  if (!anyModel) return take('path', pathname)
  take('endpoint path', endpoint.path)
  const kept = Object.entries(params).filter(([name]) => name !== 'model')
  takeList('params', kept, take)
}

function takeList(name: KeyPartName, pairs: readonly HeaderPair[], take: Take): void {
  let value = ''
  for (const [left, right] of pairs) value += afterLength(left) + afterLength(right)
  take(name, value, pairs)
}
