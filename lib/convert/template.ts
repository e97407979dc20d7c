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

/** A body as hits are told it, but for ids and times: those have their places and their lengths, and are written over. */
export interface Template {
  readonly body: Buffer
  readonly ends: Uint32Array
  /** As {@link Marks.places}: of ids and times alone. */
  readonly places: Uint32Array
  /** By the id's place in {@link Marks.ids}. */
  readonly kinds: readonly IdKind[]
  /** Of the times that there are. */
  readonly units: readonly TimeUnit[]
}

const UNITS: readonly TimeUnit[] = [SECONDS, MILLISECONDS, ISO_TIME]

/**
 * Tells a body anew as far as that is the same for every hit.
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

/** What stands at a mark from now on, by what stood there; nothing where that stays. */
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

/** Puts values in the place of what stands at the marks; chunks end where they ended. */
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
    // A chunk that ended inside of what was ends behind what is.
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
