import { createSecretKey, type KeyObject } from 'node:crypto'
import { checkMembers } from '../base/check.ts'
import { isObject } from '../base/json.ts'
import { deriveSealKey, type SealKey, type SealKind } from './envelope.ts'
import type { Access } from './store.ts'

/**
 * How answers are sealed outside this process (AES-256-GCM). `'credential'`: with a key derived from the caller's API
 * key, which is never stored. `{ key }`: with your own secret, text or bytes, 32 or more; `previousKeys` still open
 * what they have sealed. `'none'`: not sealed, only checksummed.
 */
export type Encryption =
  | 'credential'
  | 'none'
  | { readonly key: string | Uint8Array; readonly previousKeys?: readonly (string | Uint8Array)[] }

const SHORTEST_KEY = 32

/**
 * Checks the option `encryption`.
 *
 * @throws TypeError that never shows a key.
 */
export function checkEncryption(value: unknown, path: string): void {
  if (value === 'credential' || value === 'none') return
  if (!isObject(value)) throw new TypeError(`${path} must be 'credential', 'none' or { key, previousKeys }`)
  if (value['key'] === undefined) throw new TypeError(`${path}.key is missing`)
  checkMembers(value, { key: isKey, previousKeys: isKeyList }, path)
}

function isKey(value: unknown, path: string): void {
  const isLong = (typeof value === 'string' || value instanceof Uint8Array) && value.length >= SHORTEST_KEY
  if (!isLong) throw new TypeError(`${path} must be a string or bytes of ${SHORTEST_KEY} or more`)
}

function isKeyList(value: unknown, path: string): void {
  if (!Array.isArray(value)) throw new TypeError(`${path} must be an array of keys`)
  for (const [index, key] of value.entries()) isKey(key, `${path}[${index}]`)
}

/** The keys for a caller: the first one seals, all of them open. `undefined`: nothing can be stored for this caller. */
export interface Keyring {
  readonly kind: SealKind
  keys(access: Access | undefined): readonly SealKey[] | undefined
}

/** The keys of an option. */
export function keyringOf(encryption: Encryption): Keyring {
  if (encryption === 'none') return { kind: 'clear', keys: () => NO_KEYS }
  if (encryption === 'credential') return new CredentialKeys()
  const { key, previousKeys = [] } = encryption
  const keys = [key, ...previousKeys].map((secret) => deriveSealKey(createSecretKey(Buffer.from(secret))))
  return { kind: 'key', keys: () => keys }
}

const NO_KEYS: readonly SealKey[] = Object.freeze([])

class CredentialKeys implements Keyring {
  readonly kind = 'credential'
  // Deriving takes 20 µs; a caller's secret is one object.
  readonly #known = new WeakMap<KeyObject, readonly SealKey[]>()

  keys(access: Access | undefined): readonly SealKey[] | undefined {
    const secret = access?.secret()
    if (secret === undefined) return undefined
    let keys = this.#known.get(secret)
    if (keys === undefined) this.#known.set(secret, (keys = [deriveSealKey(secret)]))
    return keys
  }
}
