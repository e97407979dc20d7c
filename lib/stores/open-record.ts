import { createSecretKey, type KeyObject } from 'node:crypto'
import { readContent, readMeta, type StoredRecord } from './codec.ts'
import type { Entry } from './entry.ts'
import { deriveSealKey, kindOf, type SealKind, unwrap } from './envelope.ts'

/** Keys that may open a record. */
export interface RecordKeys {
  /** Secrets derived from callers' credentials. */
  readonly secrets: readonly KeyObject[]
  /** The store's own secret, `encryption: { key }`. */
  readonly key: string | undefined
}

/** The result of opening a record. */
export type OpenedRecord =
  | { readonly is: 'open'; readonly sealed: SealKind; readonly entry: Entry }
  /** The record is sealed, and none of the keys opens it. */
  | { readonly is: 'locked'; readonly sealed: SealKind | undefined }
  | { readonly is: 'damaged' }

/** Opens a record from a store, however it is sealed. Never removes it, even if it is damaged. */
export function openRecord({ meta: text, payload }: StoredRecord, { secrets, key }: RecordKeys): OpenedRecord {
  const sealed = kindOf(payload)
  const meta = readMeta(text)
  if (meta === undefined) return { is: 'damaged' }
  const own = key === undefined ? [] : [createSecretKey(Buffer.from(key))]
  const keys = (sealed === 'key' ? own : secrets).map((secret) => deriveSealKey(secret))
  const opened = unwrap(payload, text, sealed ?? 'clear', keys)
  if (opened.is !== 'open') return opened.is === 'locked' ? { is: 'locked', sealed } : opened
  const entry = readContent(meta, opened.content)
  return entry === undefined || sealed === undefined ? { is: 'damaged' } : { is: 'open', sealed, entry }
}
