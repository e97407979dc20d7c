import type { Classifier } from './header-kind.ts'

/** A header's lower-case name and its value. */
export type HeaderPair = readonly [name: string, value: string]

/** The result of reading a call's headers. Contains credentials: never log or store it. */
export interface RequestHeaders {
  /** The value of a header by lower-case name (repeated ones joined by `, `), or `undefined`. */
  get(lowerName: string): string | undefined
  /** Headers that identify the caller, unchanged. */
  readonly credentials: readonly HeaderPair[]
  /** Headers that may influence the answer, sorted by name. For `content-type`, only the media type. */
  readonly semantic: readonly HeaderPair[]
  /** Headers that control the cache, in order, including repeated ones. If there are none, one shared empty array. */
  readonly controls: readonly HeaderPair[]
  /** How often the SDK has already tried this call: `x-stainless-retry-count`, 0 if absent. */
  readonly retryCount: number
}

const NONE: readonly HeaderPair[] = Object.freeze([])

/**
 * Reads headers in every shape that undici accepts: nothing, an object (values may be arrays), a flat array, a Map, a
 * Headers or any iterable of pairs; names in any case. An iterator is consumed by this: see {@link reusableHeaders}.
 */
export function readHeaders(headers: unknown, classify: Classifier): RequestHeaders {
  const reader = new HeaderReader(classify)
  forEachHeader(headers, reader)
  return reader.done()
}

/** Called for each header. An object, since calling a new function for each call would be slow. */
interface Visitor {
  add(name: string, value: string): void
}

class HeaderReader implements RequestHeaders, Visitor {
  readonly #classify: Classifier
  /** Name, value, name, value … */
  readonly #all: string[] = []
  credentials: readonly HeaderPair[] = NONE
  semantic: readonly HeaderPair[] = NONE
  controls: readonly HeaderPair[] = NONE
  retryCount = 0

  constructor(classify: Classifier) {
    this.#classify = classify
  }

  get(lowerName: string): string | undefined {
    let found: string | undefined
    for (let at = 0; at < this.#all.length; at += 2) {
      if (this.#all[at] !== lowerName) continue
      const value = this.#all[at + 1] ?? ''
      found = found === undefined ? value : `${found}, ${value}`
    }
    return found
  }

  add(name: string, value: string): void {
    const { lower, kind } = this.#classify(name)
    this.#all.push(lower, value)
    switch (kind) {
      case 'noise':
        return
      case 'credential':
        // Cookie jars send an empty cookie if they have none.
        if (value !== '') this.credentials = more(this.credentials, lower, value)
        return
      case 'semantic':
        this.semantic = more(this.semantic, lower, value)
        return
      case 'control':
        this.controls = more(this.controls, lower, value)
        return
      case 'content-type':
        this.semantic = more(this.semantic, lower, mediaType(value))
        return
      case 'content-encoding':
        if (value.toLowerCase() !== 'identity') this.semantic = more(this.semantic, lower, value)
        return
      case 'retry-count':
        this.retryCount = Number.parseInt(value, 10) || 0
        return
      default:
        kind satisfies never
    }
  }

  done(): RequestHeaders {
    if (this.semantic.length > 1) this.semantic = this.semantic.toSorted(byName)
    if (this.credentials.length > 1) this.credentials = this.credentials.toSorted(byName)
    return this
  }
}

function more(pairs: readonly HeaderPair[], name: string, value: string): readonly HeaderPair[] {
  return pairs.length === 0 ? [[name, value]] : [...pairs, [name, value]]
}

function byName([left]: HeaderPair, [right]: HeaderPair): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/**
 * The media type without a boundary, which is random, or JSON's charset, which is always UTF-8. Any other parameter may
 * change the meaning.
 */
function mediaType(value: string): string {
  const lower = value.toLowerCase()
  const end = lower.indexOf(';')
  if (end === -1) return lower.trim()
  const type = lower.slice(0, end).trim()
  if (type.startsWith('multipart/')) return type
  return /^;\s*charset="?utf-?8"?\s*$/.test(lower.slice(end)) ? type : lower
}

/** Calls `visitor` with each header. Values of a list are passed one by one, `undefined` not at all. */
function forEachHeader(headers: unknown, visitor: Visitor): void {
  if (typeof headers !== 'object' || headers === null) return
  if (isFlat(headers)) {
    for (let at = 0; at + 1 < headers.length; at += 2) visitValue(text(headers[at]), headers[at + 1], visitor)
  } else if (isIterable(headers)) {
    for (const pair of headers) if (Array.isArray(pair)) visitValue(text(pair[0]), pair[1], visitor)
  } else {
    // The values of an object may be anything. Object.entries would take 0.4 µs for 15 headers.
    const members = headers as Readonly<Record<string, unknown>>
    for (const name of Object.keys(members)) visitValue(name, members[name], visitor)
  }
}

function visitValue(name: string, value: unknown, visitor: Visitor): void {
  if (typeof value === 'string') visitor.add(name, value)
  else if (Array.isArray(value)) for (const item of value) visitor.add(name, text(item))
  else if (value !== undefined && value !== null) visitor.add(name, text(value))
}

/** Raw headers are bytes of Latin-1 (RFC 9110 section 5.5). */
function text(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)
}

/** A flat array: name, value, name, value …, not an array of pairs. */
function isFlat(headers: object): headers is unknown[] {
  return Array.isArray(headers) && !Array.isArray(headers[0])
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value && typeof value[Symbol.iterator] === 'function'
}

/**
 * The headers themselves; an iterator, which can be read only once, becomes a flat array. Call this before {@link
 * readHeaders} if the headers are sent on afterwards.
 */
export function reusableHeaders(headers: unknown): unknown {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers) || !isIterable(headers)) return headers
  const iterator: unknown = headers[Symbol.iterator]()
  return iterator === headers ? withoutHeaders(headers, () => false) : headers
}

/**
 * The headers without those for whose lower-case name `drop` returns `true`, in a shape that undici accepts: a plain
 * object stays one, any other shape becomes a flat array, nothing stays nothing. The case of names is kept.
 */
export function withoutHeaders(headers: unknown, drop: (lowerName: string) => boolean): unknown {
  if (typeof headers !== 'object' || headers === null) return headers
  if (!Array.isArray(headers) && !isIterable(headers)) {
    return Object.fromEntries(Object.entries(headers).filter(([name]) => !drop(name.toLowerCase())))
  }
  const flat: string[] = []
  forEachHeader(headers, {
    add(name, value) {
      if (!drop(name.toLowerCase())) flat.push(name, value)
    },
  })
  return flat
}
