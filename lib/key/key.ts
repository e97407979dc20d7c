import type { Match } from '../providers/provider.ts'
import { afterLength, digest } from '../base/digest.ts'
import type { HeaderPair } from '../request/headers.ts'
import { splitQuery } from '../request/query.ts'

/** Goes up when the same request gets another key, so that no stored entry is found under a key of another meaning. */
const FORMAT_VERSION = '2'

/** Who shares an entry, and which answer of several it is. */
export interface KeyScope {
  readonly namespace: string
  /** The n-th sample of one prompt; 0 for the first. */
  readonly variant: number
  /**
   * FastRouter's `filter_on_model: false`: the model does not count. No effect where the model is in a header, or where
   * the raw bytes of the body are the key.
   */
  readonly anyModel?: boolean
  /**
   * FastRouter's `filter_on_provider: false`: origin and path don't count, only the wire format. A caller has another
   * credential on each host, so the scope that its `cacheKey` names stands for it instead, if its credential owns that
   * scope on this host (cache-key-owners.ts). Any other credential counts as ever, and so does the result of
   * `identity`.
   */
  readonly anyProvider?: boolean
  /**
   * FastRouter's `cache_key`: the scope that a caller chose. It holds one credential a host, the first that comes with
   * it; callers with another one choose the same word and share nothing.
   */
  readonly cacheKey?: string
}

/** The scope of nearly all calls. */
export const PLAIN_SCOPE: KeyScope = Object.freeze({ namespace: '', variant: 0 })

/** A copy to remember: the scope itself may keep alive the plan that it came from. */
export function copyScope(scope: KeyScope): KeyScope {
  if (isSameScope(PLAIN_SCOPE, scope)) return PLAIN_SCOPE
  const { namespace, variant, anyModel = false, anyProvider = false, cacheKey } = scope
  return { namespace, variant, anyModel, anyProvider, ...(cacheKey === undefined ? {} : { cacheKey }) }
}

/** Whether two scopes make the same keys. */
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

/** What a key is made of beside the scope. */
export interface KeyInput {
  readonly match: Match
  readonly method: string
  /** Digest of the credentials or of the result of `identity`, or the scope that stands for the caller. */
  readonly caller: string
  readonly semantic: readonly HeaderPair[]
  /** Which form of the body was hashed: forms never collide. */
  readonly form: string
  /** Digest of that form. */
  readonly body: string
}

/**
 * What a part of a key says. What follows `place` depends on it: after `endpoint` come `origin` and `path`; after
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

/**
 * One part of a key, so that two keys can be compared part by part. A value is as the call has it: hash what you keep.
 */
export interface KeyPart {
  readonly name: KeyPartName
  readonly value: string
  /** Of `query`, `headers` and `params`: what the value is made of, sorted by name. */
  readonly pairs?: readonly HeaderPair[]
}

/** Takes one part of a key. */
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
 * The key that the parts make: SHA-256 over them, each after its length, as 64 lower-case hex digits. No object is made
 * for a part: that would take 1.5 kB of garbage for each miss.
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

/** What is called. What a scope leaves out of it is named in its place, so that two scopes never make the same key. */
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
