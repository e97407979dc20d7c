import { readMeta, type StoredRecord } from '../../lib/stores/codec.ts'
import { type EntryInfo, infoOf } from '../../lib/stores/entry.ts'
import { type Filter, matches } from '../../lib/stores/filter.ts'
import { isNewer } from '../../lib/stores/freshness.ts'
import type { NewRecord, RecordStore } from '../../lib/stores/records.ts'

/** The smallest store of bytes: a Map whose records a spec may look at and damage. */
export class MapRecords implements RecordStore {
  readonly records: Map<string, StoredRecord> = new Map()

  read(key: string): StoredRecord | undefined {
    return this.records.get(key)
  }

  write({ meta, payload, info, isRestored = false }: NewRecord): void {
    const there = this.records.get(info.key)
    if (isRestored && isNewer(there && readMeta(there.meta), info)) return
    this.records.set(info.key, { meta, payload })
  }

  delete(key: string): boolean {
    return this.records.delete(key)
  }

  clear(filter: Filter): number {
    const keys = [...this.list(filter)].map(({ key }) => key)
    for (const key of keys) this.records.delete(key)
    return keys.length
  }

  *list(filter: Filter): Generator<EntryInfo> {
    for (const { meta } of this.records.values()) {
      const read = readMeta(meta)
      if (read !== undefined && matches(read, filter, Date.now())) yield infoOf(read, 0)
    }
  }

  close(): void {
    this.records.clear()
  }
}
