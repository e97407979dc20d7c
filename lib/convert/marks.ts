import { type JSONVisitor, visit } from 'jsonc-parser'
import type { RewriteFields } from './rewrite-fields.ts'

/** Kinds of marks: what is at a place in a body. */
export const USAGE = 0
export const SECONDS = 1
export const MILLISECONDS = 2
export const ISO_TIME = 3
/** Values of `cached` and `similarity`, in an answer that already has these members. */
export const CACHED = 4
export const SIMILARITY = 5
/** The end of an object without these members. An empty object needs no comma before them. */
export const END_OF_EMPTY = 6
export const END = 7
/** Kind of the first id. The others follow in the order of {@link Marks.ids}. */
export const FIRST_ID = 8

/** The places of ids, times and counts in a body. They are found once, so that a hit needs no parsing. */
export interface Marks {
  /** Three numbers for each mark, in body order: its kind, its first byte, the byte after its last. 12 bytes a mark. */
  readonly places: Uint32Array
  /** The ids in the body; `undefined` if ids must not change. */
  readonly ids: readonly string[] | undefined
}

/** Places are 32-bit numbers. No answer is larger. */
const MAX_SIZE = 2 ** 32 - 1

/**
 * Finds the places that may be rewritten in a decoded body of JSON, NDJSON or server-sent events. `undefined` if
 * nothing may be: for any other media type, and if an event's data is not JSON on one line.
 */
export function findMarks(body: Uint8Array, contentType: string, fields: RewriteFields): Marks | undefined {
  if (body.length > MAX_SIZE) return undefined
  // In Latin-1 each byte is one character, and JSON's structure is ASCII: an index in the text is an index in the body.
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1')
  const finder = new MarkFinder(fields)
  for (const { start, json } of valuesIn(text, contentType)) if (!finder.read(json, start)) return undefined
  return finder.marks()
}

interface Value {
  readonly start: number
  readonly json: string
}

function valuesIn(text: string, contentType: string): Iterable<Value> {
  if (/^text\/event-stream/i.test(contentType)) return linesOf(text, /^data: ?(?=[[{])(?!\[DONE\])/)
  if (/^application\/(x-)?(ndjson|jsonl)/i.test(contentType)) return linesOf(text, /^\s*(?=\{)/)
  return [{ start: 0, json: text }]
}

/** The rest of each line that starts with `beginning`. */
function* linesOf(text: string, beginning: RegExp): Generator<Value> {
  const line = /[^\r\n]+/g
  for (let found = line.exec(text); found !== null; found = line.exec(text)) {
    const before = beginning.exec(found[0])?.[0]
    if (before !== undefined) yield { start: found.index + before.length, json: found[0].slice(before.length) }
  }
}

/** Collects the marks of one body, value by value. */
class MarkFinder {
  readonly #fields: RewriteFields
  /** Top-level members that may contain a mark. */
  readonly #roots: ReadonlySet<string>
  readonly #places: number[] = []
  readonly #ids: string[] = []
  #isKept: boolean
  #start = 0
  #isBroken = false
  /** Names of the members that enclose the current value; arrays add none. */
  readonly #names: string[] = []
  #depth = 0
  #members = 0
  #isTold = false

  constructor(fields: RewriteFields) {
    this.#fields = fields
    const { id = [], idUnlessKept = [], created = [], usage = [] } = fields
    const paths = ['cached', 'similarity', ...id, ...idUnlessKept, ...created, ...usage]
    this.#roots = new Set(paths.map((path) => path.split('.', 1).join()))
    this.#isKept = fields.idUnlessKept !== undefined
  }

  /** Reads one JSON value that starts at byte `start`. Returns `false` if it is invalid. */
  read(json: string, start: number): boolean {
    this.#start = start
    try {
      visit(json, this.#visitor, { disallowComments: true })
    } catch {
      return false // nested deeper than the stack
    }
    return !this.#isBroken
  }

  marks(): Marks {
    if (!this.#isKept) return { places: Uint32Array.from(this.#places), ids: this.#ids }
    const isId = (at: number): boolean => (this.#places[at - (at % 3)] ?? 0) >= FIRST_ID
    return { places: Uint32Array.from(this.#places.filter((_, at) => !isId(at))), ids: undefined }
  }

  readonly #visitor: JSONVisitor = {
    onObjectBegin: () => {
      if (this.#depth++ === 0) {
        this.#members = 0
        this.#isTold = false
      }
    },
    onObjectProperty: (name) => {
      this.#names[this.#depth - 1] = name
      if (this.#depth === 1) this.#members++
    },
    onObjectEnd: (offset) => {
      this.#names.length = --this.#depth
      if (this.#depth === 0 && !this.#isTold) this.#mark(this.#members === 0 ? END_OF_EMPTY : END, offset, 0)
    },
    onLiteralValue: (value, offset, length) => this.#readLiteral(value, offset, length),
    onError: () => void (this.#isBroken = true),
  }

  #readLiteral(value: unknown, offset: number, length: number): void {
    // Most values are in no such member. Without this line the search takes twice as long.
    if (!this.#roots.has(this.#names[0] ?? '')) return
    const path = this.#names.join('.')
    const { id, idUnlessKept, created, usage } = this.#fields
    if (path === 'cached' || path === 'similarity') {
      this.#isTold = true
      this.#mark(path === 'cached' ? CACHED : SIMILARITY, offset, length)
    } else if (typeof value === 'string' && value !== '' && id?.includes(path))
      this.#mark(this.#idOf(value), offset, length)
    else if (value === false && idUnlessKept?.includes(path)) this.#isKept = false
    else if (created?.includes(path)) this.#markTime(value, offset, length)
    else if (typeof value === 'number' && value !== 0 && usage?.some((one) => isIn(path, one)))
      this.#mark(USAGE, offset, length)
  }

  #markTime(value: unknown, offset: number, length: number): void {
    if (typeof value === 'string' && value !== '') this.#mark(ISO_TIME, offset, length)
    if (typeof value === 'number' && value > 0) this.#mark(value > 1e11 ? MILLISECONDS : SECONDS, offset, length)
  }

  #idOf(id: string): number {
    const known = this.#ids.indexOf(id)
    return FIRST_ID + (known === -1 ? this.#ids.push(id) - 1 : known)
  }

  #mark(what: number, offset: number, length: number): void {
    const start = this.#start + offset
    this.#places.push(what, start, start + length)
  }
}

function isIn(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}.`)
}
