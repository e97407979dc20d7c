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

/** Bounds of one cache's rewriter. Bytes. */
export interface RewriterOptions {
  /** Of one answer, decoded. */
  readonly maxEntrySize: number
  /** Of the memory tier; an eighth of it, and 32 MiB at most, holds templates of what is hit. */
  readonly maxSize: number
}

/** A hit that is told anew. */
export interface ToldAnew {
  /** What is replayed, but for what {@link ToldAnew.patch} writes over. */
  readonly entry: Entry
  /** Whether the head is this hit's alone. */
  readonly isHeadFresh: boolean
  /** Writes ids and times over a part of the body that begins at byte `from`. */
  patch(part: Uint8Array, from: number): void
}

/** What is known of an entry: its bytes with no content coding, and where what may be told anew stands in them. */
interface Known {
  readonly entry: Entry
  readonly marks: Marks
}

/** An entry as one way to tell it anew makes it. */
interface Prepared {
  readonly known: Known
  readonly how: Rewrite
  readonly similarity: string
  readonly template: Template
  readonly entry: Entry
  /** The id in the answer's head, if it is told anew. */
  readonly generation: string | undefined
}

const SHARE = 8
const MAX_TEMPLATES = 32 * 1024 * 1024
/** OpenRouter names an answer in its head, too. */
const GENERATION_ID = 'x-generation-id'

/**
 * Tells the hits of one cache anew. Where what is to be told stands is found once in an entry and kept as long as that is:
 * 12 bytes a mark, two or three marks an event, which `maxSize` does not count. A hit then copies a template and writes over
 * it, which costs little more than the copy that every hit is.
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

  /** Looks for what there is to tell anew, so that no hit has to: 6 µs an event, 20 until the code is hot. */
  prepare(entry: Entry, format: string): void {
    this.#find(entry, format)
  }

  /**
   * The entry as a hit tells it, decoded; `undefined` where there is nothing to tell anew. `similarity` is a number as text.
   *
   * @throws where the stored bytes do not decode
   */
  rewrite(entry: Entry, format: string, how: Rewrite, similarity: string): ToldAnew | undefined {
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

  /** By what stands at a place. */
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

/** A template keeps the bytes that it was made from. */
function sizeOf({ known, template }: Prepared): number {
  return (
    known.entry.body.length + template.body.length + template.ends.byteLength + template.places.byteLength + OVERHEAD
  )
}

// As the memory tier counts an entry's.
const OVERHEAD = 1024

/** The size stands where it stood. */
function forBody(headers: readonly string[], size: number): readonly string[] {
  const kept = withoutFields(headers, (name) => name !== 'content-length' && isOfBytes(name))
  return withHeader(kept, 'content-length', String(size))
}

function withHeader(headers: readonly string[], lowerName: string, value: string): readonly string[] {
  return headers.map((text, at) => (at % 2 === 1 && headers[at - 1]?.toLowerCase() === lowerName ? value : text))
}
