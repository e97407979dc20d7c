import { pathToFileURL } from 'node:url'
import type { Filter } from '../filter.ts'
import { isRemoved, type Removal } from '../removal.ts'
import { readMeta } from '../codec.ts'
import type { EntryInfo } from '../entry.ts'
import type { StoredRecord } from '../codec.ts'
import type { QuestionRange } from '../question.ts'
import type { FoundQuestions } from '../records.ts'
import type { HourFigures } from '../figures.ts'
import { isReadOnlyPlace, openDatabase } from './database.ts'
import { readFigures } from './figures.ts'
import { conditionOf } from './filter-sql.ts'
import { isLeased } from './leases.ts'
import { inodeOf, OpenFile, type Row } from './open-file.ts'
import { isRejected, readQuestions } from './questions.ts'
import { infoOfRow, removalOf } from './rows.ts'
import { checkSchema, pragma } from './schema.ts'

/** Entries that a listing reads at once. */
const PAGE = 200

const READ = 'SELECT meta, bytes FROM entries JOIN payloads ON payloads.id = entries.id WHERE key = ?'

/** Entries of a listing. */
export interface Page {
  readonly entries: readonly EntryInfo[]
  /** Id to continue after; `undefined`: there are no more. */
  readonly last: number | undefined
}

/** An open file, and what is known of the removals in it. */
interface ReadFile {
  readonly file: OpenFile
  /** Removals whose entries still exist, though they count as gone. */
  active: readonly Removal[]
  /** Id of the last removal returned by `news`. */
  lastTold: number
  dataVersion: number
  /** Whether it was opened as immutable, which promises that nobody writes to it. */
  readonly isImmutable: boolean
}

/** Reads one file, in the main thread: never waits for a lock, and never writes. */
export class Reader {
  readonly #path: string
  #open: ReadFile | undefined
  /** Whether the file did not exist at first: then everything in it is news. */
  #wasMissing = false

  constructor(path: string) {
    this.#path = path
  }

  /** `undefined` also if there is no file yet. */
  read(key: string): StoredRecord | undefined {
    const open = this.#file()
    const row = open?.file.get(READ, key)
    if (open === undefined || row === undefined) return undefined
    const record = { meta: String(row['meta']), payload: bytesOf(row['bytes']) }
    return open.active.length > 0 && this.#isGone(open, record.meta) ? undefined : record
  }

  /** Whether a process has the lease of a key. */
  isLeased(key: string): boolean {
    const open = this.#file()
    return open !== undefined && open.file.has('leases') && isLeased(open.file, key, Date.now())
  }

  /** Some entries with an id above `after`. A statement that stays open would keep the WAL from being checkpointed. */
  page(filter: Filter, after: number): Page {
    const { sql, values } = conditionOf(filter, Date.now())
    const select = `SELECT id, meta, hits FROM entries WHERE id > ?${sql} ORDER BY id LIMIT ${PAGE}`
    const open = this.#file()
    const rows: Row[] = open?.file.all(select, after, ...values) ?? []
    const entries = rows.flatMap((row) => infoOfRow(row) ?? [])
    return {
      entries: entries.filter((info) => open?.active.some((removal) => isRemoved(info, removal)) !== true),
      last: rows.length < PAGE ? undefined : Number(rows.at(-1)?.['id']),
    }
  }

  /** A page of questions; a cursor is valid only for the file that it was made for. */
  questions(partition: string, { after, before }: QuestionRange): FoundQuestions {
    const open = this.#file()
    if (open === undefined || !open.file.has('questions')) return NO_QUESTIONS
    const { inode = 0 } = open.file
    const found = readQuestions(open.file, partition, idOf(after, inode) ?? 0, idOf(before, inode) ?? MAX_ID)
    const records =
      open.active.length === 0 ? found.records : found.records.filter(({ meta }) => !this.#isGone(open, meta))
    return { records, newest: cursorOf(found.newest, inode), next: cursorOf(found.next, inode) }
  }

  isRejected(pair: string): boolean {
    const open = this.#file()
    return open !== undefined && open.file.has('rejections') && isRejected(open.file, pair)
  }

  /** See {@link readFigures}. */
  figures(since: number): HourFigures[] {
    const open = this.#file()
    return open?.file.has('figures') === true ? readFigures(open.file, since) : []
  }

  /** The removals since the last call. */
  news(): Removal[] {
    if (this.#open !== undefined && this.#isReplaced(this.#open)) this.close()
    const open = this.#file()
    if (open === undefined) return []
    // Changes with every commit of another connection; reading it costs 2 µs.
    const dataVersion = pragma(open.file.db, 'data_version')
    if (dataVersion === open.dataVersion) return []
    open.dataVersion = dataVersion
    const rows = open.file.all('SELECT id, filter, at FROM removals WHERE id > ? ORDER BY id', open.lastTold)
    open.lastTold = Number(rows.at(-1)?.['id'] ?? open.lastTold)
    open.active = activeOf(open.file)
    return rows.map(removalOf)
  }

  /** Identifies the open file, to notice when another one replaces it. */
  get inode(): number | undefined {
    return this.#open?.file.inode ?? inodeOf(this.#path)
  }

  close(): void {
    this.#open?.file.close()
    this.#open = undefined
  }

  #isReplaced({ file, isImmutable }: ReadFile): boolean {
    return file.inode !== inodeOf(this.#path) || (isImmutable && inodeOf(`${this.#path}-wal`) !== undefined)
  }

  #isGone({ active }: ReadFile, text: string): boolean {
    const meta = readMeta(text)
    return meta === undefined || active.some((removal) => isRemoved(meta, removal))
  }

  #file(): ReadFile | undefined {
    this.#open ??= this.#openFile()
    if (this.#open === undefined) this.#wasMissing = true
    return this.#open
  }

  #openFile(): ReadFile | undefined {
    const inode = inodeOf(this.#path)
    if (inode === undefined) return undefined
    try {
      return this.#openAs(this.#path, inode)
    } catch (error) {
      if (!isReadOnlyPlace(error)) throw error
      // Only if nobody has started to write to it: changes would be missed.
      return inodeOf(`${this.#path}-wal`) === undefined ? this.#openAs(immutable(this.#path), inode) : undefined
    }
  }

  #openAs(path: string | URL, inode: number): ReadFile | undefined {
    const db = openDatabase(path, { readOnly: true, timeout: 0 })
    try {
      // Another process is just creating it. A file of an earlier version is migrated at the first write.
      if (checkSchema(db) === 'empty') return void db.close()
      // Enough to keep the index of a million entries in memory.
      db.exec('PRAGMA cache_size = -8192')
      const file = new OpenFile(db, inode)
      const last = file.get('SELECT max(id) AS id FROM removals')
      const lastTold = this.#wasMissing ? 0 : Number(last?.['id'] ?? 0)
      const dataVersion = this.#wasMissing ? -1 : pragma(db, 'data_version')
      return { file, active: activeOf(file), lastTold, dataVersion, isImmutable: path instanceof URL }
    } catch (error) {
      db.close()
      throw error
    }
  }
}

/** An empty page. */
export const NO_QUESTIONS: FoundQuestions = Object.freeze({ records: [], newest: undefined, next: undefined })
const MAX_ID = Number.MAX_SAFE_INTEGER

function cursorOf(id: number | undefined, inode: number): string | undefined {
  return id === undefined ? undefined : `${inode}-${id}`
}

/** The id of a cursor; `undefined` for one of a file that was replaced. */
function idOf(cursor: string | undefined, inode: number): number | undefined {
  const [of, id] = cursor?.split('-') ?? []
  return of === String(inode) ? Number(id) : undefined
}

/**
 * For a place where not even the `-shm` can be created, such as an image. https://www.sqlite.org/uri.html#uriimmutable
 */
function immutable(path: string): URL {
  const url = pathToFileURL(path)
  url.searchParams.set('immutable', '1')
  return url
}

function activeOf(file: OpenFile): Removal[] {
  return file.all('SELECT filter, at FROM removals WHERE is_done = 0').map(removalOf)
}

function bytesOf(value: Row[string] | undefined): Uint8Array<ArrayBuffer> {
  return value instanceof Uint8Array ? value : new Uint8Array()
}
