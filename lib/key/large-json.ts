import { setImmediate as turn } from 'node:timers/promises'
import { type MutableJson, type MutableObject, isObject } from '../base/json.ts'
import { bufferOf } from '../base/bytes.ts'
import { SLICE } from './sliced-hash.ts'

/** An outline of a large JSON object, sufficient for the facts of a call. */
export interface LargeJson {
  /**
   * The body, except that long strings are empty, and anything below 16 levels or after 10,000 items of an array is
   * left out.
   */
  readonly body: MutableObject
  /**
   * Positions of the top-level `cache` members: byte offsets of the quote before the name, and of the end of the value.
   */
  readonly cacheMembers: readonly (readonly [start: number, end: number])[]
}

/** Members that matter are shorter, less deep, and earlier in an array. */
const LONG_STRING = 4096
const MAX_DEPTH = 16
const MAX_ITEMS = 10_000

/**
 * Reads a large JSON object in slices, with a turn of the event loop between them: `JSON.parse` of 10 MB would block
 * the loop for up to 100 ms. `undefined` for anything but a JSON object. Accepts some invalid JSON as well: the result
 * decides about bypasses, never about a key.
 */
export async function readLargeJson(bytes: Uint8Array): Promise<LargeJson | undefined> {
  const reader = new LargeJsonReader(bytes)
  try {
    while (!reader.read(SLICE)) await turn()
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
  return reader.result()
}

interface Level {
  readonly items: MutableJson[] | undefined
  /** Pairs, since `Object.fromEntries` makes a member even of one called `__proto__`. */
  readonly members: [string, MutableJson][]
  name: string | undefined
}

class LargeJsonReader {
  readonly #bytes: Buffer
  readonly #cacheMembers: [number, number][] = []
  readonly #levels: Level[] = []
  #at = 0
  /** Number of levels below the deepest one that is kept. */
  #below = 0
  /** Start of the string or scalar that is being read, possibly over several slices; -1 for none. */
  #token = -1
  #nameStart = 0
  #root: MutableJson | undefined

  constructor(bytes: Uint8Array) {
    this.#bytes = bufferOf(bytes)
  }

  /** Reads on for about `budget` bytes; `true` at the end. */
  read(budget: number): boolean {
    const end = Math.min(this.#at + budget, this.#bytes.length)
    while (this.#at < end) {
      if (this.#token === -1) this.#step(this.#bytes[this.#at] ?? 0)
      else if (this.#bytes[this.#token] === 0x22) this.#string(end)
      else this.#scalar(end)
    }
    return this.#at >= this.#bytes.length
  }

  result(): LargeJson | undefined {
    if (this.#levels.length > 0 || this.#token !== -1 || !isObject(this.#root)) return undefined
    return { body: this.#root, cacheMembers: this.#cacheMembers }
  }

  #step(byte: number): void {
    switch (byte) {
      case 0x7b: // {
      case 0x5b: // [
        if (this.#below > 0 || this.#levels.length >= MAX_DEPTH || isFull(this.#levels.at(-1))) this.#below++
        else this.#levels.push({ items: byte === 0x5b ? [] : undefined, members: [], name: undefined })
        break
      case 0x7d: // }
      case 0x5d: // ]
        this.#at++
        return this.#close()
      case 0x20:
      case 0x09:
      case 0x0a:
      case 0x0d:
      case 0x2c: // ,
      case 0x3a: // :
        break
      default:
        this.#token = this.#at
    }
    this.#at++
  }

  #close(): void {
    if (this.#below > 0) {
      if (--this.#below === 0) this.#add(null)
      return
    }
    const level = this.#levels.pop()
    if (level === undefined || level.name !== undefined) throw new SyntaxError('unbalanced')
    this.#add(level.items ?? Object.fromEntries(level.members))
  }

  #string(end: number): void {
    while (this.#at < end) {
      const byte = this.#bytes[this.#at]
      if (byte === 0x22) {
        this.#at++
        return this.#endToken(this.#at - this.#token > LONG_STRING ? '' : undefined)
      }
      this.#at += byte === 0x5c ? 2 : 1
    }
  }

  #scalar(end: number): void {
    while (this.#at < end && !isDelimiter(this.#bytes[this.#at] ?? 0)) this.#at++
    if (this.#at < end || end === this.#bytes.length) this.#endToken(undefined)
  }

  #endToken(placeholder: string | undefined): void {
    const start = this.#token
    this.#token = -1
    if (this.#below > 0) return
    const level = this.#levels.at(-1)
    if (isFull(level)) return
    const isName = level !== undefined && level.items === undefined && level.name === undefined
    // JSON.parse is untyped; for a string or scalar it returns this
    const value = placeholder ?? (JSON.parse(this.#bytes.toString('utf8', start, this.#at)) as MutableJson)
    if (!isName) return this.#add(value)
    if (typeof value !== 'string') throw new SyntaxError('a name that is no string')
    level.name = value
    this.#nameStart = this.#levels.length === 1 ? start : this.#nameStart
  }

  #add(value: MutableJson): void {
    const level = this.#levels.at(-1)
    if (level === undefined) {
      if (this.#root !== undefined) throw new SyntaxError('more than one value')
      this.#root = value
    } else if (level.items !== undefined) {
      if (!isFull(level)) level.items.push(value)
    } else {
      if (level.name === undefined) throw new SyntaxError('a value without a name')
      level.members.push([level.name, value])
      if (this.#levels.length === 1 && level.name === 'cache') this.#cacheMembers.push([this.#nameStart, this.#at])
      level.name = undefined
    }
  }
}

function isFull(level: Level | undefined): boolean {
  return level?.items !== undefined && level.items.length >= MAX_ITEMS
}

function isDelimiter(byte: number): boolean {
  return byte === 0x2c || byte === 0x5d || byte === 0x7d || byte === 0x3a || byte <= 0x20 || byte === 0x22
}

/** The bytes of a body without the members in {@link LargeJson.cacheMembers}, and without their commas. */
export function cutMembers(bytes: Uint8Array, members: LargeJson['cacheMembers']): Uint8Array {
  const body = bufferOf(bytes)
  const cuts: Cut[] = []
  for (const [start, end] of members.toReversed()) {
    const before = skipSpace(body, start - 1, -1)
    cuts.push(body[before] === COMMA ? [before, end] : [start, endOfFirst(body, end, cuts)])
  }
  // Concatenated once: copying the body for each of thousands of members would block the event loop for minutes.
  const kept: Buffer[] = []
  let from = 0
  for (const [start, end] of cuts.toReversed()) {
    kept.push(body.subarray(from, start))
    from = end
  }
  kept.push(body.subarray(from))
  return Buffer.concat(kept)
}

/** Bytes to leave out: from the first offset up to the second. */
type Cut = readonly [start: number, end: number]

const COMMA = 0x2c

/**
 * Where the cut of a first member ends. It has no comma before it, so the comma after it is removed; if the next
 * members are cut too (`cuts`, the last one first), the comma after those.
 */
function endOfFirst(body: Buffer, end: number, cuts: Cut[]): number {
  let cutEnd = end
  let after = skipSpace(body, cutEnd, 1)
  for (let next = cuts.at(-1); next?.[0] === after; next = cuts.at(-1)) {
    cuts.pop()
    cutEnd = next[1]
    after = skipSpace(body, cutEnd, 1)
  }
  return body[after] === COMMA ? after + 1 : cutEnd
}

function skipSpace(bytes: Uint8Array, from: number, step: 1 | -1): number {
  let at = from
  while ((bytes[at] ?? 0x21) <= 0x20) at += step
  return at
}
