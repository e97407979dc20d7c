import { readContent, readMeta, type StoredRecord, writeContent, writeMeta } from './codec.ts'
import type { Entry } from './entry.ts'
import { finish, unwrap, wrap } from './envelope.ts'
import { type ImportRefusal, readRecordLine, writeRecordLine } from './record-lines.ts'
import type { Awaitable } from './store.ts'
import { type TextLine, type TextSource, textLines } from './text-lines.ts'

/** The result of an import. */
export interface ImportResult {
  /** Number of entries that are now in the cache. */
  readonly imported: number
  /**
   * Number of these that are only in memory: they were not sealed, and the store seals each entry under its caller's
   * credential. Each is stored when a call with a credential uses it. Missing if there are none.
   */
  readonly unsealed?: number
  /** Lines that were skipped, by number from 1 on. */
  readonly skipped: readonly { readonly line: number; readonly reason: ImportRefusal }[]
}

/** Stores a record; returns the reason if it can't, and `'unsealed'` if only memory has it. */
type Keep = (record: StoredRecord) => Awaitable<ImportRefusal | 'unsealed' | undefined>

/** Concurrent writes of an import. */
const AT_ONCE = 64

/** An entry as an unencrypted record, with a checksum. */
export function clearRecord(entry: Entry): StoredRecord {
  const meta = writeMeta(entry)
  return { meta, payload: finish(wrap(writeContent(entry), meta, 'clear', undefined)) }
}

/** The entry of an unencrypted record. */
export function entryOfClear({ meta: text, payload }: StoredRecord): Entry | 'damaged' | 'sealed' {
  const meta = readMeta(text)
  const opened = unwrap(payload, text, 'clear', [])
  if (opened.is === 'locked') return 'sealed'
  const entry = meta && opened.is === 'open' ? readContent(meta, opened.content) : undefined
  return entry ?? 'damaged'
}

/** Records as JSON Lines, each with its end. */
export async function* exportLines(records: AsyncIterable<StoredRecord>): AsyncGenerator<string> {
  for await (const record of records) yield writeRecordLine(record)
}

/**
 * Reads JSON Lines from an export. `keep` is called for several records at once; only these, and one line of
 * `maxLength` UTF-16 units, are kept in memory.
 */
export async function importLines(source: TextSource, maxLength: number, keep: Keep): Promise<ImportResult> {
  let [imported, unsealed] = [0, 0]
  const skipped: { line: number; reason: ImportRefusal }[] = []
  const pending = new Set<Promise<void>>()
  const take = async ({ number, text }: TextLine): Promise<void> => {
    const reason = await keepLine(text, keep)
    if (reason === undefined || reason === 'unsealed') imported++
    if (reason === 'unsealed') unsealed++
    else if (reason !== undefined) skipped.push({ line: number, reason })
  }
  for await (const line of textLines(source, maxLength)) {
    const taken = take(line).finally(() => pending.delete(taken))
    pending.add(taken)
    if (pending.size >= AT_ONCE) await Promise.race(pending)
  }
  await Promise.all(pending)
  const result = { imported, skipped: skipped.toSorted((left, right) => left.line - right.line) }
  return unsealed === 0 ? result : { ...result, unsealed }
}

function keepLine(text: string | undefined, keep: Keep): ReturnType<Keep> {
  const record = text === undefined ? 'too-large' : readRecordLine(text)
  if (typeof record === 'string') return record
  return (readMeta(record.meta)?.keptUntil ?? 0) <= Date.now() ? 'expired' : keep(record)
}
