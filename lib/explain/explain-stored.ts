import { readMeta } from '../stores/codec.ts'
import type { EntryMeta } from '../stores/entry.ts'
import type { CacheStore } from '../stores/store.ts'
import { type Asking, CREDENTIAL, digestsOf, openAsked } from './asked.ts'
import { createDistance, differencesOf } from './differences.ts'

/** The entry of a store that differs least from a call, and the parts in which it differs. */
export interface NearestEntry {
  readonly key: string
  readonly differs: readonly string[]
}

/** The metadata of one entry; `undefined` if there is none. */
export async function metaOf(store: CacheStore, key: string): Promise<EntryMeta | undefined> {
  for await (const meta of metasOf(store, key)) return meta
  return undefined
}

/** The metadata of every entry, or of the one under a key. None from a store without `records`. */
async function* metasOf(store: CacheStore, key?: string): AsyncGenerator<EntryMeta> {
  if (store.records === undefined) return
  for await (const { meta: text } of store.records(key === undefined ? {} : { key })) {
    const meta = readMeta(text)
    if (meta !== undefined) yield meta
  }
}

/** The caller's entry that differs least from a call; `undefined` if none was stored with `explain`. */
export async function nearestIn(store: CacheStore, asking: Asking, key: string): Promise<NearestEntry | undefined> {
  const caller = digestsOf(asking).get(CREDENTIAL)
  let nearest: NearestEntry | undefined
  let least = Infinity
  const distanceOf = createDistance(asking)
  for await (const meta of metasOf(store)) {
    const other = meta.asked && openAsked(meta.asked)
    if (other === undefined || meta.key === key || digestsOf(other).get(CREDENTIAL) !== caller) continue
    const distance = distanceOf(other, least)
    if (distance >= least) continue
    least = distance
    nearest = { key: meta.key, differs: differencesOf(asking, other) }
  }
  return nearest
}
