import { readContent, readMeta, type StoredRecord, writeContent, writeMeta } from './codec.ts'
import type { Entry } from './entry.ts'
import { finish, unwrap, wrap } from './envelope.ts'
import { type ImportRefusal, readRecordLine, writeRecordLine } from './record-lines.ts'
import type { Awaitable } from './store.ts'
import { type TextLine, type TextSource, textLines } from './text-lines.ts'

/** The result of an import. */
export interface ImportResult {
  /** Entries that are in the cache now. */
  readonly imported: number
  /** Lines that were left out, by number from 1 on. */
  readonly skipped: readonly { readonly line: number; readonly reason: ImportRefusal }[]
}

/** Writes that an import waits for at once. */
const AT_ONCE = 64

/** An entry as a record in clear, with a checksum. */
export function clearRecord(entry: Entry): StoredRecord {
  const meta = writeMeta(entry)
  return { meta, payload: finish(wrap(writeContent(entry), meta, 'clear', undefined)) }
}

/** The entry of a record in clear. */
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
 * Reads JSON Lines that an export has written. `keep` keeps a record, or resolves to the reason why not. It is called
 * for several records at once; no more than these, and one line of `maxLength` UTF-16 units, are held in memory.
 */
export async function importLines(
  source: TextSource,
  maxLength: number,
  keep: (record: StoredRecord) => Awaitable<ImportRefusal | undefined>,
): Promise<ImportResult> {
  let imported = 0
  const skipped: { line: number; reason: ImportRefusal }[] = []
  const pending = new Set<Promise<void>>()
  const take = async ({ number, text }: TextLine): Promise<void> => {
    const reason = await keepLine(text, keep)
    if (reason === undefined) imported++
    else skipped.push({ line: number, reason })
  }
  for await (const line of textLines(source, maxLength)) {
    const taken = take(line).finally(() => pending.delete(taken))
    pending.add(taken)
    if (pending.size >= AT_ONCE) await Promise.race(pending)
  }
  await Promise.all(pending)
  return { imported, skipped: skipped.toSorted((left, right) => left.line - right.line) }
}

function keepLine(
  text: string | undefined,
  keep: (record: StoredRecord) => Awaitable<ImportRefusal | undefined>,
): Awaitable<ImportRefusal | undefined> {
  const record = text === undefined ? 'too-large' : readRecordLine(text)
  if (typeof record === 'string') return record
  return (readMeta(record.meta)?.keptUntil ?? 0) <= Date.now() ? 'expired' : keep(record)
}
