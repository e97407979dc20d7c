import { LlmCacheError } from '../base/errors.ts'
import { isObject } from '../base/json.ts'
import type { CassetteEntry, EntryName } from './entry.ts'

/** Version of the file format. Goes up when older versions of this package can't read the file. */
const FORMAT = 1

/** The first line of a cassette. */
export interface CassetteHeader {
  /** Version of the file format. */
  readonly cassette: number
  /** When its first answer was recorded, ISO 8601. */
  readonly recordedAt: string
  /** Version of this package that wrote it. */
  readonly by: string
}

/** The header of a new cassette. */
export function newHeader(recordedAt: string, version: string): CassetteHeader {
  return { cassette: FORMAT, recordedAt, by: `undici-llm-cache ${version}` }
}

/** The lines of a cassette. Each is parsed when it is needed. */
export interface CassetteText {
  /** `undefined` for an empty file. */
  readonly header: CassetteHeader | undefined
  readonly lines: readonly EntryLine[]
}

/**
 * One line of a cassette. The members that identify its entry are read at once, the rest at first use: opening a file
 * of 1,000 entries takes a tenth of the time of parsing it all.
 */
export class EntryLine implements EntryName {
  readonly method: string
  readonly url: string
  readonly key: string
  readonly ordinal: number
  /** The line as in the file, without its line feed. */
  readonly text: string
  readonly #place: string

  constructor(text: string, place: string) {
    this.text = text
    this.#place = place
    const { method, url, key, ordinal } = readName(text) ?? parseEntry(text, place)
    this.method = method
    this.url = url
    this.key = key
    this.ordinal = ordinal
  }

  /** A line for a new entry. */
  static of(entry: CassetteEntry): EntryLine {
    return new EntryLine(writeEntry(entry), 'a new entry')
  }

  /**
   * The whole entry, a new object each time, which the reader may change.
   *
   * @throws LlmCacheError `ERR_LLM_CACHE_CASSETTE` naming file and line, if it is not an entry.
   */
  read(): CassetteEntry {
    return parseEntry(this.text, this.#place)
  }
}

const NAME = /^\{"method":"([A-Z]+)","url":("(?:[^"\\]|\\.)*"),"key":"([0-9a-f]*)","ordinal":(\d+),/

/** The members that each line starts with. */
function readName(text: string): EntryName | undefined {
  const found = NAME.exec(text)
  if (found === null) return undefined
  const [, method = '', url = '""', key = '', ordinal] = found
  return { method, url: JSON.parse(url), key, ordinal: Number(ordinal) }
}

/**
 * Splits a cassette's text into lines.
 *
 * @param path names the file in errors.
 * @throws LlmCacheError `ERR_LLM_CACHE_CASSETTE` naming file and line: an unreadable line is never skipped.
 */
export function readCassetteText(text: string, path: string): CassetteText {
  // Editors on Windows may have added a byte order mark.
  const [first = '', ...rest] = text.replace(/^\uFEFF/, '').split('\n')
  if (first.trim() === '' && rest.every((line) => line.trim() === '')) return { header: undefined, lines: [] }
  const header = readHeader(first, path)
  const lines: EntryLine[] = []
  for (const [index, line] of rest.entries()) {
    // A checkout on Windows may have added CRs.
    const clean = line.endsWith('\r') ? line.slice(0, -1) : line
    if (clean !== '') lines.push(new EntryLine(clean, `${path}:${index + 2}`))
  }
  return { header, lines }
}

function readHeader(line: string, path: string): CassetteHeader {
  const value = parse(line)
  if (!isObject(value) || typeof value.cassette !== 'number') {
    throw broken(`${path}:1 is no cassette header (or a merge conflict, or another kind of file)`)
  }
  if (value.cassette > FORMAT) {
    throw broken(`${path} was written by a newer version (format ${value.cassette}, this one reads ${FORMAT})`)
  }
  return { cassette: value.cassette, recordedAt: String(value.recordedAt), by: String(value.by) }
}

function parseEntry(line: string, place: string): CassetteEntry {
  const value = parse(line)
  if (!isEntry(value)) throw broken(`${place} is no entry of a cassette (or a merge conflict)`)
  return value
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function isEntry(value: unknown): value is CassetteEntry {
  if (!isObject(value) || !isObject(value.request) || !isObject(value.response)) return false
  if (!isObject(value.request.headers) || !isObject(value.response.headers)) return false
  const texts = [value.method, value.url, value.key, value.recordedAt]
  const numbers = [value.ordinal, value.response.status]
  return texts.every((text) => typeof text === 'string') && numbers.every(Number.isInteger)
}

function broken(message: string): LlmCacheError {
  return new LlmCacheError('ERR_LLM_CACHE_CASSETTE', message)
}

/** The line of an entry. The order of members is fixed, so that a diff shows only changes. */
export function writeEntry({ method, url, key, ordinal, recordedAt, request, response }: CassetteEntry): string {
  return JSON.stringify({ method, url, key, ordinal, recordedAt, request, response })
}

/** A cassette's text: the header, then the entries, sorted by method, URL, key and ordinal. */
export function writeCassetteText(header: CassetteHeader, lines: readonly EntryLine[]): string {
  return [JSON.stringify(header), ...lines.toSorted(byName).map(({ text }) => text), ''].join('\n')
}

/** Compares two entries, for the order of a cassette's lines. */
export function byName(left: EntryName, right: EntryName): number {
  return (
    compare(left.method, right.method) ||
    compare(left.url, right.url) ||
    compare(left.key, right.key) ||
    left.ordinal - right.ordinal
  )
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
