import type { MutableObject } from '../base/json.ts'
import type { BodyControl } from '../controls/body-controls.ts'
import type { RequestFacts } from '../providers/provider.ts'
import { bytesOf, textOf } from '../request/body.ts'
import type { Access } from '../stores/store.ts'
import { CallerAccess, type Secrets } from './access.ts'
import type { BodyDigest, BodyReader } from './body-digest.ts'
import type { BodyField, Spell } from './body-fields.ts'
import type { CacheKeyOwners } from './cache-key-owners.ts'
import { parseObject } from './canonical-json.ts'
import type { CredentialDigests } from './credential.ts'
import { copyScope, isSameScope, type KeyInput, type KeyPart, keyParts, type KeyScope, makeKey } from './key.ts'
import type { IdentifiableCall, Variation } from './keyed-call.ts'

/** A call's facts and keys. Apart from the caller's own body, it holds no credential and no prompt. */
export interface Identified {
  /** Facts about the call. */
  readonly facts: RequestFacts
  /** A gateway's control in the body's `cache` member. */
  readonly control: BodyControl | undefined
  /**
   * The body to send. A gateway's control is cut out, unless the call goes to that gateway; without one it is the
   * caller's own object.
   */
  readonly upstreamBody: string | Uint8Array
  /** The entry's key in a scope: 64 lower-case hex digits. */
  key(scope: KeyScope): string
  /** The named parts of the key in a scope. */
  parts(scope: KeyScope): readonly KeyPart[]
  /** The values in the part `body`; `undefined` if it was not keyed as JSON. */
  fields(spell: Spell): readonly BodyField[] | undefined
  /**
   * The body to send, parsed anew, so that the receiver may change it. `undefined` if the raw bytes are the key: it is
   * not a JSON object, parsing would lose something, or it is larger than `canonicalLimit`. Such a body must not be
   * turned into another one.
   */
  json(): MutableObject | undefined
  /** The same caller's call with changes. Always synchronous; not remembered for repeats. */
  vary(change: Variation): Identified
  /** What a store may know of the caller; `undefined` if the scope's keys don't include the credential. */
  access(scope: KeyScope): Access | undefined
}

/** What is remembered of a request: a flat object, since there are many. `digest` has one character for each byte. */
export interface KnownRequest extends BodyDigest {
  /** The last scope, what stood for the caller in it, and the resulting key. */
  scope: KeyScope | undefined
  shared: string | undefined
  key: string
}

/** What all calls of one identifier share. */
export interface IdentifierTools {
  readonly reader: BodyReader
  readonly credentials: CredentialDigests
  readonly owners: CacheKeyOwners
  readonly secrets: Secrets
}

/** What to remember of a request whose body was read. */
export function createKnown({ facts, control, form, digest, cuts }: BodyDigest): KnownRequest {
  const packed = Buffer.from(digest, 'hex').toString('latin1')
  const known: KnownRequest = { facts, control, form, digest: packed, scope: undefined, shared: undefined, key: '' }
  return cuts === undefined ? known : { ...known, cuts }
}

/** A call that was identified, with what is known of its request. */
export class IdentifiedCall implements Identified {
  readonly #tools: IdentifierTools
  readonly #call: IdentifiableCall
  /** The result of `identity`, hashed. */
  readonly #identity: string | undefined
  readonly #body: string | Uint8Array
  readonly #known: KnownRequest

  constructor(
    tools: IdentifierTools,
    call: IdentifiableCall,
    identity: string | undefined,
    body: string | Uint8Array,
    known: KnownRequest,
  ) {
    this.#tools = tools
    this.#call = call
    this.#identity = identity
    this.#body = body
    this.#known = known
  }

  get facts(): RequestFacts {
    return this.#known.facts
  }

  get control(): BodyControl | undefined {
    return this.#known.control
  }

  get upstreamBody(): string | Uint8Array {
    const { control } = this.#known
    if (control === undefined || control.dialect === this.#call.match.provider.id) return this.#body
    return this.#tools.reader.cut(bytesOf(this.#body), this.#known)
  }

  key(scope: KeyScope): string {
    const known = this.#known
    const shared = this.#sharedCaller(scope)
    if (known.scope === undefined || known.shared !== shared || !isSameScope(known.scope, scope)) {
      known.key = makeKey(this.#input(scope, shared ?? this.#caller), scope)
      known.scope = copyScope(scope)
      known.shared = shared
    }
    return known.key
  }

  access(scope: KeyScope): Access | undefined {
    if (this.#identity !== undefined || this.#sharedCaller(scope) !== undefined) return undefined
    return new CallerAccess(this.#tools.secrets, this.#call, () => this.#credential())
  }

  parts(scope: KeyScope): readonly KeyPart[] {
    return keyParts(this.#input(scope, this.#sharedCaller(scope) ?? this.#caller), scope)
  }

  fields(spell: Spell): readonly BodyField[] | undefined {
    return this.#tools.reader.fields(this.#call, bytesOf(this.#body), this.#known, spell)
  }

  json(): MutableObject | undefined {
    return this.#known.form === 'json' ? parseObject(textOf(this.upstreamBody)) : undefined
  }

  vary({ body = bytesOf(this.upstreamBody), match, headers }: Variation): Identified {
    const { method } = this.#call
    const call = { method, match: match ?? this.#call.match, headers: headers ?? this.#call.headers }
    const known = createKnown(this.#tools.reader.read(call, body))
    return new IdentifiedCall(this.#tools, call, this.#identity, body, known)
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
    const { form } = this.#known
    const body = scope.anyModel === true ? this.#digestWithoutModel() : this.#digest
    return { match, method, caller, semantic: headers.semantic, form, body }
  }

  get #digest(): string {
    return Buffer.from(this.#known.digest, 'latin1').toString('hex')
  }

  #digestWithoutModel(): string {
    const read = { ...this.#known, digest: this.#digest }
    return this.#tools.reader.digestWithoutModel(this.#call, bytesOf(this.#body), read)
  }
}
