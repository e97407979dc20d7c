import { checkMembers } from '../base/check.ts'
import { LlmCacheError } from '../base/errors.ts'
import { isObject } from '../base/json.ts'
import { readMeta, type StoredRecord } from './codec.ts'
import { type EntryInfo, type EntryMeta, infoOf } from './entry.ts'
import { type Filter, isEmpty, matches } from './filter.ts'
import { isNewer } from './freshness.ts'
import type { NewRecord, RecordStore } from './records.ts'
import { checkEncryption, type Encryption } from './encryption.ts'
import { sealedStore } from './seal.ts'
import type { CacheStore } from './store.ts'

export type { Encryption } from './encryption.ts'

/** The members of a Keyv of version 5 or 6 that are used here. */
export interface KeyvLike {
  get(key: string): Promise<unknown>
  /** `ttl` in milliseconds. */
  set(key: string, value: string, ttl?: number): Promise<unknown>
  delete(key: string): Promise<unknown>
  clear(): Promise<unknown>
  /** Keys and values; absent if the adapter can't list. */
  readonly iterator?: unknown
  on(event: 'error', listener: (error: unknown) => void): unknown
}

/** Options of {@link fromKeyv}. */
export interface KeyvStoreOptions {
  /** How answers are sealed. Default `'credential'`: under a key derived from the caller's API key. */
  readonly encryption?: Encryption
}

/**
 * Stores answers in anything that Keyv 5 or 6 supports: Postgres, MySQL, MongoDB, DynamoDB, Memcached and others. An
 * answer that another process deletes is served as long as memory has it. `coalesce: 'cluster'` needs leases, which
 * Keyv lacks. Deleting a key and `clear()` without a filter work with every adapter. Listing, and `clear` with a
 * filter, read every value, and reject with `ERR_LLM_CACHE_STORE` if the adapter can't list. Set the Keyv's
 * `throwOnErrors`, so that a lost database is noticed: without it, Keyv 5 turns each failed read into a miss. `close()`
 * does not disconnect the Keyv.
 *
 * @throws TypeError naming a wrong option.
 */
export function fromKeyv(keyv: KeyvLike, options: KeyvStoreOptions = {}): CacheStore {
  checkMembers(options, { encryption: checkEncryption }, 'fromKeyv')
  if (!isKeyv(keyv)) throw new TypeError('fromKeyv(keyv) must be given a Keyv of version 5 or 6')
  return sealedStore(new KeyvRecords(keyv), options.encryption ?? 'credential')
}

function isKeyv(value: unknown): value is KeyvLike {
  return isObject(value) && ['get', 'set', 'delete', 'clear', 'on'].every((name) => typeof value[name] === 'function')
}

type Iterate = () => AsyncIterable<unknown>

/** Records in a Keyv: one string each, with the metadata, a line feed, and the payload in Base64. */
class KeyvRecords implements RecordStore {
  readonly canList: boolean
  readonly #keyv: KeyvLike
  #errors = 0
  #lastError: unknown

  constructor(keyv: KeyvLike) {
    this.#keyv = keyv
    this.canList = typeof keyv.iterator === 'function'
    // By default a Keyv reports errors only by this event.
    keyv.on('error', (error) => {
      this.#errors++
      this.#lastError = error
    })
  }

  async read(key: string): Promise<StoredRecord | undefined> {
    return readRecord(await this.#checked(() => this.#keyv.get(key)))
  }

  async write({ meta, payload, info, isRestored = false }: NewRecord): Promise<void> {
    if (isRestored && (await this.#hasNewer(info))) return
    const value = `${meta}\n${Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('base64')}`
    await this.#checked(() => this.#keyv.set(info.key, value, Math.max(1, info.keptUntil - Date.now())))
  }

  async delete(key: string): Promise<boolean> {
    return (await this.#checked(() => this.#keyv.delete(key))) === true
  }

  async clear(filter: Filter): Promise<number> {
    const isAll = isEmpty(filter)
    if (isAll && !this.canList) return this.#clearAll(0)
    const keys: string[] = []
    for await (const info of this.list(filter)) keys.push(info.key)
    if (isAll) return this.#clearAll(keys.length)
    for (const one of keys) await this.delete(one)
    return keys.length
  }

  async *list(filter: Filter): AsyncGenerator<EntryInfo> {
    const now = Date.now()
    for await (const value of this.#values(filter)) {
      const record = readRecord(value)
      const meta = record && readMeta(record.meta)
      if (meta !== undefined && matches(meta, filter, now)) yield infoOf(meta, 0)
    }
  }

  close(): void {}

  async #clearAll(count: number): Promise<number> {
    await this.#checked(() => this.#keyv.clear())
    return count
  }

  async #hasNewer(restored: EntryMeta): Promise<boolean> {
    const there = await this.read(restored.key)
    return isNewer(there && readMeta(there.meta), restored)
  }

  async *#values({ key }: Filter): AsyncGenerator<unknown> {
    if (key !== undefined) return yield await this.#checked(() => this.#keyv.get(key))
    if (!this.canList) throw new LlmCacheError('ERR_LLM_CACHE_STORE', "This Keyv adapter can't list its keys")
    const iterate = (this.#keyv.iterator as Iterate).bind(this.#keyv) // it is a function: canList
    for await (const pair of iterate()) if (Array.isArray(pair)) yield pair[1]
  }

  /** @throws the error that the Keyv has emitted meanwhile. */
  async #checked<T>(ask: () => Promise<T>): Promise<T> {
    const before = this.#errors
    const value = await ask()
    if (this.#errors !== before) throw this.#lastError
    return value
  }
}

function readRecord(value: unknown): StoredRecord | undefined {
  if (typeof value !== 'string') return undefined
  const end = value.indexOf('\n')
  return end === -1
    ? undefined
    : { meta: value.slice(0, end), payload: new Uint8Array(Buffer.from(value.slice(end + 1), 'base64')) }
}
