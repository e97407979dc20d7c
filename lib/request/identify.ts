import { createHash, hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { LlmCacheError } from '../errors.ts'
import type { Match, RequestFacts } from '../providers/provider.ts'
import type { BodyControl, Dialect } from './body-control.ts'
import { type BodyReader, createBodyReader, type ReadBody } from './body-form.ts'
import { CacheKeyOwners } from './cache-key-owners.ts'
import { credentialDigest, credentialParts } from './credential.ts'
import { digest, frame } from './frame.ts'
import type { RequestHeaders } from './headers.ts'
import { type KeyScope, makeKey } from './key.ts'
import { SYNC_LIMIT, updateSliced } from './sliced.ts'

export type { KeyScope } from './key.ts'

/** What the `identity` option sees of a call. */
export interface IdentityRequest {
  /** The provider row's id: `openai`. */
  readonly provider: string
  readonly method: string
  readonly origin: string
  /** With the query. */
  readonly path: string
  readonly headers: {
    /** A request header by name in any case, or `undefined`. */
    get(name: string): string | undefined
  }
}

/** A call that is to be identified. */
export interface IdentifiableCall {
  readonly match: Match
  readonly method: string
  readonly headers: RequestHeaders
}

/** Who calls for what. Holds neither a credential nor text of the prompt, but for the caller's own body. */
export interface Identified {
  /** What the call asks for. */
  readonly facts: RequestFacts
  /** A gateway's control in the body's `cache` member. */
  readonly control: BodyControl | undefined
  /** The body to send: without a control, except to the provider that owns its dialect. */
  readonly upstreamBody: Uint8Array
  /** The entry's key in that scope: 64 lower-case hex digits. */
  key(scope: KeyScope): string
  /** The same caller's call with another JSON body; synchronous whatever its size, and not remembered for a repeat. */
  derive(body: Uint8Array): Identified
}

/** Tells what a call asks for and under which key its answer is kept. */
export interface Identifier {
  /**
   * Synchronous for JSON up to 256 kB; above, and for multipart, hashing and parsing are sliced so that the event loop
   * never waits long.
   *
   * @throws LlmCacheError with code `ERR_LLM_CACHE_CALLBACK` (synchronously) where `identity` throws or gives no string.
   */
  identify(call: IdentifiableCall, body: Uint8Array): Identified | Promise<Identified>
}

/** Options of {@link createIdentifier}; design.md section 3. */
export interface IdentifierOptions {
  /** Bytes of a body above which its raw bytes are the key. */
  readonly canonicalLimit: number
  /** Body paths that are left out of the key. */
  readonly ignoreFields: readonly string[]
  /** Who shares an entry, in place of the credentials. */
  readonly identity: ((request: IdentityRequest) => string) | undefined
  /** Whose body controls are understood. */
  readonly dialects: readonly Dialect[]
}

/** About 300 bytes each: 6 MB when full. */
const MAX_ALIASES = 20_000

/**
 * Makes an identifier with a memory of its own: the hash of a request's raw bytes leads to what was found out the last
 * time, so that a repeat is never parsed and is hashed once (2 kB: 39 → 12 µs, 1 MB: 11 → 2.7 ms).
 *
 * @throws TypeError for a wrong path in `ignoreFields`.
 */
export function createIdentifier(options: IdentifierOptions): Identifier {
  return new AliasedIdentifier(options)
}

/** What is remembered of a request. */
interface Alias {
  readonly read: ReadBody
  /** The scope, the caller in it, and the key of the last time. */
  scope: KeyScope | undefined
  shared: string | undefined
  key: string
}

/** Who calls: `parts` are to be hashed only. */
interface Caller {
  readonly parts: readonly string[]
  /** The result of `identity`, hashed. */
  readonly identity: string | undefined
  readonly owners: CacheKeyOwners
}

function newAlias(read: ReadBody): Alias {
  return { read, scope: undefined, shared: undefined, key: '' }
}

class AliasedIdentifier implements Identifier {
  readonly #aliases = new LRUCache<string, Alias>({ max: MAX_ALIASES })
  readonly #reader: BodyReader
  readonly #identity: IdentifierOptions['identity']
  readonly #owners = new CacheKeyOwners()
  /** Head and body of a small request side by side: one call into the hash costs less than two. */
  readonly #scratch = Buffer.allocUnsafeSlow(64 * 1024)

  constructor(options: IdentifierOptions) {
    this.#reader = createBodyReader(options)
    this.#identity = options.identity
  }

  identify(call: IdentifiableCall, body: Uint8Array): Identified | Promise<Identified> {
    const caller = this.#caller(call)
    // A random boundary makes every multipart body a new one: an alias would only push out useful ones.
    if (isMultipart(call.headers)) return this.#identifyMultipart(call, caller, body)
    const head = aliasHead(call, caller, body.length)
    if (body.length > SYNC_LIMIT) return this.#identifyLarge(call, caller, head, body)
    const id = this.#aliasOf(head, body)
    const alias = this.#aliases.get(id) ?? this.#remember(id, this.#reader.read(call, body))
    return new IdentifiedCall(call, caller, body, alias, this.#reader)
  }

  async #identifyMultipart(call: IdentifiableCall, caller: Caller, body: Uint8Array): Promise<Identified> {
    const read = await this.#reader.readMultipart(call, body)
    return new IdentifiedCall(call, caller, body, newAlias(read), this.#reader)
  }

  async #identifyLarge(call: IdentifiableCall, caller: Caller, head: string, body: Uint8Array): Promise<Identified> {
    const hashed = createHash('sha256').update(head)
    await updateSliced(hashed, body)
    const id = hashed.digest('base64')
    const alias = this.#aliases.get(id) ?? this.#remember(id, await this.#reader.readLarge(call, body))
    return new IdentifiedCall(call, caller, body, alias, this.#reader)
  }

  #remember(id: string, read: ReadBody): Alias {
    const alias = newAlias(read)
    this.#aliases.set(id, alias)
    return alias
  }

  /** Base64, because 20,000 ids of 64 hex digits would take 0.4 MB more. */
  #aliasOf(head: string, body: Uint8Array): string {
    const scratch = this.#scratch
    // UTF-8 takes up to three bytes for one UTF-16 unit.
    if (head.length * 3 + body.length > scratch.length) {
      return createHash('sha256').update(head).update(body).digest('base64')
    }
    const length = scratch.write(head, 'utf8')
    scratch.set(body, length)
    return hash('sha256', scratch.subarray(0, length + body.length), 'base64')
  }

  #caller({ match, method, headers }: IdentifiableCall): Caller {
    const owners = this.#owners
    if (this.#identity === undefined) {
      return { parts: credentialParts(headers, match.search), identity: undefined, owners }
    }
    const identity = digest(callIdentity(this.#identity, match, method, headers))
    return { parts: ['identity', identity], identity, owners }
  }
}

class IdentifiedCall implements Identified {
  readonly #call: IdentifiableCall
  readonly #caller: Caller
  readonly #body: Uint8Array
  readonly #alias: Alias
  readonly #reader: BodyReader

  constructor(call: IdentifiableCall, caller: Caller, body: Uint8Array, alias: Alias, reader: BodyReader) {
    this.#call = call
    this.#caller = caller
    this.#body = body
    this.#alias = alias
    this.#reader = reader
  }

  get facts(): RequestFacts {
    return this.#alias.read.facts
  }

  get control(): BodyControl | undefined {
    return this.#alias.read.control
  }

  get upstreamBody(): Uint8Array {
    const { control } = this.#alias.read
    if (control === undefined || control.dialect === this.#call.match.provider.id) return this.#body
    return this.#reader.cut(this.#body, this.#alias.read)
  }

  key(scope: KeyScope): string {
    const alias = this.#alias
    const shared = this.#sharedCaller(scope)
    if (alias.scope === undefined || alias.shared !== shared || !isSameScope(alias.scope, scope)) {
      alias.key = this.#makeKey(scope, shared ?? this.#caller.identity ?? this.#credential())
      alias.scope = smallCopy(scope)
      alias.shared = shared
    }
    return alias.key
  }

  derive(body: Uint8Array): Identified {
    const alias = newAlias(this.#reader.read(this.#call, body))
    return new IdentifiedCall(this.#call, this.#caller, body, alias, this.#reader)
  }

  /** What stands in the caller's place where hosts share. */
  #sharedCaller({ cacheKey, anyProvider }: KeyScope): string | undefined {
    if (cacheKey === undefined || anyProvider !== true || this.#caller.identity !== undefined) return undefined
    return this.#caller.owners.scopeOf(cacheKey, this.#call.match.origin, this.#credential())
  }

  #credential(): string {
    const { match, headers } = this.#call
    return credentialDigest(headers, match.search, match.provider)
  }

  #makeKey(scope: KeyScope, caller: string): string {
    const { match, method, headers } = this.#call
    const { read } = this.#alias
    const body = scope.anyModel === true ? this.#reader.digestWithoutModel(this.#call, this.#body, read) : read.digest
    return makeKey({ match, method, caller, semantic: headers.semantic, form: read.form, body }, scope)
  }
}

const PLAIN_SCOPE: KeyScope = Object.freeze({ namespace: '', variant: 0 })

/** A remembered scope must not keep a caller's larger object alive. */
function smallCopy(scope: KeyScope): KeyScope {
  if (isSameScope(PLAIN_SCOPE, scope)) return PLAIN_SCOPE
  const { namespace, variant, anyModel = false, anyProvider = false, cacheKey } = scope
  return { namespace, variant, anyModel, anyProvider, ...(cacheKey === undefined ? {} : { cacheKey }) }
}

function isSameScope(left: KeyScope, right: KeyScope): boolean {
  return (
    left.namespace === right.namespace &&
    left.variant === right.variant &&
    (left.anyModel ?? false) === (right.anyModel ?? false) &&
    (left.anyProvider ?? false) === (right.anyProvider ?? false) &&
    left.cacheKey === right.cacheKey
  )
}

/** Everything beside the body that facts and key depend on. It holds credentials: to be hashed only. */
function aliasHead({ match, method, headers }: IdentifiableCall, caller: Caller, size: number): string {
  let head = `${size};${headers.semantic.length};${caller.parts.length};`
  head += frame([method, match.origin, match.pathname, match.search, ...caller.parts])
  for (const [name, value] of headers.semantic) head += `${name.length}:${name}${value.length}:${value}`
  return head
}

function isMultipart(headers: RequestHeaders): boolean {
  return headers.semantic.some(([name, value]) => name === 'content-type' && value === 'multipart/form-data')
}

function callIdentity(
  identity: (request: IdentityRequest) => unknown,
  match: Match,
  method: string,
  headers: RequestHeaders,
): string {
  const { provider, origin, pathname, search } = match
  const get = (name: string): string | undefined => headers.get(name.toLowerCase())
  let result: unknown
  try {
    result = identity({ provider: provider.id, method, origin, path: pathname + search, headers: { get } })
  } catch (cause) {
    throw new LlmCacheError('ERR_LLM_CACHE_CALLBACK', 'the option `identity` threw', { cause })
  }
  if (typeof result === 'string') return result
  throw new LlmCacheError('ERR_LLM_CACHE_CALLBACK', `the option \`identity\` gave ${typeof result}, expected a string`)
}
