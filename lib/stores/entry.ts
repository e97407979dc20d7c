import type { Usage } from '../providers/answer.ts'
import type { HeaderLists } from '../undici/head.ts'

/** What a call asked for, part by part of its key, as digests under the secret of its caller. */
export interface AskedParts {
  /** Names of parts, one a line: `credential`, `header openai-beta`, `body messages[3].content`. */
  readonly names: string
  /** Eight bytes for each of them, as base64. */
  readonly digests: string
}

/** What is known of a stored answer without its bytes. */
export interface EntryMeta {
  /** 64 hex digits: `x-llm-cache-key`. */
  readonly key: string
  /** Id of the provider's row: `openai`. */
  readonly provider: string
  /** The model as the call names it; `undefined` if it names none. */
  readonly model: string | undefined
  /** Path of the call without the query. */
  readonly endpoint: string
  /** `''` for a call without one. */
  readonly namespace: string
  readonly tags: readonly string[]
  /** Whether the call asked for a stream. */
  readonly stream: boolean
  /** Bytes of the body as stored. */
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly storedAt: number
  /** Milliseconds since the epoch from which on the entry is stale. */
  readonly expiresAt: number
  /** Milliseconds since the epoch from which on it is gone: `expiresAt` plus the longer stale window. */
  readonly keptUntil: number
  /** The tokens that the provider has counted; `undefined` if it counts none. */
  readonly usage: Usage | undefined
  /** Milliseconds from dispatch to the last byte, rounded up: the time that a hit saves. */
  readonly duration: number
  /** Keys of the entries that hold the items of an embeddings batch one by one. Deleting this key deletes them too. */
  readonly itemKeys?: readonly string[]
  /** With the option `explain`: for `undici-llm-cache explain`. */
  readonly asked?: AskedParts
}

/** What `entries()` yields. */
export interface EntryInfo extends Omit<EntryMeta, 'keptUntil' | 'duration' | 'asked'> {
  /** How often the entry was served. */
  readonly hits: number
}

/** What `entries()` yields for an entry that was served `hits` times. */
export function infoOf(entry: EntryMeta, hits: number): EntryInfo {
  const { key, provider, model, endpoint, namespace, tags, stream, size, storedAt, expiresAt, usage, itemKeys } = entry
  const info = { key, provider, model, endpoint, namespace, tags, stream, size, storedAt, expiresAt, hits, usage }
  return itemKeys === undefined ? info : { ...info, itemKeys }
}

/** A whole, successful answer. */
export interface Entry extends EntryMeta, HeaderLists {
  readonly status: number
  readonly statusText: string
  /** `accept-encoding` of the caller that was answered first; `''` if it sent none. */
  readonly acceptEncoding: string
  /** One own copy of the body's bytes, in the provider's content coding. */
  readonly body: Uint8Array
  /** Where each chunk ends in `body`; the last is `body.length`. Empty when the body came in one chunk. */
  readonly ends: Uint32Array
  /**
   * For paced replay: milliseconds before each chunk, counted from the chunk before, or from the head. `undefined`: no
   * time between chunks.
   */
  readonly gaps: Uint32Array | undefined
}
