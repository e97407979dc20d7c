import { createSecretKey, type KeyObject } from 'node:crypto'
import { setImmediate as turnOfLoop } from 'node:timers/promises'
import { checkMembers } from '../base/check.ts'
import { isObject } from '../base/json.ts'
import { isPromiseLike } from '../base/promises.ts'
import { atExit } from './at-exit.ts'
import { readContent, readMeta, type StoredRecord, writeContent, writeMeta } from './codec.ts'
import type { Entry, EntryInfo } from './entry.ts'
import { deriveSealKey, finish, kindOf, type SealKey, type SealKind, unwrap, wrap } from './envelope.ts'
import type { Filter } from './filter.ts'
import type { Lease } from './lease.ts'
import type { NewRecord, RecordStore } from './records.ts'
import type { Removal } from './removal.ts'
import type { Access, Awaitable, CacheStore, RestoreRefusal } from './store.ts'

/**
 * What answers are sealed under outside of this process (AES-256-GCM): `'credential'`: a key derived from the caller's API
 * key, which is stored nowhere; `{ key }`: a secret of the app's, a text or bytes of 32 or more, `previousKeys` still
 * open; `'none'`: not sealed, only checksummed.
 */
export type Encryption =
  | 'credential'
  | 'none'
  | { readonly key: string | Uint8Array; readonly previousKeys?: readonly (string | Uint8Array)[] }

const SHORTEST_KEY = 32

/**
 * Checks the option of that name.
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
  if (!isLong) throw new TypeError(`${path} must be a text or bytes of ${SHORTEST_KEY} or more`)
}

function isKeyList(value: unknown, path: string): void {
  if (!Array.isArray(value)) throw new TypeError(`${path} must be an array of keys`)
  for (const [index, key] of value.entries()) isKey(key, `${path}[${index}]`)
}

/**
 * A CacheStore over a store of bytes: entries as codec.ts writes them, sealed. What was damaged or moved under other metadata
 * is a miss and is removed; what this caller can't open is a miss and stays.
 */
export function sealedStore(records: RecordStore, encryption: Encryption): CacheStore {
  return new SealedStore(records, keyringOf(encryption))
}

/** Which keys there are for a caller: the first seals, all of them open. `undefined`: nothing can be kept for it. */
interface Keyring {
  readonly kind: SealKind
  keys(access: Access | undefined): readonly SealKey[] | undefined
}

function keyringOf(encryption: Encryption): Keyring {
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

/** Content above this is sealed in slices, between other work. */
const AT_ONCE = 256 * 1024

class SealedStore implements CacheStore {
  readonly needsSecret: boolean
  readonly canList: boolean
  readonly hit?: (key: string) => void
  readonly watch?: (onRemoval: (removal: Removal) => void) => void
  readonly lease?: (key: string) => Awaitable<Lease | undefined>
  readonly prepareLeases?: () => void
  readonly #records: RecordStore
  readonly #keyring: Keyring
  /** Large entries that are being sealed. */
  readonly #sealing = new Map<Sealing, Promise<void>>()
  #undoAtExit: (() => void) | undefined
  #hasWarned = false

  constructor(records: RecordStore, keyring: Keyring) {
    this.#records = records
    this.#keyring = keyring
    this.needsSecret = keyring.kind === 'credential'
    this.canList = records.canList !== false
    if (records.hit !== undefined) this.hit = (key) => records.hit?.(key)
    if (records.lease !== undefined) this.lease = (key) => records.lease?.(key)
    if (records.prepareLeases !== undefined) this.prepareLeases = () => records.prepareLeases?.()
    if (records.watch !== undefined) this.watch = (onRemoval) => records.watch?.(onRemoval)
  }

  get(key: string, access?: Access): Awaitable<Entry | undefined> {
    const keys = this.#keyring.keys(access)
    if (keys === undefined) return undefined
    this.#watchExit()
    const found = this.#records.read(key)
    return isPromiseLike(found) ? found.then((record) => this.#open(key, record, keys)) : this.#open(key, found, keys)
  }

  set(entry: Entry, access?: Access): Awaitable<void> {
    const keys = this.#keyring.keys(access)
    if (keys === undefined) return undefined
    const meta = writeMeta(entry)
    const work = wrap(writeContent(entry), meta, this.#keyring.kind, keys[0])
    const write = (payload: NewRecord['payload']): Awaitable<void> =>
      this.#records.write({ meta, payload, info: entry })
    this.#watchExit()
    return entry.size <= AT_ONCE ? write(finish(work)) : this.#sealInSlices({ work, write, isSealed: false })
  }

  delete(key: string): Awaitable<boolean> {
    return this.#records.delete(key)
  }

  clear(filter: Filter = {}): Awaitable<number> {
    return this.#records.clear(filter)
  }

  entries(filter: Filter = {}): Iterable<EntryInfo> | AsyncIterable<EntryInfo> {
    return this.#records.list(filter)
  }

  async *records(filter: Filter = {}): AsyncGenerator<StoredRecord> {
    for await (const { key } of this.#records.list(filter)) {
      const record = await this.#records.read(key)
      if (record !== undefined) yield record
    }
  }

  restore({ meta, payload }: StoredRecord): Awaitable<RestoreRefusal | undefined> {
    const info = readMeta(meta)
    if (info === undefined) return 'damaged'
    const kind = kindOf(payload)
    if (kind === 'clear' && this.#keyring.kind === 'key') return this.#sealClear(meta, payload)
    if (kind !== this.#keyring.kind) return 'sealed'
    // Only its caller can open what is sealed under a credential.
    const opened = kind === 'credential' ? undefined : unwrap(payload, meta, kind, this.#keyring.keys(undefined) ?? [])
    if (opened?.is === 'damaged') return 'damaged'
    if (opened?.is === 'locked') return 'sealed'
    return done(this.#records.write({ meta, payload, info, isRestored: true }))
  }

  async flush(): Promise<void> {
    await Promise.all(this.#sealing.values())
    await this.#records.flush?.()
  }

  async close(): Promise<void> {
    this.#undoAtExit?.()
    this.#undoAtExit = undefined
    await Promise.allSettled(this.#sealing.values())
    await this.#records.close()
  }

  #open(key: string, record: StoredRecord | null | undefined, keys: readonly SealKey[]): Entry | undefined {
    if (record === undefined || record === null) return undefined
    const meta = readMeta(record.meta)
    if (meta === undefined || meta.key !== key) return this.#remove(key)
    const opened = unwrap(record.payload, record.meta, this.#keyring.kind, keys)
    if (opened.is === 'locked') return undefined
    const entry = opened.is === 'open' ? readContent(meta, opened.content) : undefined
    return entry ?? this.#remove(key)
  }

  #remove(key: string): undefined {
    if (!this.#hasWarned) {
      this.#hasWarned = true
      const message = 'An entry of the store is damaged; such entries count as missing and are removed'
      process.emitWarning(message, { type: 'LlmCacheWarning', code: 'LLM_CACHE_STORE' })
    }
    // Behind the answer; whoever can't remove it finds it damaged the next time as well.
    new Promise((resolve) => resolve(this.#records.delete(key))).catch(() => undefined)
    return undefined
  }

  #sealClear(meta: string, payload: StoredRecord['payload']): Awaitable<RestoreRefusal | undefined> {
    const info = readMeta(meta)
    const opened = unwrap(payload, meta, 'clear', [])
    const entry = info && opened.is === 'open' ? readContent(info, opened.content) : undefined
    if (entry === undefined) return 'damaged'
    const [key] = this.#keyring.keys(undefined) ?? []
    const sealed = finish(wrap(writeContent(entry), meta, this.#keyring.kind, key))
    return done(this.#records.write({ meta, payload: sealed, info: entry, isRestored: true }))
  }

  #sealInSlices(sealing: Sealing): Promise<void> {
    const written = this.#finishInSlices(sealing)
    this.#sealing.set(sealing, written)
    return written
  }

  async #finishInSlices(sealing: Sealing): Promise<void> {
    try {
      let step = sealing.work.next()
      while (step.done !== true) {
        await turnOfLoop()
        step = sealing.work.next()
      }
      sealing.isSealed = true
      await sealing.write(step.value)
    } finally {
      this.#sealing.delete(sealing)
    }
  }

  #watchExit(): void {
    if (this.#records.flushSync !== undefined) this.#undoAtExit ??= atExit('stores', () => this.#flushSync())
  }

  #flushSync(): void {
    // What is sealed already is on its way.
    for (const { work, write, isSealed } of this.#sealing.keys()) if (!isSealed) void write(finish(work))
    this.#records.flushSync?.()
  }
}

/** An entry that is being sealed. */
interface Sealing {
  readonly work: Generator<void, NewRecord['payload']>
  readonly write: (payload: NewRecord['payload']) => Awaitable<void>
  isSealed: boolean
}

function done(written: Awaitable<void>): Awaitable<undefined> {
  return isPromiseLike(written) ? written.then(() => undefined) : undefined
}
