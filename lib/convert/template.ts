import type { Rewrite } from '../controls/rewrite.ts'
import type { Entry } from '../stores/entry.ts'
import { FreshValues, type IdKind, kindOf, type TimeUnit } from './fresh-values.ts'
import {
  CACHED,
  END,
  END_OF_EMPTY,
  FIRST_ID,
  ISO_TIME,
  type Marks,
  MILLISECONDS,
  SECONDS,
  SIMILARITY,
  USAGE,
} from './marks.ts'

/**
 * A body in which everything that all hits share is rewritten. Ids and times are placeholders of the right length,
 * which each hit overwrites.
 */
export interface Template {
  readonly body: Buffer
  readonly ends: Uint32Array
  /** Like {@link Marks.places}, for ids and times only. */
  readonly places: Uint32Array
  /** Kinds of the ids, by their index in {@link Marks.ids}. */
  readonly kinds: readonly IdKind[]
  /** Units of the times in the body. */
  readonly units: readonly TimeUnit[]
}

const UNITS: readonly TimeUnit[] = [SECONDS, MILLISECONDS, ISO_TIME]

/**
 * Rewrites what all hits share.
 *
 * @param similarity a number as text
 */
export function createTemplate({ body, ends }: Entry, marks: Marks, how: Rewrite, similarity: string): Template {
  const kinds = how.id === true ? (marks.ids ?? []).map(kindOf) : []
  const values = valuesOf(how, kinds, similarity).map((text) => (text === undefined ? undefined : Buffer.from(text)))
  const source = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const spliced = splice(source, ends, marks.places, values)
  const present = new Set(spliced.places.filter((_, at) => at % 3 === 0))
  return { ...spliced, kinds, units: UNITS.filter((unit) => present.has(unit)) }
}

/** The new value for each kind of mark; `undefined` keeps the old one. */
function valuesOf(
  { created, usage, cached }: Rewrite,
  kinds: readonly IdKind[],
  similarity: string,
): (string | undefined)[] {
  const fresh = new FreshValues()
  const now = Date.now()
  const said = `"cached":true,"similarity":${similarity}`
  const values = Array.from<string | undefined>({ length: FIRST_ID })
  if (usage === 'zero') values[USAGE] = '0'
  if (created === true) for (const unit of UNITS) values[unit] = fresh.time(unit, now)
  if (cached === true) {
    Object.assign(values, { [CACHED]: 'true', [SIMILARITY]: similarity, [END_OF_EMPTY]: said, [END]: `,${said}` })
  }
  return [...values, ...kinds.map((kind) => JSON.stringify(fresh.id(kind, now)))]
}

/** Replaces the values at the marks, and moves the ends of chunks accordingly. */
function splice(
  source: Buffer,
  ends: Uint32Array,
  places: Uint32Array,
  values: readonly (Buffer | undefined)[],
): Pick<Template, 'body' | 'ends' | 'places'> {
  const target = Buffer.allocUnsafeSlow(source.length + growthOf(places, values))
  const moved = ends.slice()
  const perHit: number[] = []
  let read = 0
  let written = 0
  let chunk = 0
  const moveEnds = (to: number): void => {
    for (let end = ends[chunk]; end !== undefined && end <= to; end = ends[++chunk]) moved[chunk] = end + written - read
  }
  for (let at = 0; at < places.length; at += 3) {
    const what = places[at] ?? 0
    const value = values[what]
    const start = places[at + 1] ?? 0
    if (value === undefined) continue
    moveEnds(start)
    written += source.copy(target, written, read, start)
    if (what >= FIRST_ID || UNITS.some((unit) => unit === what)) perHit.push(what, written, written + value.length)
    written += value.copy(target, written)
    read = places[at + 2] ?? start
    // If a chunk ended inside the old value, it now ends after the new one.
    for (let end = ends[chunk]; end !== undefined && end < read; end = ends[++chunk]) moved[chunk] = written
  }
  moveEnds(Infinity)
  source.copy(target, written, read)
  return { body: target, ends: moved, places: Uint32Array.from(perHit) }
}

function growthOf(places: Uint32Array, values: readonly (Buffer | undefined)[]): number {
  let growth = 0
  for (let at = 0; at < places.length; at += 3) {
    const value = values[places[at] ?? 0]
    if (value !== undefined) growth += value.length - ((places[at + 2] ?? 0) - (places[at + 1] ?? 0))
  }
  return growth
}
