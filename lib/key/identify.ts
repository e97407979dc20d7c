import { LRUCache } from 'lru-cache'
import { LlmCacheError } from '../base/errors.ts'
import type { MutableObject } from '../base/json.ts'
import type { RequestFacts } from '../providers/provider.ts'
import type { BodyControl } from '../controls/body-controls.ts'
import type { Dialect } from '../controls/dialects/dialect.ts'
import { bytesOf, textOf } from '../request/body.ts'
import { type BodyReader, createBodyReader, isSmall, type BodyDigest } from './body-digest.ts'
import type { BodyField, Spell } from './body-fields.ts'
import { CallerAccess, Secrets } from './access.ts'
import { CacheKeyOwners } from './cache-key-owners.ts'
import { parseObject } from './canonical-json.ts'
import { CredentialDigests } from './credential.ts'
import { digest } from '../base/digest.ts'
import { atMost } from '../base/lru.ts'
import type { RequestHeaders } from '../request/headers.ts'
import type { IdentifiableCall, Variation } from './keyed-call.ts'
import { copyScope, isSameScope, type KeyInput, type KeyPart, keyParts, type KeyScope, makeKey } from './key.ts'
import type { Access } from '../stores/store.ts'
import { type RequestHead, RequestIds } from './raw-request-ids.ts'

/** What the `identity` option sees of a call. */
export interface IdentityRequest {
  /** The provider row's id: `openai`. */
  readonly provider: string
  readonly method: string
  /** `https://api.openai.com`. */
  readonly origin: string
  /** With the query. */
  readonly path: string
  readonly headers: {
    /** A request header by name in any case, or `undefined`. */
    get(name: string): string | undefined
  }
}

/** Who calls for what. Of credentials and prompts it holds no more than the caller's own body. */
export interface Identified {
  /** What the call asks for. */
  readonly facts: RequestFacts
  /** A gateway's control in the body's `cache` member. */
  readonly control: BodyControl | undefined
  /**
   * The body to send. A gateway's control is cut out, unless the call goes to that gateway; any other body is the very
   * one that came.
   */
  readonly upstreamBody: string | Uint8Array
  /** The entry's key in that scope: 64 lower-case hex digits. */
  key(scope: KeyScope): string
  /** What the key in that scope is made of. */
  parts(scope: KeyScope): readonly KeyPart[]
  /** What the part `body` is made of, value by value; `undefined` if it was not keyed as JSON. */
  fields(spell: Spell): readonly BodyField[] | undefined
  /**
   * The body as it is sent, parsed anew: the receiver may change it. `undefined` if the raw bytes are the key: it is
   * no JSON object, a parse would lose something, or it is larger than `canonicalLimit`. No other body may be made of
   * such one.
   */
  json(): MutableObject | undefined
  /** The same caller's call with something changed. Always synchronous; not remembered for a repeat. */
  vary(change: Variation): Identified
  /** What a store may know of the caller; `undefined` if its credential is not part of that scope's keys. */
  access(scope: KeyScope): Access | undefined
}

/** Tells what a call asks for and under which key its answer is kept. */
export interface Identifier {
  /**
   * A string stands for its UTF-8. Synchronous for JSON up to 256 kB. Larger bodies, and multipart ones, are hashed and
   * parsed in slices, so that the event loop never waits long.
   *
   * @throws LlmCacheError with code `ERR_LLM_CACHE_CALLBACK` (synchronously) if `identity` throws or gives no
   * string.
   */
  identify(call: IdentifiableCall, body: string | Uint8Array): Identified | Promise<Identified>
}

/** Options of {@link createIdentifier}, as `LlmCacheOptions` has them. */
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

/** About 240 bytes each: 4.8 MB when full. */
const MAX_ALIASES = 20_000

/**
 * Makes an identifier that remembers: the hash of a request's raw bytes leads to what was found out the last time. So a
 * repeat is hashed once and never parsed (2 kB: 12 instead of 39 µs, 1 MB: 2.7 instead of 11 ms).
 *
 * @throws TypeError for a wrong path in `ignoreFields`.
 */
export function createIdentifier(options: IdentifierOptions): Identifier {
  return new AliasedIdentifier(options)
}

/**
 * What is remembered of a request. One flat object, since there are many. Its `digest` has one character for each byte.
 */
interface Alias extends BodyDigest {
  /** The scope of the last time, what stood for the caller in it, and the key that came out. */
  scope: KeyScope | undefined
  shared: string | undefined
  key: string
}

/** What the calls of one identifier share. */
interface Tools {
  readonly reader: BodyReader
  readonly credentials: CredentialDigests
  readonly owners: CacheKeyOwners
  readonly secrets: Secrets
}

function newAlias({ facts, control, form, digest, cuts }: BodyDigest): Alias {
  const packed = Buffer.from(digest, 'hex').toString('latin1')
  const alias: Alias = { facts, control, form, digest: packed, scope: undefined, shared: undefined, key: '' }
  return cuts === undefined ? alias : { ...alias, cuts }
}

class AliasedIdentifier implements Identifier {
  readonly #aliases = new LRUCache<string, Alias>(atMost(MAX_ALIASES))
  readonly #tools: Tools
  readonly #identity: IdentifierOptions['identity']
  readonly #ids = new RequestIds()

  constructor(options: IdentifierOptions) {
    const reader = createBodyReader(options)
    this.#tools = { reader, credentials: new CredentialDigests(), owners: new CacheKeyOwners(), secrets: new Secrets() }
    this.#identity = options.identity
  }

  identify(call: IdentifiableCall, body: string | Uint8Array): Identified | Promise<Identified> {
    const identity = this.#identity === undefined ? undefined : digest(callIdentity(this.#identity, call))
    // A random boundary makes every multipart body a new one: remembering it would only push out others.
    if (isMultipart(call.headers)) return this.#identifyMultipart(call, identity, body)
    const { match, method, headers } = call
    const head: RequestHead = { match, method, headers, identity }
    const id = this.#ids.of(head, body)
    return id === undefined ? this.#identifyLarge(call, head, body) : this.#identified(call, identity, body, id)
  }

  #identified(
    call: IdentifiableCall,
    identity: string | undefined,
    body: string | Uint8Array,
    id: string,
  ): IdentifiedCall {
    const alias = this.#aliases.get(id) ?? this.#remember(id, this.#tools.reader.read(call, bytesOf(body)))
    return new IdentifiedCall(this.#tools, call, identity, body, alias)
  }

  async #identifyMultipart(
    call: IdentifiableCall,
    identity: string | undefined,
    body: string | Uint8Array,
  ): Promise<Identified> {
    const read = await this.#tools.reader.readMultipart(call, bytesOf(body))
    return new IdentifiedCall(this.#tools, call, identity, body, newAlias(read))
  }

  async #identifyLarge(call: IdentifiableCall, head: RequestHead, body: string | Uint8Array): Promise<Identified> {
    const id = await this.#ids.ofLarge(head, body)
    const alias = this.#aliases.get(id) ?? this.#remember(id, await this.#tools.reader.readLarge(call, bytesOf(body)))
    return new IdentifiedCall(this.#tools, call, head.identity, body, alias)
  }

  #remember(id: string, read: BodyDigest): Alias {
    const alias = newAlias(read)
    if (isSmall(read)) this.#aliases.set(id, alias)
    return alias
  }
}

class IdentifiedCall implements Identified {
  readonly #tools: Tools
  readonly #call: IdentifiableCall
  /** The result of `identity`, hashed. */
  readonly #identity: string | undefined
  readonly #body: string | Uint8Array
  readonly #alias: Alias

  constructor(
    tools: Tools,
    call: IdentifiableCall,
    identity: string | undefined,
    body: string | Uint8Array,
    alias: Alias,
  ) {
    this.#tools = tools
    this.#call = call
    this.#identity = identity
    this.#body = body
    this.#alias = alias
  }

  get facts(): RequestFacts {
    return this.#alias.facts
  }

  get control(): BodyControl | undefined {
    return this.#alias.control
  }

  get upstreamBody(): string | Uint8Array {
    const { control } = this.#alias
    if (control === undefined || control.dialect === this.#call.match.provider.id) return this.#body
    return this.#tools.reader.cut(bytesOf(this.#body), this.#alias)
  }

  key(scope: KeyScope): string {
    const alias = this.#alias
    const shared = this.#sharedCaller(scope)
    if (alias.scope === undefined || alias.shared !== shared || !isSameScope(alias.scope, scope)) {
      alias.key = makeKey(this.#input(scope, shared ?? this.#caller), scope)
      alias.scope = copyScope(scope)
      alias.shared = shared
    }
    return alias.key
  }

  access(scope: KeyScope): Access | undefined {
    if (this.#identity !== undefined || this.#sharedCaller(scope) !== undefined) return undefined
    return new CallerAccess(this.#tools.secrets, this.#call, () => this.#credential())
  }

  parts(scope: KeyScope): readonly KeyPart[] {
    return keyParts(this.#input(scope, this.#sharedCaller(scope) ?? this.#caller), scope)
  }

  fields(spell: Spell): readonly BodyField[] | undefined {
    return this.#tools.reader.fields(this.#call, bytesOf(this.#body), this.#alias, spell)
  }

  json(): MutableObject | undefined {
    return this.#alias.form === 'json' ? parseObject(textOf(this.upstreamBody)) : undefined
  }

  vary({ body = bytesOf(this.upstreamBody), match, headers }: Variation): Identified {
    const { method } = this.#call
    const call = { method, match: match ?? this.#call.match, headers: headers ?? this.#call.headers }
    const alias = newAlias(this.#tools.reader.read(call, body))
    return new IdentifiedCall(this.#tools, call, this.#identity, body, alias)
  }

  get #caller(): string {
    return this.#identity ?? this.#credential()
  }

  /** What stands for the caller in the key where hosts share an answer. */
  #sharedCaller({ cacheKey, anyProvider }: KeyScope): string | undefined {
    if (cacheKey === undefined || anyProvider !== true || this.#identity !== undefined) return undefined
    return this.#tools.owners.scopeOf(cacheKey, this.#call.match.origin, this.#credential())
  }

  #credential(): string {
    const { match, headers } = this.#call
    return this.#tools.credentials.of(headers, match.search, match.provider)
  }

  #input(scope: KeyScope, caller: string): KeyInput {
    const { match, method, headers } = this.#call
    const { form } = this.#alias
    const body = scope.anyModel === true ? this.#digestWithoutModel() : this.#digest
    return { match, method, caller, semantic: headers.semantic, form, body }
  }

  get #digest(): string {
    return Buffer.from(this.#alias.digest, 'latin1').toString('hex')
  }

  #digestWithoutModel(): string {
    const read = { ...this.#alias, digest: this.#digest }
    return this.#tools.reader.digestWithoutModel(this.#call, bytesOf(this.#body), read)
  }
}

function isMultipart(headers: RequestHeaders): boolean {
  return headers.semantic.some(([name, value]) => name === 'content-type' && value === 'multipart/form-data')
}

function callIdentity(
  identity: (request: IdentityRequest) => unknown,
  { match, method, headers }: IdentifiableCall,
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
