import type { KeyObject } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { crypto } from '../base/crypto.ts'
import { lengthPrefixed } from '../base/digest.ts'
import { isObject, parseJson } from '../base/json.ts'
import { atMost } from '../base/lru.ts'
import type { HeaderPair } from '../request/headers.ts'
import { queryCredentials } from '../request/query.ts'
import type { Access } from '../stores/store.ts'
import type { IdentifiableCall } from './keyed-call.ts'

/** About 300 bytes each. With more credentials in a process, some secrets are derived again. */
const MAX_SECRETS = 1000

/** Secrets derived from credentials, by the digest of the credential; the most recently used are remembered. */
export class Secrets {
  readonly #secrets = new LRUCache<string, KeyObject>(atMost(MAX_SECRETS))

  /**
   * The secret of a credential, or `undefined` if nothing in it is secret.
   *
   * @param digest identifies the credential
   * @param parts returns its secret parts
   */
  of(digest: string, parts: () => readonly string[]): KeyObject | undefined {
    const known = this.#secrets.get(digest)
    if (known !== undefined) return known
    const found = parts()
    if (found.length === 0) return undefined
    const secret = deriveSecret(found)
    this.#secrets.set(digest, secret)
    return secret
  }
}

/** The secret derived from names and values of credentials: name, value, name, value … */
export function deriveSecret(parts: readonly string[]): KeyObject {
  const material = Buffer.from(lengthPrefixed(parts), 'utf16le')
  const bytes = crypto().hkdfSync('sha256', material, '', 'undici-llm-cache secret 1', 32)
  return crypto().createSecretKey(new Uint8Array(bytes))
}

/** What a store may know of one caller. The secret is derived when a store first asks for it. */
export class CallerAccess implements Access {
  readonly #secrets: Secrets
  readonly #call: IdentifiableCall
  readonly #digest: () => string
  /** `null`: not derived yet. */
  #secret: KeyObject | undefined | null = null

  /** @param digest returns the digest that identifies the call's credentials */
  constructor(secrets: Secrets, call: IdentifiableCall, digest: () => string) {
    this.#secrets = secrets
    this.#call = call
    this.#digest = digest
  }

  secret(): KeyObject | undefined {
    if (this.#secret === null) {
      const { headers, match } = this.#call
      this.#secret = this.#secrets.of(this.#digest(), () => secretParts(headers.credentials, match.search))
    }
    return this.#secret
  }

  isRotating(): boolean {
    return this.#call.headers.credentials.some(([, value]) => isRotating(value))
  }
}

/** A signature, or what an SDK sends without a key. */
const NO_SECRET = /^AWS4-|^(?:Bearer *)?$/i

/** The parts of the credentials that only the caller knows. SigV4 has none: its secret key is never sent. */
function secretParts(headers: readonly HeaderPair[], search: string): string[] {
  const parts: string[] = []
  for (const [name, value] of headers) if (!NO_SECRET.test(value)) parts.push(name, value)
  for (const [name, value] of queryCredentials(search)) if (name !== 'x-amz-credential') parts.push(`?${name}`, value)
  return parts
}

// A Google access token (an hour), and an access key id of AWS's temporary credentials.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
const ROTATING = /^(?:Bearer +)?ya29\.|^AWS4-.*Credential=ASIA/i
const JWT = /^(?:Bearer +)?eyJ[\w-]*\.([\w-]+)\./i
const DAY = 86_400

/**
 * Whether a credential changes within a day. Some providers' permanent keys are JWTs too, which expire late or never.
 */
export function isRotating(value: string): boolean {
  if (ROTATING.test(value)) return true
  const claims = JWT.exec(value)?.[1]
  if (claims === undefined) return false
  const parsed = parseJson(Buffer.from(claims, 'base64url').toString())
  if (!isObject(parsed)) return false
  const { exp, iat } = parsed
  return typeof exp === 'number' && exp - (typeof iat === 'number' ? iat : Date.now() / 1000) <= DAY
}
