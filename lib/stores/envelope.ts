import {
  type CipherGCM,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { zlib } from '../base/zlib.ts'

// What a store keeps of an answer, version 1:
//
//   1 byte    version
//   1 byte    kind of the seal
//   clear:    4 bytes CRC-32 of what follows, then of the metadata
//   sealed:   8 bytes key id, 12 bytes nonce, 16 bytes tag of AES-256-GCM (NIST SP 800-38D)
//   content   as codec.ts writes it; encrypted where it is sealed
//
// The first two bytes and the metadata are bound in as additional data: bytes under another entry's metadata are
// damage.

const VERSION = 1
const ID = 8
const NONCE = 12
const TAG = 16
const CRC = 4
const START = 2
const CIPHER = 'aes-256-gcm'

/** Kinds of seals. */
export type SealKind = 'clear' | 'credential' | 'key'

const KINDS: readonly SealKind[] = ['clear', 'credential', 'key']

/** A key and its name. The name distinguishes entries that this key can't open from damaged ones. */
export interface SealKey {
  readonly id: Uint8Array
  readonly key: KeyObject
}

/** Derives the key for sealing entries, and its name, from a secret (HKDF, RFC 5869). */
export function deriveSealKey(secret: KeyObject): SealKey {
  const derive = (info: string, length: number): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', secret, '', `undici-llm-cache store ${info} 1`, length))
  // A key object, since with plain bytes each use would take 10 µs more.
  return { id: derive('key id', ID), key: createSecretKey(derive('key', 32)) }
}

/**
 * The name under which a store keeps something: only the owner of the key can compute it. Without a key, the name
 * itself.
 */
export function nameUnder(seal: SealKey | undefined, name: string): string {
  if (seal === undefined) return name
  return Buffer.from(hkdfSync('sha256', seal.key, '', `undici-llm-cache store name 1 ${name}`, 32)).toString('hex')
}

/** Bytes processed between two yields: less than a millisecond. */
const SLICE = 256 * 1024

/** Random bytes, generated in bulk, since each request takes 2 µs. Each byte is used once. */
const random = { bytes: Buffer.alloc(0), used: 0 }

function makeNonce(): Uint8Array {
  if (random.used === random.bytes.length) {
    random.bytes = randomBytes(NONCE * 256)
    random.used = 0
  }
  random.used += NONCE
  return random.bytes.subarray(random.used - NONCE, random.used)
}

/**
 * Puts content, given as a sequence of parts, into an envelope. Yields now and then, so that other work can be done in
 * between. The result has its own memory.
 */
export function* wrap(
  parts: readonly Uint8Array[],
  meta: string,
  kind: SealKind,
  seal: SealKey | undefined,
): Generator<void, Uint8Array<ArrayBuffer>> {
  const start = START + (seal === undefined ? CRC : ID + NONCE + TAG)
  const size = parts.reduce((sum, part) => sum + part.length, start)
  const payload = Buffer.allocUnsafeSlow(size)
  payload[0] = VERSION
  payload[1] = KINDS.indexOf(kind)
  const writer = seal === undefined ? new ClearWriter(payload, meta) : new SealedWriter(payload, meta, seal)
  let at = start
  for (const part of parts) {
    for (let from = 0; from < part.length; from += SLICE) {
      if (from > 0) yield
      const slice = part.subarray(from, from + SLICE)
      payload.set(writer.write(slice), at)
      at += slice.length
    }
  }
  writer.end()
  return payload
}

/** Does all the work at once. */
export function finish<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
  }
}

class ClearWriter {
  readonly #payload: Buffer
  readonly #meta: string
  #crc = 0

  constructor(payload: Buffer, meta: string) {
    this.#payload = payload
    this.#meta = meta
  }

  write(slice: Uint8Array): Uint8Array {
    this.#crc = zlib().crc32(slice, this.#crc)
    return slice
  }

  end(): void {
    this.#payload.writeUInt32LE(zlib().crc32(this.#meta, this.#crc), START)
  }
}

class SealedWriter {
  readonly #payload: Buffer
  readonly #cipher: CipherGCM

  constructor(payload: Buffer, meta: string, { id, key }: SealKey) {
    const nonce = makeNonce()
    payload.set(id, START)
    payload.set(nonce, START + ID)
    this.#payload = payload
    this.#cipher = createCipheriv(CIPHER, key, nonce)
    this.#cipher.setAAD(boundData(payload, meta))
  }

  write(slice: Uint8Array): Uint8Array {
    return this.#cipher.update(slice)
  }

  end(): void {
    this.#cipher.final()
    this.#payload.set(this.#cipher.getAuthTag(), START + ID + NONCE)
  }
}

/** Additional data of the cipher. */
function boundData(payload: Buffer, meta: string): Buffer {
  return Buffer.from(`${payload[0]}:${payload[1]}:${meta}`)
}

/** The result of opening an envelope. */
export type Opened =
  | { readonly is: 'open'; readonly content: Uint8Array }
  /** Possibly intact, but sealed under another key, or written by a later version. */
  | { readonly is: 'locked' }
  | { readonly is: 'damaged' }

const LOCKED: Opened = Object.freeze({ is: 'locked' })
const DAMAGED: Opened = Object.freeze({ is: 'damaged' })

/**
 * Opens an envelope of the given kind with the key among `keys` that it names. An unsealed envelope is `locked` if a
 * sealed one is expected, since anybody could have written it.
 */
export function unwrap(payload: Uint8Array, meta: string, kind: SealKind, keys: readonly SealKey[]): Opened {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length)
  const [version = 0, given = KINDS.length] = bytes
  if (version > VERSION) return LOCKED
  if (version !== VERSION || given >= KINDS.length) return DAMAGED
  if (KINDS[given] !== kind) return LOCKED
  return kind === 'clear' ? openClear(bytes, meta) : openSealed(bytes, meta, keys)
}

function openClear(bytes: Buffer, meta: string): Opened {
  const content = bytes.subarray(START + CRC)
  if (bytes.length < START + CRC || zlib().crc32(meta, zlib().crc32(content)) !== bytes.readUInt32LE(START))
    return DAMAGED
  return { is: 'open', content }
}

function openSealed(bytes: Buffer, meta: string, keys: readonly SealKey[]): Opened {
  if (bytes.length < START + ID + NONCE + TAG) return DAMAGED
  const id = bytes.subarray(START, START + ID)
  const found = keys.find((key) => id.equals(key.id))
  if (found === undefined) return LOCKED
  const nonce = bytes.subarray(START + ID, START + ID + NONCE)
  const decipher = createDecipheriv(CIPHER, found.key, nonce, { authTagLength: TAG })
  decipher.setAAD(boundData(bytes, meta))
  decipher.setAuthTag(bytes.subarray(START + ID + NONCE, START + ID + NONCE + TAG))
  const content = decipher.update(bytes.subarray(START + ID + NONCE + TAG))
  try {
    decipher.final()
  } catch {
    return DAMAGED
  }
  return { is: 'open', content }
}

/** The kind of an envelope's seal; `undefined` for anything but an envelope of this version. */
export function kindOf(payload: Uint8Array): SealKind | undefined {
  const [version, kind = KINDS.length] = payload
  return version === VERSION ? KINDS[kind] : undefined
}
