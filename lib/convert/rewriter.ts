import { LRUCache } from 'lru-cache'
import type { Rewrite } from '../controls/rewrite.ts'
import { plain } from '../replay/negotiate.ts'
import type { Entry } from '../stores/entry.ts'
import { headerOf, withHeaders, withoutFields } from '../undici/head.ts'
import { isOfBytes } from './fields-of-bytes.ts'
import { FreshValues, kindOf } from './fresh-values.ts'
import { findMarks, FIRST_ID, type Marks } from './marks.ts'
import { REWRITE_FIELDS } from './rewrite-fields.ts'
import { createTemplate, type Template } from './template.ts'
import { writeOver } from './write-over.ts'

/** Bounds of one cache's rewriter, in bytes. */
export interface RewriterOptions {
  /** Largest decoded answer. */
  readonly maxEntrySize: number
  /** Size of the memory tier. Templates may take an eighth of it, and at most 32 MiB. */
  readonly maxSize: number
}

/** A rewritten hit. */
export interface RewrittenHit {
  /** The entry to replay. Call {@link RewrittenHit.patch} for each copied part of its body. */
  readonly entry: Entry
  /** Whether the head contains values of this hit only, so that it can't be reused. */
  readonly isHeadFresh: boolean
  /** Writes this hit's ids and times into a part of the body that starts at byte `from`. */
  patch(part: Uint8Array, from: number): void
}

/** A decoded entry, and the places that may be rewritten in it. */
interface Known {
  readonly entry: Entry
  readonly marks: Marks
}

/** An entry prepared for one set of rewrite options. */
interface Prepared {
  readonly known: Known
  readonly how: Rewrite
  readonly similarity: string
  readonly template: Template
  readonly entry: Entry
  /** The id in the answer's headers, if ids are rewritten. */
  readonly generation: string | undefined
}

const SHARE = 8
const MAX_TEMPLATES = 32 * 1024 * 1024
/** OpenRouter sends the answer's id in this header as well. */
const GENERATION_ID = 'x-generation-id'

/**
 * Rewrites the hits of one cache. The places that may be rewritten are found once for each entry and kept as long as it
 * is: 12 bytes a mark, two or three marks an event, not counted in `maxSize`. A hit copies a template and writes its
 * own ids and times into the copy, which costs little more than the copy that every hit needs.
 */
export class Rewriter {
  readonly #known = new WeakMap<Entry, Known | null>()
  readonly #prepared: LRUCache<string, Prepared>
  readonly #fresh = new FreshValues()
  readonly #maxEntrySize: number

  constructor({ maxEntrySize, maxSize }: RewriterOptions) {
    this.#maxEntrySize = maxEntrySize
    const bytes = Math.max(1, Math.min(Math.floor(maxSize / SHARE), MAX_TEMPLATES))
    this.#prepared = new LRUCache({ maxSize: bytes, sizeCalculation: sizeOf })
  }

  /**
   * Finds the places that may be rewritten, so that no hit has to. Takes 6 µs an event, 20 before the code is
   * optimised.
   */
  prepare(entry: Entry, format: string): void {
    this.#find(entry, format)
  }

  /**
   * The decoded, rewritten entry for a hit; `undefined` if nothing can be rewritten.
   *
   * @param similarity a number as text
   * @throws if the stored bytes can't be decoded
   */
  rewrite(entry: Entry, format: string, how: Rewrite, similarity: string): RewrittenHit | undefined {
    const known = this.#find(entry, format)
    if (known === null) return undefined
    const { template, entry: told, generation } = this.#prepare(known, how, similarity)
    const now = Date.now()
    const ids = template.kinds.map((kind) => this.#fresh.id(kind, now))
    const values = this.#valuesOf(template, ids, now)
    const patch = (part: Uint8Array, from: number): void => writeOver(part, from, template.places, values)
    if (generation === undefined) return { entry: told, isHeadFresh: false, patch }
    const id = ids[known.marks.ids?.indexOf(generation) ?? -1] ?? this.#fresh.id(kindOf(generation), now)
    const entryOfHit = withHeaders(told, (headers) => withHeader(headers, GENERATION_ID, id))
    return { entry: entryOfHit, isHeadFresh: true, patch }
  }

  #find(entry: Entry, format: string): Known | null {
    let known = this.#known.get(entry)
    if (known === undefined) this.#known.set(entry, (known = this.#read(entry, format)))
    return known
  }

  #read(stored: Entry, format: string): Known | null {
    const fields = REWRITE_FIELDS.get(format)
    if (fields === undefined) return null
    const entry = plain(stored, this.#maxEntrySize)
    const marks = findMarks(entry.body, headerOf(entry.headers, 'content-type') ?? 'application/json', fields)
    return marks === undefined ? null : { entry, marks }
  }

  #prepare(known: Known, how: Rewrite, similarity: string): Prepared {
    const { entry, marks } = known
    const before = this.#prepared.get(entry.key)
    if (before?.known === known && isSame(before.how, how) && before.similarity === similarity) return before
    const template = createTemplate(entry, marks, how, similarity)
    const { body, ends } = template
    const head = withHeaders(entry, (headers) => forBody(headers, body.length))
    const told = { ...head, body, ends, size: body.length }
    const tellsIds = how.id === true && marks.ids !== undefined
    const generation = tellsIds ? headerOf(entry.headers, GENERATION_ID) : undefined
    const prepared = { known, how, similarity, template, entry: told, generation }
    this.#prepared.set(entry.key, prepared)
    return prepared
  }

  /** The values of one hit, by the kind of mark. */
  #valuesOf({ units }: Template, ids: readonly string[], now: number): readonly (Uint8Array | undefined)[] {
    const values = new Array<Uint8Array | undefined>(FIRST_ID)
    for (const unit of units) values[unit] = Buffer.from(this.#fresh.time(unit, now), 'latin1')
    for (const id of ids) values.push(Buffer.from(`"${id}"`, 'latin1'))
    return values
  }
}

function isSame(one: Rewrite, other: Rewrite): boolean {
  return (
    one === other ||
    (one.id === other.id && one.created === other.created && one.usage === other.usage && one.cached === other.cached)
  )
}

/** Size of a template and its source, in bytes. */
function sizeOf({ known, template }: Prepared): number {
  return (
    known.entry.body.length + template.body.length + template.ends.byteLength + template.places.byteLength + OVERHEAD
  )
}

/** Bytes added for each entry, as in the memory tier. */
const OVERHEAD = 1024

/** The headers for a decoded body of another size. */
function forBody(headers: readonly string[], size: number): readonly string[] {
  const kept = withoutFields(headers, (name) => name !== 'content-length' && isOfBytes(name))
  return withHeader(kept, 'content-length', String(size))
}

function withHeader(headers: readonly string[], lowerName: string, value: string): readonly string[] {
  return headers.map((text, at) => (at % 2 === 1 && headers[at - 1]?.toLowerCase() === lowerName ? value : text))
}
