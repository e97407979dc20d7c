import type { Usage } from '../providers/answer.ts'
import type { HeaderLists } from '../undici/head.ts'

/** The parts of a call's key, as digests under its caller's secret. */
export interface AskedParts {
  /** Names of the parts, one on each line: `credential`, `header openai-beta`, `body messages[3].content`. */
  readonly names: string
  /** Eight bytes for each part, as base64. */
  readonly digests: string
}

/** Metadata of a stored answer. */
export interface EntryMeta {
  /** 64 hex digits: `x-llm-cache-key`. */
  readonly key: string
  /** Id of the provider's row: `openai`. */
  readonly provider: string
  /** The model by the caller's name; `undefined` if there is none. */
  readonly model: string | undefined
  /** The call's path without the query. */
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
  /** Milliseconds since the epoch after which the entry is stale. */
  readonly expiresAt: number
  /** Milliseconds since the epoch after which the entry is gone: `expiresAt` plus the longer stale window. */
  readonly keptUntil: number
  /** Token usage; `undefined` if the provider reports none. */
  readonly usage: Usage | undefined
  /** Milliseconds from dispatch to the last byte, rounded up: the time that a hit saves. */
  readonly duration: number
  /** Keys of the entries for the items of an embeddings batch. Deleting this key deletes them too. */
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
  /** `accept-encoding` of the first caller; `''` if it sent none. */
  readonly acceptEncoding: string
  /** The entry's own copy of the body, in the provider's content coding. */
  readonly body: Uint8Array
  /** The end of each chunk in `body`; the last is `body.length`. Empty if the body arrived in one chunk. */
  readonly ends: Uint32Array
  /**
   * For paced replay: milliseconds before each chunk, since the previous one or the head. `undefined`: no time between
   * chunks.
   */
  readonly gaps: Uint32Array | undefined
}
